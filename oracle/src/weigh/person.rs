//! Who is who: two ids of one member are one person, and an agent acts for its owner.

use crate::identity::{MemberIndex, Members};
use crate::ingest::Event;

/// Somebody that an event names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Person<'a> {
    /// A member, whichever of its ids was named.
    Member(MemberIndex),
    /// Who is no member: the source and its id.
    Other(&'a str, &'a str),
}

impl<'a> Person<'a> {
    /// Who acted.
    pub(super) fn actor(members: &Members, event: &'a Event) -> Self {
        Self::named(members, event, &event.actor)
    }

    /// Whose work the event is about, if it says so.
    pub(super) fn target_author(members: &Members, event: &'a Event) -> Option<Self> {
        event.text("target_author").map(|author| Self::named(members, event, author))
    }

    /// Whether the event is about the actor's own work: that of whoever is paid to the same wallet.
    pub(super) fn is_own_work(members: &Members, event: &'a Event) -> bool {
        match (Self::actor(members, event), Self::target_author(members, event)) {
            (Self::Member(actor), Some(Self::Member(author))) => {
                members.payee(actor) == members.payee(author)
            }
            (actor, author) => author == Some(actor),
        }
    }

    /// A source names people by its own ids.
    fn named(members: &Members, event: &'a Event, external_id: &'a str) -> Self {
        let member = members.find(&event.source, external_id);
        member.map_or(Self::Other(&event.source, external_id), Self::Member)
    }
}
