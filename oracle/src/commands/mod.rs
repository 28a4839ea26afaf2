//! The commands of `stk-oracle`, one file each.
//!
//! Exit codes: 0 done; 1 something has to be fixed; 2 wrong usage; 75 try again later (a source or
//! the network is away), as sysexits' `EX_TEMPFAIL` has it.

mod cluster;
mod compact;
mod epoch;
mod explain;
mod export;
mod import;
mod ingest;
mod logs;
mod members;
mod policy;
mod quarantine;
mod query;
mod rejected;
mod replay;
mod report;
mod run;
mod serve;
mod simulate;
mod sources;
mod statements;
mod status;
mod stop;
mod witness;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use system_token_chain::ChainError;

use crate::bundles::RemoteError;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::identity::Linking;
use crate::ingest::pull::PullError;
use crate::outbox::LeaseError;
use crate::segments::EventLog;
use crate::store::{Store, StoreError};
use crate::submit::SendError;

/// Exit code of what may succeed later.
const TRY_LATER: u8 = 75;

/// What has to wait for something else.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct TryLater(String);

/// Whether what failed may succeed by itself: a source or a node is away, or an epoch has to wait.
fn is_later(cause: &(dyn std::error::Error + 'static)) -> bool {
    let pull = matches!(cause.downcast_ref(), Some(PullError::Later { .. }));
    let chain = cause.downcast_ref().is_some_and(ChainError::is_later);
    let send = cause.downcast_ref().is_some_and(SendError::is_later);
    let lease = matches!(cause.downcast_ref(), Some(LeaseError::Held { .. }));
    let bundles = matches!(cause.downcast_ref(), Some(RemoteError::Away { .. }));
    let database = matches!(
        cause.downcast_ref(),
        Some(StoreError::Sql(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut))
    );
    cause.is::<TryLater>() || database || pull || chain || send || lease || bundles
}

/// Takes in what a community's tools recorded, and knows whose it is.
#[derive(Debug, Parser)]
#[command(name = "stk-oracle", version)]
struct Arguments {
    #[command(flatten)]
    global: GlobalArguments,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
struct GlobalArguments {
    /// The configuration file; without one, oracle.toml of the working folder if it is there.
    #[arg(long, global = true, env = "STK_ORACLE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database, instead of the configuration's.
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value = "text")]
    output: OutputFormat,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// Tables and sentences.
    Text,
    /// One JSON object.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the configured sources.
    Sources,
    /// Reads export files into the event log.
    Import(import::ImportArguments),
    /// Merges small segments of the event log, and removes what is no longer needed.
    Compact,
    /// Reads on in every source that is asked.
    Ingest(ingest::IngestArguments),
    /// Takes what tools push, until it is told to stop.
    Serve(serve::ServeArguments),
    /// Lists, shows and changes members: their ids, roles and wallets.
    #[command(subcommand)]
    Members(members::MembersCommand),
    /// Takes an epoch from its end to its members' balances, step by step.
    #[command(subcommand)]
    Epoch(epoch::EpochCommand),
    /// Takes every epoch from its end to its members' balances, until it is told to stop.
    Run(run::RunArguments),
    /// Explains what a member got in an epoch: every number from its contributions to its payment.
    Explain(explain::ExplainArguments),
    /// Checks rule books, says them in words, and tries them before they hold.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Writes an epoch's report: a page, its figures, and a statement for each member.
    Report(report::ReportArguments),
    /// Asks the event log in SQL.
    Query(query::QueryArguments),
    /// Lists and shows what was turned away, and reads it again after a correction.
    #[command(subcommand)]
    Rejected(rejected::RejectedCommand),
    /// Closes epochs anew by any rules, in memory, and shows what comes out: it writes nothing.
    Replay(replay::ReplayArguments),
    /// Lists what members signed, and verifies it once more.
    #[command(subcommand)]
    Statements(statements::StatementsCommand),
    /// Shows, for each source, how far it was read and what was turned away.
    Status,
    /// Plants attackers into a community's events, and shows what they gain.
    Simulate(simulate::SimulateArguments),
    /// Shows whose events are past a daily limit and do not count.
    Quarantine(quarantine::QuarantineArguments),
    /// Rebuilds the roots of published bundles, and says where one is not what its publisher says.
    Witness(witness::WitnessArguments),
}

