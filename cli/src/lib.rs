//! The command line of SystemToken: `stk`, for members and admins.
//!
//! [`main`] is what the binary runs. [`run_on`] runs the same command lines against any chain, and
//! prints to any writer: the tests use it with an embedded one.

mod amount;
mod arguments;
mod commands;
mod console;
mod demo;
mod digest;
mod duration;
mod explain;
mod export;
mod failure;
mod oracle_client;
mod percent;
mod report;
mod session;
mod settings;
mod signer;
mod stopwatch;
mod time;
mod transaction;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use system_token_chain::{Chain, RpcChain};

use arguments::{Arguments, Command, Parsed};
use console::Console;
use session::Session;
use settings::Settings;

/// Exit code of a command that did what it was asked.
pub const EXIT_DONE: u8 = 0;
/// Exit code of a command that failed.
pub const EXIT_FAILED: u8 = 1;
/// Exit code of a command line that cannot be understood.
pub const EXIT_USAGE: u8 = 2;

/// Runs the process's own command line, over RPC, and prints to its standard output and error.
///
/// # Panics
/// When the system has no event queue to give.
#[tokio::main(flavor = "current_thread")]
pub async fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let parsed = match Arguments::parse(std::env::args_os()) {
        Ok(parsed) => parsed,
        Err(error) => error.exit(),
    };
    let coloured =
        out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut console =
        Console::new(parsed.arguments.global.output, &mut out, &mut err).coloured(coloured);
    let result = run(&parsed, &mut console).await;
    ExitCode::from(finish(&mut console, result))
}

/// Runs a command line, the program's name first, against a chain; gives its exit code.
pub async fn run_on(
    chain: &impl Chain,
    command_line: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let parsed = match Arguments::parse(command_line) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Nobody is left to tell when the writer for errors fails.
            let _ = write!(err, "{error}");
            return EXIT_USAGE;
        }
    };
    let mut console = Console::new(parsed.arguments.global.output, out, err);
    let result = match Settings::resolve(&parsed) {
        Ok(settings) => run_command(chain, &parsed, &settings, &mut console).await,
        Err(error) => Err(error),
    };
    finish(&mut console, result)
}

/// Runs a command on the cluster that the settings name.
async fn run(parsed: &Parsed, console: &mut Console<'_>) -> anyhow::Result<()> {
    match &parsed.arguments.command {
        Command::Demo(arguments) => {
            return demo::run(arguments, parsed.arguments.global.output).await;
        }
        Command::Explain(arguments) => return explain::run(arguments, console).await,
        _ => {}
    }
    let settings = Settings::resolve(parsed)?;
    let chain = RpcChain::new(settings.url.value.clone(), settings.commitment.value.level());
    run_command(&chain, parsed, &settings, console).await
}

async fn run_command(
    chain: &impl Chain,
    parsed: &Parsed,
    settings: &Settings,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let mut session = Session { chain, settings, console };
    commands::run(&mut session, &parsed.arguments).await
}

/// Prints what went wrong, if anything did, and gives the exit code.
fn finish(console: &mut Console<'_>, result: anyhow::Result<()>) -> u8 {
    match result {
        Ok(()) => EXIT_DONE,
        Err(error) => {
            console.fail(&error);
            EXIT_FAILED
        }
    }
}
