//! `stk-oracle policy check FILE…`: what is wrong with rule books, and what is surely not meant.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use crate::commands::{Opened, OutputFormat};
use crate::config::Config;
use crate::hex::hex;
use crate::identity::Members;
use crate::ingest::Event;
use crate::policy::{Policy, PolicyError, Warning};
use crate::segments::Range;

/// Which rule books are checked.
#[derive(Args, Debug)]
pub(in crate::commands) struct CheckArguments {
    /// The rule books.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Asks the event log too: whether events, sources and people come that the rule books name.
    #[arg(long)]
    log: bool,
}

/// What is said of a file.
#[derive(Serialize)]
struct Checked {
    file: PathBuf,
    ok: bool,
    version: Option<u32>,
    name: Option<String>,
    /// SHA-256 of the file, which an epoch's bundle commits to.
    sha256: Option<String>,
    error: Option<Problem>,
    warnings: Vec<Problem>,
}

/// What is wrong, and where.
#[derive(Serialize)]
struct Problem {
    /// The line, counted from 1, where it is known.
    line: Option<usize>,
    /// The key, where the file could be read as far as that.
    key: Option<String>,
    problem: String,
}

/// What a community has.
struct Community {
    members: Members,
    events: Vec<Event>,
}

/// Prints what is wrong; fails when a file is no rule book.
pub(super) async fn run(
    config: Config,
    output: OutputFormat,
    arguments: &CheckArguments,
) -> anyhow::Result<()> {
    let community = match arguments.log {
        true => Some(Community::read(&Opened::to_read(config, output).await?).await?),
        false => None,
    };
    let mut all = Vec::new();
    for file in &arguments.files {
        all.push(check(file, community.as_ref())?);
    }
    print(&all, output)?;
    let wrong = all.iter().filter(|checked| !checked.ok).count();
    match wrong {
        0 => Ok(()),
        _ => bail!("{wrong} of {} files cannot be used as a policy", all.len()),
    }
}

fn check(file: &Path, community: Option<&Community>) -> anyhow::Result<Checked> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("failed to read the policy {}", file.display()))?;
    let mut checked = Checked {
        file: file.to_owned(),
        ok: false,
        version: None,
        name: None,
        sha256: None,
        error: None,
        warnings: Vec::new(),
    };
    match Policy::parse(&text) {
        Err(error) => checked.error = Some(Problem::of(&error, &text)),
        Ok(policy) => {
            let mut warnings = policy.warnings(&text);
            if let Some(Community { members, events }) = community {
                warnings.extend(policy.warnings_of_log(&text, members, events));
            }
            checked.ok = true;
            checked.version = Some(policy.rules().version);
            checked.name = Some(policy.rules().name.clone());
            checked.sha256 = Some(hex(&policy.hash()));
            checked.warnings = warnings.into_iter().map(Problem::from).collect();
        }
    }
    Ok(checked)
}

impl Community {
    async fn read(opened: &Opened) -> anyhow::Result<Self> {
        let mut members = opened.log.store().get_members().await?;
        let events = opened.log.get_events(Range::ALL).await?;
        members.observe(&events)?;
        Ok(Self { members, events })
    }
}

impl Problem {
    fn of(error: &PolicyError, text: &str) -> Self {
        match error {
            PolicyError::Toml(error) => {
                let before = error.span().and_then(|span| text.get(..span.start));
                let line = before.map(|before| before.matches('\n').count() + 1);
                Self { line, key: None, problem: error.message().to_owned() }
            }
            PolicyError::Value { line, key, problem } => Self {
                line: (*line > 0).then_some(*line),
                key: Some(key.clone()),
                problem: problem.clone(),
            },
        }
    }

    fn said(&self) -> String {
        let line = self.line.map_or_else(String::new, |line| format!("line {line}: "));
        let key = self.key.as_ref().map_or_else(String::new, |key| format!("{key}: "));
        format!("{line}{key}{}", self.problem)
    }
}

impl From<Warning> for Problem {
    fn from(Warning { line, key, problem }: Warning) -> Self {
        Self { line: (line > 0).then_some(line), key: Some(key), problem }
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(all: &[Checked], output: OutputFormat) -> anyhow::Result<()> {
    if output == OutputFormat::Json {
        println!("{}", serde_json::to_string(&serde_json::json!({ "files": all }))?);
        return Ok(());
    }
    for checked in all {
        let file = checked.file.display();
        match (&checked.error, &checked.name, checked.version) {
            (Some(error), ..) => println!("{file}: {}", error.said()),
            (None, Some(name), Some(version)) => println!("{file}: ok: {name}, version {version}"),
            _ => {}
        }
        for warning in &checked.warnings {
            println!("{file}: warning: {}", warning.said());
        }
    }
    Ok(())
}
