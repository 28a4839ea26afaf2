//! Everybody at one moment, and what may change.
//!
//! payee(m) = survivor(owner(survivor(m))), or survivor(m) when that is no agent; m is paid to the
//! wallet of payee(m). survivor follows merges to their end.
//!
//! Merges and ownership make no cycles: only who is not merged is merged into somebody who is not;
//! an agent's owner is no agent.

use std::collections::HashMap;

use solana_address::Address;

use super::{Alias, IdentityError, Member, MemberIndex, Role};
use crate::ingest::Event;
use crate::statement;

/// All members, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    members: Vec<Member>,
    /// By source, then by external id: the member that was given the id, merged or not.
    by_alias: HashMap<String, HashMap<String, MemberIndex>>,
    by_wallet: HashMap<Address, MemberIndex>,
}

impl Members {
    /// Members that were kept somewhere, in the order of their indices.
    pub(crate) fn restore(members: Vec<Member>) -> Self {
        let mut restored = Self::default();
        for (index, member) in (0..).zip(&members) {
            for Alias { source, external_id } in &member.aliases {
                let ids = restored.by_alias.entry(source.clone()).or_default();
                ids.insert(external_id.clone(), index);
            }
            if let Some(wallet) = member.wallet {
                restored.by_wallet.insert(wallet, index);
            }
        }
        Self { members, ..restored }
    }

    /// Gives an index to everybody who acts in these events and has none yet. A wallet that signed a
    /// statement is nobody by itself: it is whose it was when it signed.
    ///
    /// # Errors
    /// [`IdentityError::TooManyMembers`] past 2³² − 1 members.
    pub fn observe(&mut self, events: &[Event]) -> Result<(), IdentityError> {
        for event in events.iter().filter(|event| event.source != statement::SOURCE) {
            if self.given(&event.source, &event.actor).is_none() {
                self.add(Alias::new(&event.source, &event.actor))?;
            }
        }
        Ok(())
    }

    /// Makes a member of somebody who is known under an id.
    ///
    /// # Errors
    /// [`IdentityError::AliasTaken`] when the id is somebody's, [`IdentityError::TooManyMembers`].
    pub fn add(&mut self, alias: Alias) -> Result<MemberIndex, IdentityError> {
        let index = self.len();
        if index == MemberIndex::MAX {
            return Err(IdentityError::TooManyMembers);
        }
        self.check_alias(&alias)?;
        self.members.push(Member::default());
        self.give_alias(index, alias);
        Ok(index)
    }

    /// Says that a member is known under one more id; `false` when that was known.
    ///
    /// # Errors
    /// [`IdentityError::AliasTaken`] when the id is another member's, [`IdentityError::NoMember`],
    /// [`IdentityError::Merged`].
    pub fn add_alias(&mut self, member: MemberIndex, alias: Alias) -> Result<bool, IdentityError> {
        self.check_present(member)?;
        if self.find(&alias.source, &alias.external_id) == Some(member) {
            return Ok(false);
        }
        self.check_alias(&alias)?;
        self.give_alias(member, alias);
        Ok(true)
    }

    /// Links a wallet in the place of the one before; `false` when it is the same.
    ///
    /// # Errors
    /// [`IdentityError::WalletTaken`], [`IdentityError::AgentWallet`], [`IdentityError::NoMember`],
    /// [`IdentityError::Merged`].
    pub fn link(&mut self, member: MemberIndex, wallet: Address) -> Result<bool, IdentityError> {
        self.check_can_link(member)?;
        match self.by_wallet.get(&wallet) {
            Some(owner) if *owner == member => return Ok(false),
            Some(_) => return Err(IdentityError::WalletTaken(wallet)),
            None => {}
        }
        self.set_wallet(member, Some(wallet));
        Ok(true)
    }

    /// Says that what a member's wallet signs is the member's, for good: the wallet becomes its id among
    /// statements, and stays it when the member links another wallet. `false` when it was so already.
    ///
    /// # Errors
    /// [`IdentityError::OtherWallet`] when the member is not paid to it, [`IdentityError::SignedAs`] when
    /// it was somebody else's and signed as theirs.
    pub fn let_sign(
        &mut self,
        member: MemberIndex,
        wallet: Address,
    ) -> Result<bool, IdentityError> {
        if self.by_wallet.get(&wallet) != Some(&member) {
            return Err(IdentityError::OtherWallet { wallet, member });
        }
        match self.add_alias(member, Alias::new(statement::SOURCE, wallet.to_string())) {
            Err(IdentityError::AliasTaken { member, .. }) => {
                Err(IdentityError::SignedAs { wallet, member })
            }
            added => added,
        }
    }

    /// Checks that a member can have a wallet of its own.
    ///
    /// # Errors
    /// [`IdentityError::AgentWallet`], [`IdentityError::NoMember`], [`IdentityError::Merged`].
    pub fn check_can_link(&self, member: MemberIndex) -> Result<(), IdentityError> {
        match self.check_present(member)?.owner {
            Some(owner) => Err(IdentityError::AgentWallet { member, owner: self.survivor(owner) }),
            None => Ok(()),
        }
    }

