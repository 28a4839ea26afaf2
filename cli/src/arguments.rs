//! What can be said on the command line: the options of every command, and the commands' names.
//!
//! Each command's own arguments are where the command is, in `commands/`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use solana_address::Address;

use crate::commands::{
    admin::AdminCommand, change::ChangeCommand, emission::EmissionCommand, epoch::EpochCommand,
    guardian::GuardianCommand, init::InitArguments, link::LinkArguments, oracle::OracleCommand,
    page::PageCommand, statement::AssessArguments, statement::QualifyArguments,
    statement::WithdrawArguments, windows::WindowsCommand,
};
use crate::explain::ExplainArguments;
use crate::settings::Commitment;
use crate::transaction::AuthorityOptions;

const ABOUT_LONG: &str = "\
SystemToken: rewards for contribution, on Solana.

Cluster, keypair and commitment are taken from the options, else from the environment (STK_…), else
from the configuration file of the Solana command line, else from its defaults. A community is known
by its mint. Results go to standard output, all else to standard error.

Exit codes: 0 done, 1 failed, 2 a command line that cannot be understood.";

/// SystemToken: rewards for contribution, on Solana.
#[derive(Debug, Parser)]
#[command(name = "stk", version, about, long_about = ABOUT_LONG, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct GlobalOptions {
    /// The community's mint.
    #[arg(short, long, global = true, env = "STK_MINT", value_name = "ADDRESS")]
    pub(crate) mint: Option<Address>,
    /// The cluster: a URL, or one of m (mainnet-beta), d (devnet), t (testnet), l (localhost).
    #[arg(short, long, global = true, env = "STK_URL", value_name = "URL_OR_MONIKER")]
    pub(crate) url: Option<String>,
    /// The file of the keypair that signs and pays.
    #[arg(short, long, global = true, env = "STK_KEYPAIR", value_name = "FILE")]
    pub(crate) keypair: Option<PathBuf>,
    /// The Solana command line's configuration file [default: ~/.config/solana/cli/config.yml].
    #[arg(short = 'C', long, global = true, env = "STK_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How certain the chain must be of what is read, and of a transaction that was sent.
    #[arg(long, global = true, env = "STK_COMMITMENT", value_name = "LEVEL")]
    pub(crate) commitment: Option<Commitment>,
    /// How results and errors are printed: for people, or as one JSON object.
    #[arg(long, global = true, env = "STK_OUTPUT", value_name = "FORMAT", default_value = "human")]
    pub(crate) output: OutputFormat,
}

/// For people: lines and tables; or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    Human,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a community's whole history on an embedded chain: from its events to its balances.
    Demo(DemoArguments),
    /// Explain what a member got in an epoch: every number from its contributions to its payment.
    Explain(ExplainArguments),
    /// Create a mint's distribution, which takes over the mint authority.
    Init(Box<InitArguments>),
    /// Show everything about a distribution: who may do what, how much, and how far it is.
    Status,
    /// The keys whose signatures make an epoch valid.
    #[command(subcommand)]
    Oracle(OracleCommand),
    /// How much may be minted, and when.
    #[command(subcommand)]
    Emission(EmissionCommand),
    /// How long proposals can be vetoed and changes wait.
    #[command(subcommand)]
    Windows(WindowsCommand),
    /// Who may veto a proposal and pause.
    #[command(subcommand)]
    Guardian(GuardianCommand),
    /// The change that waits for its timelock.
    #[command(subcommand)]
    Change(ChangeCommand),
    /// Stop attesting, finalizing and claiming. The guardian or the admin may.
    Pause(AuthorityOptions),
    /// Let attesting, finalizing and claiming go on. Only the admin may.
    Unpause(AuthorityOptions),
    /// Who governs the distribution.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Finalized and proposed epochs.
    #[command(subcommand)]
    Epoch(EpochCommand),
    /// Ledger pages: what 256 members each earned in their lifetimes.
    #[command(subcommand)]
    Page(PageCommand),
    /// Link the keypair's wallet to a member: what the member earns is paid to it.
    Link(LinkArguments),
    /// Sign that a work has a score, as a master; an oracle keeps it.
    Assess(AssessArguments),
    /// Sign that a member holds a stage, as one of the council; an oracle keeps it.
    Qualify(QualifyArguments),
    /// Sign that a work is withdrawn, as its author or a curator; an oracle keeps it.
    Withdraw(WithdrawArguments),
    /// Show which cluster, keypair and mint the commands use, and where each was found.
    Config,
    /// Print what makes a shell complete stk's commands and options.
    Completion {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Args, Debug)]
pub(crate) struct DemoArguments {
    /// The community's events: a PostHog export in JSONLines, plain or gzip.
    #[arg(long, value_name = "FILE", default_value = "examples/community-2018.events.jsonl.gz")]
    pub(crate) events: PathBuf,
    /// The rule book.
    #[arg(long, value_name = "FILE", default_value = "examples/policies/contribution.toml")]
    pub(crate) policy: PathBuf,
    /// Print one JSON object on standard output and nothing else there.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A command line that was understood, and where each of its values comes from.
pub(crate) struct Parsed {
    pub(crate) arguments: Arguments,
    pub(crate) matches: ArgMatches,
}

impl Arguments {
    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// What cannot be understood; or the help or the version, when those are asked for.
    pub(crate) fn parse(
        command_line: impl IntoIterator<Item = OsString>,
    ) -> Result<Parsed, clap::Error> {
        let matches = Self::command().try_get_matches_from(command_line)?;
        Ok(Parsed { arguments: Self::from_arg_matches(&matches)?, matches })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    /// The command lines of a document's shell examples, without pipes, redirections and comments.
    fn examples(document: &str) -> Vec<String> {
        let joined = document.replace("\\\n", " ");
        let blocks = joined.split("```").skip(1).step_by(2);
        let shell = blocks.filter_map(|block| block.strip_prefix("sh\n"));
        let lines = shell.flat_map(str::lines).filter(|line| line.starts_with("stk "));
        let command =
            |line: &str| line.split(['#', '|', '>']).next().map(str::trim).map(str::to_owned);
        lines.filter_map(command).collect()
    }

    #[test]
    fn the_examples_in_the_documents_can_be_pasted() {
        let mint = "11111111111111111111111111111111";
        for (document, least) in
            [(include_str!("../../docs/cli.md"), 30), (include_str!("../../README.md"), 3)]
        {
            let examples = examples(document);
            assert!(examples.len() >= least, "{} examples", examples.len());
            for example in examples.iter().filter(|example| !example.contains('…')) {
                let words = example.replace("$STK_MINT", mint);
                let parsed = Arguments::parse(words.split_whitespace().map(OsString::from));
                match parsed {
                    Ok(_) => {}
                    Err(error) if !error.use_stderr() => {}
                    Err(error) => panic!("{example}: {error}"),
                }
            }
        }
    }
}
