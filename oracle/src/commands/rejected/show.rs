//! `stk-oracle rejected list` and `show`.

use serde_json::{Value, json};

use super::super::{Opened, OutputFormat, time};
use super::{ListArguments, find};
use crate::store::{RejectionFilter, StoredRejection};

/// Digits of an id that are shown; they are enough to name it.
const SHOWN_DIGITS: usize = 12;
/// Characters of the raw text that are listed.
const SHOWN_CHARACTERS: usize = 100;

/// Prints what was turned away, two lines each.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn list(opened: &Opened, arguments: &ListArguments) -> anyhow::Result<()> {
    let filter = RejectionFilter {
        source: arguments.source.as_deref(),
        reason: arguments.reason.as_deref(),
        replayed_too: arguments.all,
    };
    let found = opened.log.store().find_rejections(filter, arguments.limit).await?;
    if arguments.json || opened.output == OutputFormat::Json {
        println!("{}", found.iter().map(object).collect::<Value>());
        return Ok(());
    }
    if found.is_empty() {
        println!("Nothing is rejected.");
    }
    for rejection in &found {
        println!(
            "{}  {}  {}  {}  {}{}",
            &rejection.rejection_id[..SHOWN_DIGITS],
            time(rejection.rejected_at_us),
            rejection.source,
            rejection.place,
            rejection.reason,
            replayed(rejection),
        );
        println!("              {}", cut(&rejection.raw));
    }
    Ok(())
}

/// Prints everything that is kept of one.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn show(opened: &Opened, id: &str) -> anyhow::Result<()> {
    let rejection = find(opened, id).await?;
    if opened.output == OutputFormat::Json {
        println!("{}", object(&rejection));
        return Ok(());
    }
    println!("rejection {}{}", rejection.rejection_id, replayed(&rejection));
    println!("source    {}", rejection.source);
    println!("place     {}", rejection.place);
    println!("time      {}, {} in all", time(rejection.rejected_at_us), times(rejection.times));
    println!("reason    {}", rejection.reason);
    println!("form      {}", rejection.form.name());
    println!("{}", rejection.raw);
    Ok(())
}

fn object(rejection: &StoredRejection) -> Value {
    json!({
        "id": rejection.rejection_id,
        "source": rejection.source,
        "place": rejection.place,
        "reason": rejection.reason,
        "form": rejection.form.name(),
        "raw": rejection.raw,
        "times": rejection.times,
        "rejected_at": time(rejection.rejected_at_us),
        "replayed_at": rejection.replayed_at_us.map(time),
    })
}

/// The start of a text, on one line.
fn cut(raw: &str) -> String {
    let shown: String = raw.chars().take(SHOWN_CHARACTERS).collect();
    let line: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if shown.len() < raw.len() { format!("{line}…") } else { line }
}

fn replayed(rejection: &StoredRejection) -> String {
    let at = rejection.replayed_at_us.map(time);
    at.map(|at| format!(" (replayed {at})")).unwrap_or_default()
}

fn times(times: u64) -> String {
    if times == 1 { "once".to_owned() } else { format!("{times} times") }
}
