//! `stk-oracle quarantine`: whose events do not count because they are past a daily limit.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Opened, OutputFormat};
use crate::segments::{DAY_US, Quarantined, Range, Who};

/// Which days are looked at.
#[derive(Args, Debug)]
pub(super) struct QuarantineArguments {
    /// How many days back.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    days: u32,
}

/// Prints what is past a limit, by day, member and source.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &QuarantineArguments) -> anyhow::Result<()> {
    let mut past: BTreeMap<(i64, Who, String), (u64, u32)> = BTreeMap::new();
    for found in read(opened, arguments.days).await? {
        let key = (found.day_us(), found.who, found.event.source);
        let (count, limit) = past.entry(key).or_default();
        *count += 1;
        *limit = found.limit;
    }
    if past.is_empty() && opened.output == OutputFormat::Text {
        println!("No event of the last {} days is in quarantine.", arguments.days);
    }
    let limits = opened.config.daily_limits();
    for ((day_us, who, source), (count, limit)) in past {
        let day = Timestamp::from_microsecond(day_us)?.to_zoned(TimeZone::UTC).date();
        match opened.output {
            OutputFormat::Text => {
                println!("{day}  {who}  {source}: {count} events past the limit of {limit} a day");
            }
            OutputFormat::Json => {
                let (member, actor) = match &who {
                    Who::Member(member) => (Some(*member), None),
                    Who::Actor { actor, .. } => (None, Some(actor)),
                };
                let line = json!({
                    "day": day.to_string(),
                    "member": member,
                    "actor": actor,
                    "source": source,
                    "past_the_limit": count,
                    "limit": limit,
                    "reason": limits.reason(&source),
                });
                println!("{line}");
            }
        }
    }
    Ok(())
}

/// The events of the last days that are past a daily limit.
pub(super) async fn read(opened: &Opened, days: u32) -> anyhow::Result<Vec<Quarantined>> {
    let from_us = opened.log.clock().now_us().saturating_sub(i64::from(days) * DAY_US);
    let range = Range { from_us, to_us: i64::MAX };
    let members = opened.log.store().get_members().await?;
    let limits = opened.config.daily_limits();
    Ok(opened.log.get_events_apart(range, &limits, &members).await?.quarantined)
}