    /// Says that a member is another one: its ids and roles become the survivor's, and what it
    /// earned is paid to the survivor's wallet. Without a wallet the survivor takes over the other's.
    ///
    /// # Errors
    /// [`IdentityError::MergeWithItself`], [`IdentityError::MergeOfDifferent`] for a person and an
    /// agent, [`IdentityError::NoMember`], [`IdentityError::Merged`].
    pub fn merge(&mut self, from: MemberIndex, into: MemberIndex) -> Result<(), IdentityError> {
        let merged = self.check_present(from)?.clone();
        let survivor = self.check_present(into)?;
        if from == into {
            return Err(IdentityError::MergeWithItself(from));
        }
        let owner = |member: &Member| member.owner.map(|owner| self.survivor(owner));
        if owner(&merged) != owner(survivor) {
            return Err(IdentityError::MergeOfDifferent { from, into });
        }
        let takes_over = survivor.wallet.is_none();
        self.set_wallet(from, None);
        if takes_over {
            self.set_wallet(into, merged.wallet);
        }
        self.members[into as usize].roles.extend(&merged.roles);
        let from = &mut self.members[from as usize];
        from.roles.clear();
        from.owner = None;
        from.merged_into = Some(into);
        Ok(())
    }

    /// Says that a member is an agent, and whose; its own wallet, if it had one, is unlinked.
    ///
    /// # Errors
    /// [`IdentityError::OwnerOfItself`], [`IdentityError::OwnerIsAgent`],
    /// [`IdentityError::AgentOwnsAgent`], [`IdentityError::NoMember`], [`IdentityError::Merged`].
    pub fn set_owner(
        &mut self,
        agent: MemberIndex,
        owner: MemberIndex,
    ) -> Result<(), IdentityError> {
        self.check_present(agent)?;
        if self.check_present(owner)?.owner.is_some() {
            return Err(IdentityError::OwnerIsAgent(owner));
        }
        if agent == owner {
            return Err(IdentityError::OwnerOfItself(agent));
        }
        let owned = self
            .iter()
            .find(|(_, member)| member.owner.is_some_and(|owner| self.survivor(owner) == agent));
        if let Some((owned, _)) = owned {
            return Err(IdentityError::AgentOwnsAgent { owner: agent, agent: owned });
        }
        self.set_wallet(agent, None);
        let agent = &mut self.members[agent as usize];
        agent.owner = Some(owner);
        agent.roles.insert(Role::Agent);
        Ok(())
    }

    /// Gives a role; `false` when the member has it.
    ///
    /// # Errors
    /// [`IdentityError::AgentWithoutOwner`] for [`Role::Agent`], which [`Members::set_owner`] gives;
    /// [`IdentityError::NoMember`], [`IdentityError::Merged`].
    pub fn grant(&mut self, member: MemberIndex, role: Role) -> Result<bool, IdentityError> {
        let found = self.check_present(member)?;
        if role == Role::Agent && found.owner.is_none() {
            return Err(IdentityError::AgentWithoutOwner);
        }
        Ok(self.members[member as usize].roles.insert(role))
    }

    /// Takes a role away; who was an agent may link a wallet of its own then.
    ///
    /// # Errors
    /// [`IdentityError::NoRole`], [`IdentityError::NoMember`], [`IdentityError::Merged`].
    pub fn revoke(&mut self, member: MemberIndex, role: Role) -> Result<(), IdentityError> {
        self.check_present(member)?;
        let found = &mut self.members[member as usize];
        if !found.roles.remove(&role) {
            return Err(IdentityError::NoRole { member, role });
        }
        if role == Role::Agent {
            found.owner = None;
        }
        Ok(())
    }

    /// Whose an id is, after all merges.
    pub fn find(&self, source: &str, external_id: &str) -> Option<MemberIndex> {
        self.given(source, external_id).map(|member| self.survivor(member))
    }

    /// Who a member is after all merges; itself when it was never merged.
    pub fn survivor(&self, member: MemberIndex) -> MemberIndex {
        let mut survivor = member;
        while let Some(into) = self.get(survivor).and_then(|member| member.merged_into) {
            survivor = into;
        }
        survivor
    }

    /// Whose wallet a member is paid to: its own, its survivor's or its owner's.
    pub fn payee(&self, member: MemberIndex) -> MemberIndex {
        let survivor = self.survivor(member);
        let owner = self.get(survivor).and_then(|member| member.owner);
        owner.map_or(survivor, |owner| self.survivor(owner))
    }

    /// Where a member is paid; `None` while no wallet is linked, and the member keeps accruing.
    pub fn wallet(&self, member: MemberIndex) -> Option<Address> {
        self.get(self.payee(member))?.wallet
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

    /// The member that was given an id, merged or not.
    fn given(&self, source: &str, external_id: &str) -> Option<MemberIndex> {
        self.by_alias.get(source)?.get(external_id).copied()
    }

    fn give_alias(&mut self, member: MemberIndex, alias: Alias) {
        let ids = self.by_alias.entry(alias.source.clone()).or_default();
        ids.insert(alias.external_id.clone(), member);
        self.members[member as usize].aliases.push(alias);
    }

    fn set_wallet(&mut self, member: MemberIndex, wallet: Option<Address>) {
        let linked = &mut self.members[member as usize].wallet;
        if let Some(before) = linked.take() {
            self.by_wallet.remove(&before);
        }
        *linked = wallet;
        if let Some(wallet) = wallet {
            self.by_wallet.insert(wallet, member);
        }
    }

    fn check_alias(&self, alias: &Alias) -> Result<(), IdentityError> {
        match self.find(&alias.source, &alias.external_id) {
            Some(member) => Err(IdentityError::AliasTaken { alias: alias.clone(), member }),
            None => Ok(()),
        }
    }

    /// The member at an index, which was not merged into another one.
    fn check_present(&self, member: MemberIndex) -> Result<&Member, IdentityError> {
        let found = self.get(member).ok_or(IdentityError::NoMember(member))?;
        match found.merged_into {
            Some(_) => Err(IdentityError::Merged { member, into: self.survivor(member) }),
            None => Ok(found),
        }
    }
}
