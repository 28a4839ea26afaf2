//! Which member an external id belongs to.
//!
//! A member has an index that is never reused: the leaf's position in every tree and the slot on
//! the ledger page. Indices are given in the order in which members are first seen, by event time.

use std::collections::HashMap;

use solana_address::Address;

use crate::ingest::Event;

/// A member's place in every tree, counted from 0 and never reused.
pub type MemberIndex = u32;

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id under which the source knows the member.
    pub external_id: String,
    /// Where STK is paid; `None` while no wallet is linked, and the member keeps accruing.
    pub token_account: Option<Address>,
}

/// All members, by index.
#[derive(Clone, Debug, Default)]
pub struct Members {
    members: Vec<Member>,
    by_external_id: HashMap<String, MemberIndex>,
}

/// Why an identity cannot be changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// More members than indices.
    #[error("there are as many members as indices, 4294967295")]
    TooManyMembers,
    /// No member has this index.
    #[error("there is no member {0}")]
    NoMember(MemberIndex),
}

impl Members {
    /// Gives an index to everybody who acts in these events and has none yet.
    ///
    /// # Errors
    /// [`IdentityError::TooManyMembers`] past 2³² − 1 members.
    pub fn observe(&mut self, events: &[Event]) -> Result<(), IdentityError> {
        for event in events {
            if !self.by_external_id.contains_key(&event.actor) {
                let index = self.len();
                if index == MemberIndex::MAX {
                    return Err(IdentityError::TooManyMembers);
                }
                self.by_external_id.insert(event.actor.clone(), index);
                let member = Member { external_id: event.actor.clone(), token_account: None };
                self.members.push(member);
            }
        }
        Ok(())
    }

    /// Sets where a member is paid.
    ///
    /// # Errors
    /// [`IdentityError::NoMember`] when nobody has that index.
    pub fn link(
        &mut self,
        member: MemberIndex,
        token_account: Address,
    ) -> Result<(), IdentityError> {
        let found = self.members.get_mut(member as usize);
        found.ok_or(IdentityError::NoMember(member))?.token_account = Some(token_account);
        Ok(())
    }

    /// The index of an external id.
    pub fn find(&self, external_id: &str) -> Option<MemberIndex> {
        self.by_external_id.get(external_id).copied()
    }

    /// The members by index.
    pub fn iter(&self) -> impl Iterator<Item = (MemberIndex, &Member)> {
        (0..).zip(&self.members)
    }

    /// The member at an index.
    pub fn get(&self, member: MemberIndex) -> Option<&Member> {
        self.members.get(member as usize)
    }

    /// Number of members.
    pub fn len(&self) -> MemberIndex {
        MemberIndex::try_from(self.members.len()).unwrap_or(MemberIndex::MAX)
    }

    /// Whether nobody was seen yet.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}