/// A time as people read it.
fn time(at_us: i64) -> String {
    Timestamp::from_microsecond(at_us).map_or_else(|_| format!("{at_us} µs"), |at| at.to_string())
}

/// What most commands work with: the configuration and the open event log.
struct Opened {
    config: Config,
    log: EventLog,
    output: OutputFormat,
}

impl Opened {
    async fn new(config: Config, output: OutputFormat) -> anyhow::Result<Self> {
        let store =
            Store::open(&config.database_url).await.context("failed to open the database")?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let folder = config.data_dir.join("segments");
        let log = EventLog::open(store, &folder, clock).context("failed to open the event log")?;
        Ok(Self { config, log, output })
    }

    /// Opens what is there for reading alone.
    async fn to_read(config: Config, output: OutputFormat) -> anyhow::Result<Self> {
        let store = Store::open_to_read(&config.database_url).await;
        let store = store.context("failed to open the database")?;
        let folder = config.data_dir.join("segments");
        ensure!(folder.is_dir(), "there is no event log: {} is no folder", folder.display());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let log = EventLog::open(store, &folder, clock).context("failed to open the event log")?;
        Ok(Self { config, log, output })
    }

    /// What links wallets, with random numbers that nobody can guess.
    fn linking(&self) -> anyhow::Result<Linking> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).context("the system gives no random numbers")?;
        let (settings, store) = (self.config.linking.clone(), self.log.store().clone());
        let random = ChaCha20Rng::from_seed(seed);
        Ok(Linking::new(settings, store, Arc::new(SystemClock), random))
    }
}

/// Runs the command line of the process.
///
/// # Panics
/// When the system has no thread left.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("the system can start threads");
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stk-oracle: {error:#}");
            let is_later = error.chain().any(is_later);
            if is_later { ExitCode::from(TRY_LATER) } else { ExitCode::FAILURE }
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = read_config(&arguments.global)?;
    let output = arguments.global.output;
    match arguments.command {
        Command::Sources => sources::run(&config, output),
        Command::Import(import) => import::run(&Opened::new(config, output).await?, &import).await,
        Command::Compact => compact::run(&Opened::new(config, output).await?).await,
        Command::Ingest(ingest) => ingest::run(&Opened::new(config, output).await?, &ingest).await,
        Command::Serve(serve) => serve::run(&Opened::new(config, output).await?, &serve).await,
        Command::Members(members) => {
            members::run(&Opened::new(config, output).await?, &members).await
        }
        Command::Epoch(command) => epoch::run(config, output, &command).await,
        Command::Run(arguments) => run::run(&Opened::new(config, output).await?, &arguments).await,
        Command::Explain(explain) => {
            explain::run(&Opened::to_read(config, output).await?, &explain).await
        }
        Command::Policy(command) => policy::run(config, output, &command).await,
        Command::Report(report) => {
            report::run(&Opened::to_read(config, output).await?, &report).await
        }
        Command::Query(query) => query::run(&Opened::new(config, output).await?, &query).await,
        Command::Rejected(rejected) => {
            rejected::run(&Opened::new(config, output).await?, &rejected).await
        }
        Command::Replay(replay) => {
            replay::run(&Opened::to_read(config, output).await?, &replay).await
        }
        Command::Statements(statements) => {
            statements::run(&Opened::new(config, output).await?, &statements).await
        }
        Command::Status => status::run(&Opened::new(config, output).await?).await,
        Command::Simulate(simulate) => simulate::run(&simulate, output).await,
        Command::Quarantine(quarantine) => {
            quarantine::run(&Opened::new(config, output).await?, &quarantine).await
        }
        Command::Witness(witness) => witness::run(&config, output, &witness).await,
    }
}

fn read_config(global: &GlobalArguments) -> anyhow::Result<Config> {
    let default = PathBuf::from("oracle.toml");
    let path = global.config.clone().or_else(|| default.exists().then_some(default));
    let mut config = match &path {
        Some(path) => Config::read(path).context("failed to read the configuration")?,
        None => Config::without_file(),
    };
    if let Some(url) = &global.database_url {
        config.database_url.clone_from(url);
    }
    Ok(config)
}
