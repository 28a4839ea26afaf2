//! `stk-oracle report --epoch N --out DIR`: an epoch's page, figures and statements.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use serde_json::json;
use solana_address::Address;

use super::{Opened, OutputFormat, policy, replay};
use crate::epoch::events_of_window;
use crate::explain::explain;
use crate::language::{Language, Messages};
use crate::report::{Closing, TEXTS, member_statement, write};

/// Which epoch, and where its report goes.
#[derive(Args, Debug)]
pub(super) struct ReportArguments {
    /// The epoch.
    #[arg(long, value_name = "N")]
    epoch: u64,
    /// The folder; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The rule books, each of which holds from its `holds_from_epoch` on; without them the configured
    /// ones.
    #[arg(long = "policy", value_name = "FILE", num_args = 1..)]
    policies: Vec<PathBuf>,
    /// The language of the pages: en or ru.
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    lang: Language,
}

/// Closes the epochs up to the one that is asked for, in memory, and writes its report.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &ReportArguments) -> anyhow::Result<()> {
    let timeline = policy::named_or_configured(&arguments.policies, &opened.config)?;
    let history = replay::History::read(opened).await?;
    ensure!(arguments.epoch > 0, "epochs are counted from 1");
    history.check_ended(timeline.newest(), arguments.epoch)?;
    let mut replay = history.replay(timeline.at(1), Address::default());
    let mut earlier = Vec::new();
    while replay.epoch() + 1 < arguments.epoch {
        earlier.push(replay.close(timeline.at(replay.epoch() + 1))?);
    }
    let (policy, before) = (timeline.at(arguments.epoch), replay.ledger().clone());
    let closed = replay.close(policy)?;
    let closing = Closing {
        policy,
        members: replay.members(),
        events: history.events(),
        before: &before,
        closed: &closed,
        earlier: &earlier,
    };
    let events = events_of_window(policy, closed.epoch, history.events());
    let messages = Messages::new(arguments.lang, &TEXTS)?;
    let report = closing.report(&messages);
    let mut statements = Vec::new();
    for member in report.members.iter().filter(|one| one.contributions > 0 || one.amount > 0) {
        let earned = before.earned(member.member);
        let explanation =
            explain(policy, replay.members(), &events, &closed, earned, member.member)?;
        statements.push(member_statement(&explanation, &messages));
    }
    let paths = write(&report, &statements, arguments.lang, &arguments.out)?;
    match opened.output {
        OutputFormat::Json => println!("{}", json!({ "files": paths })),
        OutputFormat::Text => {
            for path in &paths[..3] {
                println!("{}", path.display());
            }
            println!("and {} statements", paths.len() - 3);
        }
    }
    Ok(())
}
