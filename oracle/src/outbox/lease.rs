//! The right to act for a distribution: one process has it, for a short time, and renews it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use solana_address::Address;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::store::{Store, StoreError, StoredLease};

/// Why a process may not act.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Another one does.
    #[error("{holder} acts for this distribution until {until}: one process does at a time")]
    Held {
        /// Who holds the lease.
        holder: String,
        /// Until when, unless it is renewed.
        until: Timestamp,
    },
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A lease that is held, and renewed until it is dropped.
#[derive(Debug)]
pub struct Lease {
    name: String,
    holder: String,
    store: Store,
    renewing: JoinHandle<()>,
}

impl Lease {
    /// Takes the lease of a mint's distribution, for so long at a time.
    ///
    /// # Errors
    /// [`LeaseError::Held`] while another process has it.
    pub async fn take(
        store: &Store,
        mint: &Address,
        length: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LeaseError> {
        let (name, holder) = (mint.to_string(), this_process());
        let length_us = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
        let take = {
            let (store, name, holder) = (store.clone(), name.clone(), holder.clone());
            move || {
                let (store, name, holder) = (store.clone(), name.clone(), holder.clone());
                let now_us = clock.now_us();
                async move {
                    let until_us = now_us.saturating_add(length_us);
                    store.take_lease(&name, &holder, now_us, until_us, is_gone).await
                }
            }
        };
        if let Some(StoredLease { holder, expires_at_us }) = take().await? {
            let until = Timestamp::from_microsecond(expires_at_us).unwrap_or(Timestamp::MAX);
            return Err(LeaseError::Held { holder, until });
        }
        let renewing = tokio::spawn(async move {
            loop {
                tokio::time::sleep(length / 3).await;
                match take().await {
                    Ok(None) => {}
                    Ok(Some(other)) => {
                        tracing::error!(holder = other.holder, "the lease was lost");
                        return;
                    }
                    // It is tried again before it has run out.
                    Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
                }
            }
        });
        Ok(Self { name, holder, store: store.clone(), renewing })
    }

    /// Who holds it: this process.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Whether it can still be relied on.
    pub fn is_held(&self) -> bool {
        !self.renewing.is_finished()
    }

    /// Gives it back, so that another process need not wait.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then it runs out by itself.
    pub async fn release(&self) -> Result<(), StoreError> {
        self.renewing.abort();
        self.store.release_lease(&self.name, &self.holder).await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

/// This process: its machine, its number there, and when it began.
fn this_process() -> String {
    let id = std::process::id();
    format!("{} {id} {}", machine(), began_at(id).unwrap_or_default())
}

/// Whether a holder was a process of this machine that has ended.
fn is_gone(holder: &str) -> bool {
    let mut parts = holder.rsplitn(3, ' ');
    let (Some(began), Some(id), Some(on)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Ok(id) = id.parse() else { return false };
    // Where others' processes cannot be seen, nobody is known to be gone.
    let can_tell = [1, std::process::id()].into_iter().all(|id| began_at(id).is_some());
    can_tell && on == machine() && began_at(id).as_deref() != Some(began)
}

/// The machine's name, and which start of it this is.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    format!(
        "{}/{}/{}",
        read("/proc/sys/kernel/hostname"),
        read("/proc/sys/kernel/random/boot_id"),
        namespace()
    )
}

/// In which space of process numbers this is: those of containers differ.
fn namespace() -> String {
    std::fs::read_link("/proc/self/ns/pid")
        .map_or_else(|_| String::new(), |link| link.display().to_string())
}

/// When a process began, in the system's own ticks; `None` when there is none.
fn began_at(id: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name may hold anything; what follows its last bracket is numbers.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    // What is dead and not yet buried by its parent acts no more.
    (state != "Z").then(|| fields.nth(18).map(str::to_owned)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_not_gone_and_one_that_has_ended_is() {
        let here = this_process();
        assert!(!is_gone(&here), "{here}");
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let began = began_at(child.id()).unwrap();
        let there = format!("{} {} {began}", machine(), child.id());
        assert!(!is_gone(&there), "{there}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&there), "{there}");
        // Another machine's, or none that we wrote
        assert!(!is_gone(&format!("elsewhere 1 {began}")));
        assert!(!is_gone("somebody"));
        // The number of a process that is another one by now
        assert!(is_gone(&format!("{} {} 1", machine(), std::process::id())));
    }
}
