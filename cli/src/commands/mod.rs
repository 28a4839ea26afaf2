//! The commands, one file or folder each.

pub(crate) mod admin;
pub(crate) mod change;
pub(crate) mod config;
pub(crate) mod emission;
pub(crate) mod epoch;
pub(crate) mod guardian;
pub(crate) mod init;
pub(crate) mod link;
pub(crate) mod oracle;
pub(crate) mod page;
pub(crate) mod pause;
pub(crate) mod statement;
pub(crate) mod status;
pub(crate) mod windows;

use clap::CommandFactory;
use system_token_chain::Chain;

use crate::arguments::{Arguments, Command};
use crate::session::Session;
use crate::{demo, explain};

/// Runs a command.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    arguments: &Arguments,
) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Demo(demo) => demo::run(demo, arguments.global.output).await,
        Command::Explain(arguments) => explain::run(arguments, session.console).await,
        Command::Init(init) => init::run(session, init).await,
        Command::Status => status::run(session).await,
        Command::Oracle(oracle) => oracle::run(session, oracle).await,
        Command::Emission(emission) => emission::run(session, emission).await,
        Command::Windows(windows) => windows::run(session, windows).await,
        Command::Guardian(guardian) => guardian::run(session, guardian).await,
        Command::Change(change) => change::run(session, change).await,
        Command::Pause(options) => pause::pause(session, options).await,
        Command::Unpause(options) => pause::unpause(session, options).await,
        Command::Admin(admin) => admin::run(session, admin).await,
        Command::Epoch(epoch) => epoch::run(session, epoch).await,
        Command::Page(page) => page::run(session, page).await,
        Command::Link(link) => link::run(session, link).await,
        Command::Assess(assess) => statement::assess(session, assess).await,
        Command::Qualify(qualify) => statement::qualify(session, qualify).await,
        Command::Withdraw(withdraw) => statement::withdraw(session, withdraw).await,
        Command::Config => config::run(session),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "stk", &mut script);
            session.console.print_raw(&script)
        }
    }
}
