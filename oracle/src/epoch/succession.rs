//! Epochs closed one after the other, each over what was known at the time.
//!
//! state(e) = close(state(e − 1), bundle(e))
//!
//! What came after an epoch was closed is in a later bundle and changes later epochs. So whoever has
//! all bundles has the state, to the last bit, and nothing else is needed.

use std::collections::HashSet;

use solana_address::Address;
use system_token_attestation::Hash;

use super::{Bundle, ClosedEpoch, EpochError, Ledger, Schedule};
use crate::identity::MemberIndex;
use crate::ingest::{Event, EventId};
use crate::policy::{Policy, TimelineError};
use crate::weigh::window_epochs;

/// A community's epochs up to one.
#[derive(Clone, Debug)]
pub struct Succession {
    mint: Address,
    state: Option<State>,
}

#[derive(Clone, Debug)]
struct State {
    ledger: Ledger,
    policy: Policy,
    /// All that ever came, by time, source and id.
    events: Vec<Event>,
    known: HashSet<EventId>,
    members: MemberIndex,
    epoch: u64,
    bundle_hash: Hash,
}

/// Why a bundle does not follow the ones before.
#[derive(Debug, thiserror::Error)]
pub enum SuccessionError {
    /// It is another epoch's.
    #[error("epoch {epoch} does not follow epoch {last}")]
    Epoch {
        /// The bundle's epoch.
        epoch: u64,
        /// The last one that was closed.
        last: u64,
    },
    /// It follows another bundle.
    #[error("the bundle of epoch {0} follows another bundle than that of the epoch before")]
    Previous(u64),
    /// An event is of a later epoch.
    #[error("the bundle of epoch {epoch} has an event from after its end: {id}")]
    Early {
        /// The bundle's epoch.
        epoch: u64,
        /// The event.
        id: EventId,
    },
    /// An event came before.
    #[error("the bundle of epoch {epoch} has an event that came already: {id}")]
    Repeated {
        /// The bundle's epoch.
        epoch: u64,
        /// The event.
        id: EventId,
    },
    /// Members have gone, whose leaves stay.
    #[error("the bundle of epoch {epoch} has {members} members, fewer than the {before} before it")]
    FewerMembers {
        /// The bundle's epoch.
        epoch: u64,
        /// Its members.
        members: MemberIndex,
        /// How many there were.
        before: MemberIndex,
    },
    /// The rules do not hold yet.
    #[error("the bundle of epoch {epoch} has rules that hold from epoch {holds_from} on")]
    NotYet {
        /// The bundle's epoch.
        epoch: u64,
        /// From when on they hold.
        holds_from: u64,
    },
    /// The rules cannot follow those before.
    #[error(transparent)]
    Rules(#[from] TimelineError),
    /// Totals leave their range.
    #[error(transparent)]
    Closing(#[from] EpochError),
}

impl Succession {
    /// Before the first epoch; members are paid in tokens of the mint.
    pub fn new(mint: Address) -> Self {
        Self { mint, state: None }
    }

    /// The last epoch that was closed; 0 before the first.
    pub fn epoch(&self) -> u64 {
        self.state.as_ref().map_or(0, |state| state.epoch)
    }

    /// The hash of its bundle; zeros before the first.
    pub fn bundle_hash(&self) -> Hash {
        self.state.as_ref().map_or([0; 32], |state| state.bundle_hash)
    }

    /// Whether an event is in a bundle.
    pub fn knows(&self, event: &EventId) -> bool {
        self.state.as_ref().is_some_and(|state| state.known.contains(event))
    }

    /// Closes the next epoch over its bundle.
    ///
    /// # Errors
    /// [`SuccessionError`] when the bundle does not follow; nothing is changed then.
    pub fn close(&mut self, bundle: &Bundle) -> Result<ClosedEpoch, SuccessionError> {
        self.check(bundle)?;
        let state = self.state.get_or_insert_with(|| State::before(bundle, self.mint));
        let closed = state.take(bundle);
        if state.epoch == 0 {
            self.state = None;
        }
        closed
    }

    fn check(&self, bundle: &Bundle) -> Result<(), SuccessionError> {
        use SuccessionError as E;
        let (epoch, last) = (bundle.epoch, self.epoch());
        if epoch != last + 1 {
            return Err(E::Epoch { epoch, last });
        }
        if bundle.previous != self.bundle_hash() {
            return Err(E::Previous(epoch));
        }
        let holds_from = bundle.policy.rules().holds_from_epoch;
        if holds_from > epoch {
            return Err(E::NotYet { epoch, holds_from });
        }
        let ends_us = Schedule::new(&bundle.policy).end_us(epoch);
        if let Some(event) = bundle.events.iter().find(|event| event.at_us >= ends_us) {
            return Err(E::Early { epoch, id: event.id() });
        }
        if let Some(state) = &self.state {
            bundle.policy.check_continues(&state.policy)?;
            let mut events = bundle.events.iter();
            if let Some(event) = events.find(|event| state.known.contains(&event.id())) {
                return Err(E::Repeated { epoch, id: event.id() });
            }
            let (members, before) = (bundle.members.len(), state.members);
            if members < before {
                return Err(E::FewerMembers { epoch, members, before });
            }
        }
        Ok(())
    }
}

impl State {
    /// Before the first epoch.
    fn before(bundle: &Bundle, mint: Address) -> Self {
        Self {
            ledger: Ledger::new(&bundle.policy, mint),
            policy: bundle.policy.clone(),
            events: Vec::new(),
            known: HashSet::new(),
            members: 0,
            epoch: 0,
            bundle_hash: [0; 32],
        }
    }

    /// Closes an epoch over a bundle that follows, or changes nothing.
    fn take(&mut self, bundle: &Bundle) -> Result<ClosedEpoch, SuccessionError> {
        let epoch = bundle.epoch;
        let mut arrived = HashSet::new();
        if let Some(event) = bundle.events.iter().find(|event| !arrived.insert(event.id())) {
            return Err(SuccessionError::Repeated { epoch, id: event.id() });
        }
        self.events.extend(bundle.events.iter().cloned());
        self.events.sort_by(Event::cmp_by_time);
        let epochs = window_epochs(&bundle.policy);
        let window = Schedule::new(&bundle.policy).window_of(&self.events, epoch, epochs);
        let closed = self.ledger.close(&bundle.policy, &bundle.members, window);
        if closed.is_err() {
            self.events.retain(|event| !arrived.contains(&event.id()));
        }
        let closed = closed?;
        self.known.extend(arrived);
        self.policy = bundle.policy.clone();
        self.members = bundle.members.len();
        self.epoch = epoch;
        self.bundle_hash = bundle.hash();
        Ok(closed)
    }
}
