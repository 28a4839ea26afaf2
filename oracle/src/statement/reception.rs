//! Takes statements in: verifies them, asks who signed, and keeps their events in the inbox.
//!
//! Who signed is decided now, for good: a wallet that signs becomes its member's id among statements. A
//! member that links another wallet later still is who signed with this one, and whoever this wallet is
//! linked to afterwards cannot sign with it. Roles are those held now.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use solana_address::Address;

use super::{Assertion, MAX_FUTURE_SECONDS, ReceiptError, SOURCE, SignedStatement, StatementError};
use crate::clock::Clock;
use crate::identity::{IdentityError, MemberIndex, Role};
use crate::ingest::{Door, Event, Integrity, PersonalData};
use crate::segments::Row;
use crate::store::{InboxEvent, PushedDelivery, Signer, Store, StoreError};

/// Statements of one member a second, and at once.
const STATEMENTS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN;
const STATEMENTS_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// What the events of statements keep to. Their age is checked more closely.
pub(crate) const INTEGRITY: Integrity = Integrity {
    max_future_seconds: MAX_FUTURE_SECONDS,
    max_age_days: None,
    max_events_per_day: None,
};

/// Takes statements in.
#[derive(Debug)]
pub struct Reception {
    domain: String,
    personal_data: PersonalData,
    store: Store,
    clock: Arc<dyn Clock>,
    limiter: DefaultKeyedRateLimiter<MemberIndex>,
}

/// A statement that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its event's id.
    pub id: String,
    /// Its event's name.
    pub event: &'static str,
    /// Who signed it.
    pub member: MemberIndex,
}

/// Why a statement is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It is none, or its signature is not one over it.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// It is meant for another oracle, or comes too early or too late.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// Its wallet is nobody's.
    #[error("the wallet {0} is linked to no member: link it with stk link, then sign again")]
    NotAMember(Address),
    /// Its signer may not state this.
    #[error("member {member} may not state this: it takes the role {}", names(roles))]
    NoRole {
        /// The signer.
        member: MemberIndex,
        /// The roles of which one is needed.
        roles: &'static [Role],
    },
    /// The member that it is about is not there.
    #[error("there is no member {0}")]
    NoMember(MemberIndex),
    /// Its signer grants a stage to itself, or to its agent.
    #[error("nobody qualifies themselves, or an agent of theirs: let another of the council sign")]
    OwnQualification,
    /// Its wallet signed as another member before.
    #[error(transparent)]
    Identity(IdentityError),
    /// A part of it would not be kept.
    #[error(
        "it would not be kept as it was signed: it has an e-mail address in it, or this oracle's \
         personal_data.fields name one of its fields"
    )]
    PersonalData,
    /// Its signer sends too many; wait this many seconds.
    #[error("too many statements of one member: send the others later, one a second")]
    TooMany(u64),
    /// The database fails.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ReceiveError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Identity(error) => Self::Identity(error),
            error => Self::Store(error),
        }
    }
}

impl Reception {
    /// Takes in what is stated to a domain.
    pub fn new(
        domain: &str,
        personal_data: PersonalData,
        store: Store,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let quota = Quota::per_second(STATEMENTS_PER_SECOND).allow_burst(STATEMENTS_AT_ONCE);
        let limiter = RateLimiter::keyed(quota);
        Self { domain: domain.to_owned(), personal_data, store, clock, limiter }
    }

    /// Takes a statement in; after this its event is in the database. The same statement once more
    /// changes nothing.
    ///
    /// # Errors
    /// [`ReceiveError`] says what is wrong with it or with who signed it; then nothing is kept.
    pub async fn receive(&self, text: &str, signature: &str) -> Result<Received, ReceiveError> {
        let signed = SignedStatement::verify(text, signature.trim())?;
        let (statement, now_us) = (signed.statement(), self.clock.now_us());
        statement.check_receipt(&self.domain, now_us)?;
        let wallet = statement.wallet();
        let signer = self.store.get_signer(&wallet).await?;
        let signer = signer.ok_or(ReceiveError::NotAMember(wallet))?;
        check_role(&signer, statement.assertion())?;
        self.check_rate(signer.member)?;
        self.check_subject(statement.assertion(), wallet).await?;
        let event = self.admit(&signed.to_event(), now_us)?;
        if signer.signed_as != Some(signer.member) {
            let (member, store) = (signer.member, &self.store);
            store.update_members(now_us, |members| members.let_sign(member, wallet)).await?;
        }
        let delivery = PushedDelivery { events: &[event], ..PushedDelivery::default() };
        self.store.put_delivery(SOURCE, delivery, now_us).await?;
        let event = statement.assertion().event_name();
        Ok(Received { id: signed.id(), event, member: signer.member })
    }

    fn check_rate(&self, member: MemberIndex) -> Result<(), ReceiveError> {
        self.limiter.check_key(&member).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            ReceiveError::TooMany(wait.as_secs() + 1)
        })
    }

    /// Checks that somebody who is qualified is there, and is not who signs. Nobody else is paid to the
    /// signer's wallet but the signer's agents and former selves.
    async fn check_subject(
        &self,
        assertion: &Assertion,
        wallet: Address,
    ) -> Result<(), ReceiveError> {
        let Assertion::Qualification { member, stage, .. } = assertion else {
            return Ok(());
        };
        let profile = self.store.get_profile(*member).await?;
        let profile = profile.ok_or(ReceiveError::NoMember(*member))?;
        match *stage > 0 && profile.wallet == Some(wallet) {
            true => Err(ReceiveError::OwnQualification),
            false => Ok(()),
        }
    }

    /// The event as it waits for its segment, after the door, which may take nothing out of it: what is
    /// not whole cannot be verified.
    fn admit(&self, event: &Event, now_us: i64) -> Result<InboxEvent, ReceiveError> {
        let properties = serde_json::json!(event.properties).to_string();
        let row = Row {
            external_id: &event.external_id,
            at_us: event.at_us,
            name: &event.name,
            actor: &event.actor,
            properties: &properties,
        };
        let door = Door { integrity: INTEGRITY, personal_data: &self.personal_data, now_us };
        match door.check(row) {
            Ok(admitted) if admitted.row() == row => Ok(InboxEvent {
                external_id: event.external_id.clone(),
                at_us: event.at_us,
                name: event.name.clone(),
                actor: event.actor.clone(),
                properties,
                received_at_us: now_us,
            }),
            _ => Err(ReceiveError::PersonalData),
        }
    }
}

fn check_role(signer: &Signer, assertion: &Assertion) -> Result<(), ReceiveError> {
    match assertion.roles() {
        Some(roles) if !roles.iter().any(|role| signer.roles.contains(role)) => {
            Err(ReceiveError::NoRole { member: signer.member, roles })
        }
        _ => Ok(()),
    }
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" or ")
}
