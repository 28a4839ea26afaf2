//! `stk-oracle replay`: closes epochs anew, in memory.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use solana_address::Address;
use system_token_attestation::Hash;

use super::{Opened, OutputFormat, policy};
use crate::epoch::{ClosedEpoch, Held, Replay, Schedule};
use crate::hex::hex;
use crate::identity::Members;
use crate::ingest::Event;
use crate::language::{Language, Messages, Texts};
use crate::policy::{Policy, Timeline};
use crate::segments::Range;

/// Which epochs are closed anew, and by which rules.
#[derive(Args, Debug)]
pub(super) struct ReplayArguments {
    /// The rule books, each of which holds from its `holds_from_epoch` on; without them the configured
    /// ones.
    #[arg(long = "policy", value_name = "FILE", num_args = 1..)]
    policies: Vec<PathBuf>,
    /// The first epoch that is shown; those before it are closed too, for it depends on them.
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: u64,
    /// The last one; without it the last that had ended when the newest event came.
    #[arg(long, value_name = "N")]
    to: Option<u64>,
    /// The mint whose token accounts members are paid to; roots are the chain's with the chain's mint.
    #[arg(long, value_name = "ADDRESS", default_value_t)]
    mint: Address,
}

/// What a community has done.
pub(super) struct History {
    members: Members,
    events: Vec<Event>,
    now_us: i64,
}

/// One epoch's figures; amounts are base units.
#[derive(Serialize)]
struct Figures {
    epoch: u64,
    ended_at: String,
    policy_version: u32,
    budget: u64,
    /// What pools granted.
    granted: u64,
    /// What of it is held before it is paid.
    held: u64,
    /// What was held and is paid now.
    matured: u64,
    /// What was held and returned to its pool.
    cancelled: u64,
    /// What pools have left.
    carried: u64,
    /// Members whose totals rose.
    members_paid: u64,
    members: u32,
    cumulative_total: u64,
    root: String,
    bundle_hash: String,
}

impl History {
    /// Reads members and events, those in quarantine left out.
    pub(super) async fn read(opened: &Opened) -> anyhow::Result<Self> {
        let members = opened.log.store().get_members().await?;
        let limits = opened.config.daily_limits();
        let apart = opened.log.get_events_apart(Range::ALL, &limits, &members).await;
        let events = apart.context("failed to read the event log")?.counted;
        Ok(Self { members, events, now_us: opened.log.clock().now_us() })
    }

    /// Who a replay has seen by the end of an epoch.
    pub(super) fn members(&self, policy: &Policy, epoch: u64) -> anyhow::Result<Members> {
        let mut members = self.members.clone();
        members.observe(Schedule::new(policy).window_of(&self.events, epoch, epoch))?;
        Ok(members)
    }

    /// Everything that counts, by time.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// When it was read, UTC microseconds.
    pub(super) fn now_us(&self) -> i64 {
        self.now_us
    }

    /// Who the community knows, before anybody else is seen.
    pub(super) fn known_members(&self) -> Members {
        self.members.clone()
    }

    /// A replay of what was done.
    pub(super) fn replay(&self, policy: &Policy, mint: Address) -> Replay<'_> {
        Replay::new(policy, self.members.clone(), &self.events, mint)
    }

    /// Checks that an epoch has ended.
    pub(super) fn check_ended(&self, policy: &Policy, epoch: u64) -> anyhow::Result<()> {
        let last = Schedule::new(policy).last_ended(self.now_us);
        ensure!(epoch <= last, "epoch {epoch} has not ended: the last one that has is {last}");
        Ok(())
    }

    /// The last epoch that had ended when the newest event came.
    fn last_epoch(&self, policy: &Policy) -> u64 {
        let newest = self.events.last().map_or(i64::MIN, |event| event.at_us);
        Schedule::new(policy).last_ended(newest.min(self.now_us))
    }
}

/// Prints the figures of epochs that are closed anew.
pub(super) async fn run(opened: &Opened, arguments: &ReplayArguments) -> anyhow::Result<()> {
    let timeline = policy::named_or_configured(&arguments.policies, &opened.config)?;
    let history = History::read(opened).await?;
    let to = arguments.to.unwrap_or_else(|| history.last_epoch(timeline.newest()));
    history.check_ended(timeline.newest(), to)?;
    let from = arguments.from;
    ensure!(
        (1..=to).contains(&from),
        "no epoch from {from} to {to} has ended: see --from and --to"
    );
    let mut replay = history.replay(timeline.at(1), arguments.mint);
    let mut figures = Vec::new();
    while replay.epoch() < to {
        let before = replay.ledger().totals().to_vec();
        let policy = timeline.at(replay.epoch() + 1);
        let closed = replay.close(policy)?;
        if closed.epoch >= from {
            figures.push(Figures::of(&closed, policy, &before, &replay.bundle_hash()));
        }
    }
    print(&figures, &timeline, opened.output)
}

impl Figures {
    fn of(
        closed: &ClosedEpoch,
        policy: &Policy,
        totals_before: &[u64],
        bundle_hash: &Hash,
    ) -> Self {
        let sum = |held: &[Held]| held.iter().map(|held| held.amount).sum();
        let rose = closed.leaves.iter().enumerate().filter(|(member, leaf)| {
            leaf.cumulative_total > totals_before.get(*member).copied().unwrap_or_default()
        });
        Self {
            epoch: closed.epoch,
            ended_at: super::time(closed.ended_at_us),
            policy_version: policy.rules().version,
            budget: closed.budget,
            granted: closed.allocated(),
            held: sum(&closed.held),
            matured: sum(&closed.matured),
            cancelled: sum(&closed.cancelled),
            carried: closed.pools.iter().map(|pool| pool.carried_out).sum(),
            members_paid: rose.count() as u64,
            members: closed.tree.leaf_count(),
            cumulative_total: closed.tree.cumulative_total(),
            root: hex(&closed.tree.root()),
            bundle_hash: hex(bundle_hash),
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(figures: &[Figures], timeline: &Timeline, output: OutputFormat) -> anyhow::Result<()> {
    if output == OutputFormat::Json {
        println!("{}", serde_json::to_string(&serde_json::json!({ "epochs": figures }))?);
        return Ok(());
    }
    let numbers = Messages::new(Language::En, &Texts { en: "", ru: "" })?;
    let token = &timeline.newest().rules().token;
    let amount = |units: u64| numbers.rounded(units, token.decimals, 2);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "Epoch", "Ended", "Rules", "Budget", "Granted", "Held", "Matured", "Carried", "Paid",
        "Root",
    ]);
    for one in figures {
        table.add_row([
            one.epoch.to_string(),
            one.ended_at.split('T').next().unwrap_or_default().to_owned(),
            one.policy_version.to_string(),
            amount(one.budget),
            amount(one.granted),
            amount(one.held),
            amount(one.matured),
            amount(one.carried),
            one.members_paid.to_string(),
            one.root[..16].to_owned(),
        ]);
    }
    for column in [0, 2, 3, 4, 5, 6, 7, 8] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{}", table.trim_fmt());
    if let Some(last) = figures.last() {
        println!(
            "\nAfter epoch {}: {} {} paid in all, root {}, bundle {}",
            last.epoch,
            amount(last.cumulative_total),
            token.symbol,
            last.root,
            last.bundle_hash
        );
    }
    Ok(())
}
