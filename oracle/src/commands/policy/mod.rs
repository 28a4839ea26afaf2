//! `stk-oracle policy`: rule books checked, said in words, and tried before they hold.

mod check;
mod diff;
mod explain;

use std::path::Path;

use anyhow::Context;
use clap::Subcommand;

use super::{Opened, OutputFormat};
use crate::config::Config;
use crate::policy::{Policy, Timeline};

/// What is done with rule books.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Checks rule books, and warns of what is surely not meant.
    Check(check::CheckArguments),
    /// Shows who would gain and who would lose if B took the place of A: on what was done, writing
    /// nothing.
    Diff(diff::DiffArguments),
    /// Says in words what a rule book pays, to whom, and when.
    Explain(explain::ExplainArguments),
    /// Prints the JSON Schema of rule books, by which editors complete and check them.
    Schema,
}

/// Runs a command about rule books.
pub(super) async fn run(
    config: Config,
    output: OutputFormat,
    command: &PolicyCommand,
) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Check(arguments) => check::run(config, output, arguments).await,
        PolicyCommand::Diff(arguments) => {
            diff::run(&Opened::to_read(config, output).await?, arguments).await
        }
        PolicyCommand::Explain(arguments) => explain::run(arguments),
        PolicyCommand::Schema => print_schema(),
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print_schema() -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(&crate::policy::schema())?);
    Ok(())
}

/// Reads a rule book.
pub(super) fn read(path: &Path) -> anyhow::Result<Policy> {
    let context = || format!("failed to read the policy {}", path.display());
    let text = std::fs::read_to_string(path).with_context(context)?;
    Policy::parse(&text).with_context(context)
}

/// Reads rule books that follow each other.
pub(super) fn read_all(
    paths: impl IntoIterator<Item = impl AsRef<Path>>,
) -> anyhow::Result<Timeline> {
    let policies = paths.into_iter().map(|path| read(path.as_ref()));
    let policies = policies.collect::<anyhow::Result<Vec<_>>>()?;
    Timeline::new(policies).context("failed to put the policies in order")
}

/// Reads the configured rule books; `None` when there is none.
pub(super) fn configured(config: &Config) -> anyhow::Result<Option<Timeline>> {
    let paths = config.policy_files();
    if paths.is_empty() { Ok(None) } else { read_all(paths).map(Some) }
}

/// The rule books that are named, or else the configured ones.
pub(super) fn named_or_configured(
    named: &[std::path::PathBuf],
    config: &Config,
) -> anyhow::Result<Timeline> {
    let timeline = match named {
        [] => configured(config)?,
        files => Some(read_all(files)?),
    };
    timeline.context("there is no policy: name one by --policy, or in the configuration")
}
