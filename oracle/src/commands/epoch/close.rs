//! `stk-oracle epoch close`.

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::json;
use solana_address::Address;

use super::super::cluster::BundleArguments;
use super::super::status::waiting_for;
use super::super::{OutputFormat, TryLater, policy};
use super::operator::take_lease;
use super::{Closing, Opened};
use crate::bundles::BundleFolder;
use crate::epoch::{Bundle, ClosedEpoch, Schedule, Succession};
use crate::policy::Timeline;
use crate::segments::Range;

/// Which epochs are closed.
#[derive(Args, Debug)]
pub(in crate::commands) struct CloseArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    /// The last epoch that is closed; without it the last one that has ended.
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
    /// Close even if a source was not read past an epoch's end, or counts other events than the log.
    #[arg(long)]
    force: bool,
}

/// An oracle that closes epochs over its own log.
struct Closer<'a> {
    opened: &'a Opened,
    force: bool,
    timeline: Timeline,
    mint: Address,
    folder: BundleFolder,
    succession: Succession,
}

/// Closes what has ended and was not closed, and prints what it came to.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &CloseArguments) -> anyhow::Result<()> {
    let (folder, mint) =
        (arguments.bundles.folder(&opened.config), arguments.bundles.mint(&opened.config)?);
    let mut closer = Closer::new(opened, folder, mint, arguments.force)?;
    let ended = closer.last_ended();
    let to = arguments.epoch.unwrap_or(ended);
    ensure!(to <= ended, "epoch {to} has not ended: the last one that has is {ended}");
    let lease = take_lease(opened, &mint).await?;
    let closings = closer.close_to(to).await;
    lease.release().await?;
    let closings = closings?;
    match opened.output {
        OutputFormat::Json => println!("{}", json!({ "epochs": closings })),
        OutputFormat::Text if closings.is_empty() => {
            println!("epoch {} is closed, and no later one is to close", closer.succession.epoch());
        }
        OutputFormat::Text => {}
    }
    Ok(())
}

/// Closes what has ended and was not closed; says why one is not that has ended.
pub(in crate::commands) async fn close_ended(
    opened: &Opened,
    folder: &BundleFolder,
    mint: Address,
) -> anyhow::Result<Option<TryLater>> {
    let mut closer = Closer::new(opened, folder.clone(), mint, false)?;
    let to = closer.last_ended();
    if folder.last_epoch() >= to {
        return Ok(None);
    }
    closer.follow().await?;
    while closer.succession.epoch() < to {
        match closer.close().await {
            Ok(closing) => tracing::info!(epoch = closing.epoch, "an epoch is closed"),
            Err(error) => match error.downcast() {
                Ok(later) => return Ok(Some(later)),
                Err(error) => return Err(error),
            },
        }
    }
    Ok(None)
}

impl<'a> Closer<'a> {
    fn new(
        opened: &'a Opened,
        folder: BundleFolder,
        mint: Address,
        force: bool,
    ) -> anyhow::Result<Self> {
        let timeline = policy::configured(&opened.config)?;
        let timeline = timeline.context("there is no policy: name one in the configuration")?;
        let succession = Succession::new(mint);
        Ok(Self { opened, force, timeline, mint, folder, succession })
    }

    /// Closes all up to an epoch, and says each.
    #[expect(clippy::print_stdout, reason = "this is the command's output")]
    async fn close_to(&mut self, to: u64) -> anyhow::Result<Vec<Closing>> {
        self.follow().await?;
        let mut closings = Vec::new();
        while self.succession.epoch() < to {
            let closing = self.close().await?;
            if self.opened.output == OutputFormat::Text {
                println!("{}", closing.line());
            }
            closings.push(closing);
        }
        Ok(closings)
    }

    /// The last epoch that has ended.
    fn last_ended(&self) -> u64 {
        Schedule::new(self.timeline.newest()).last_ended(self.opened.log.clock().now_us())
    }

    /// Comes to where the bundles end; what a crash kept out of the database is put there.
    async fn follow(&mut self) -> anyhow::Result<()> {
        let last = self.folder.last_epoch();
        while self.succession.epoch() < last {
            let (published, closed) = self.folder.follow(&mut self.succession)?;
            if let Some(difference) = published.difference(&closed) {
                bail!(
                    "{}: {difference}. Was it written by another version of stk-oracle?",
                    self.folder.path(closed.epoch).display()
                );
            }
            self.put(&published.bundle, &closed).await?;
        }
        Ok(())
    }

    /// Closes the next epoch over what is known by now.
    async fn close(&mut self) -> anyhow::Result<Closing> {
        let epoch = self.succession.epoch() + 1;
        let policy = self.timeline.at(epoch).clone();
        let schedule = Schedule::new(&policy);
        self.check_ready(&schedule, epoch).await?;
        let (log, store) = (&self.opened.log, self.opened.log.store());
        let until_end = Range { to_us: schedule.end_us(epoch), ..Range::ALL };
        let limits = self.opened.config.daily_limits();
        let known = store.get_members().await?;
        let mut events = log.get_events_apart(until_end, &limits, &known).await?.counted;
        events.retain(|event| !self.succession.knows(&event.id()));
        let now_us = log.clock().now_us();
        // Who acted before the first epoch and never since has no leaf.
        let since_start = events.partition_point(|event| schedule.epoch_at(event.at_us) == 0);
        let members = store.update_members(now_us, |members| {
            members.observe(&events[since_start..])?;
            Ok(members.clone())
        });
        let members = members.await?;
        let previous = self.succession.bundle_hash();
        let bundle = Bundle::new(epoch, previous, events, members, policy);
        let closed = self.succession.close(&bundle)?;
        self.folder.write(&bundle, &closed, &self.mint)?;
        self.put(&bundle, &closed).await?;
        Ok(Closing::of(&bundle, &closed))
    }

    async fn check_ready(&self, schedule: &Schedule, epoch: u64) -> anyhow::Result<()> {
        let (from_us, to_us) = (schedule.end_us(epoch - 1), schedule.end_us(epoch));
        let waiting = waiting_for(self.opened, from_us, to_us).await?;
        let Some((source, why)) = waiting.first().filter(|_| !self.force) else {
            return Ok(());
        };
        Err(TryLater(format!("epoch {epoch} waits for the source {source}: {why}")).into())
    }

    async fn put(&self, bundle: &Bundle, closed: &ClosedEpoch) -> anyhow::Result<()> {
        let store = self.opened.log.store();
        if !store.has_epoch(closed.epoch).await? {
            store.put_epoch(bundle.policy.rules(), closed, &bundle.hash()).await?;
        }
        Ok(())
    }
}
