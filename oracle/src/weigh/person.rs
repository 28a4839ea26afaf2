//! Who is who: two ids of one member are one person, and an agent acts for its owner.

use std::collections::HashMap;

use super::records::PersonIndex;
use crate::identity::Members;
use crate::ingest::Event;

/// Numbers for everybody that events name: members by their index, others above.
pub(super) struct People<'a> {
    members: &'a Members,
    others: HashMap<(&'a str, &'a str), PersonIndex>,
}

impl<'a> People<'a> {
    pub(super) fn new(members: &'a Members) -> Self {
        Self { members, others: HashMap::new() }
    }

    /// The number of who a source knows under an id.
    pub(super) fn index(&mut self, source: &'a str, id: &'a str) -> PersonIndex {
        if let Some(member) = self.members.find(source, id) {
            return member;
        }
        let next = self.len();
        *self.others.entry((source, id)).or_insert(next)
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        let others = u32::try_from(self.others.len()).expect("fewer persons than events");
        self.members.len().saturating_add(others)
    }
}

/// Whether an event is about the actor's own work: that of whoever is paid to the same wallet.
pub(crate) fn is_own_work(members: &Members, event: &Event) -> bool {
    let Some(author) = event.text("target_author") else {
        return false;
    };
    let member = |id: &str| members.find(&event.source, id);
    match (member(&event.actor), member(author)) {
        (Some(actor), Some(author)) => members.payee(actor) == members.payee(author),
        (actor, other) => actor == other && event.actor == author,
    }
}
