//! Small communities whose epochs are explained.

use serde_json::{Value, json};
use system_token_oracle::epoch::Schedule;
use system_token_oracle::explain::{Explainer, Explanation};
use system_token_oracle::identity::{MemberIndex, Members, Role};
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::{Policy, Timeline};

/// What makes a rule book ask for signatures.
const SIGNED: &str = "sources = [\"statements\"] # signed\n";
pub(crate) const HOUR_US: i64 = 60 * 60 * 1_000_000;
pub(crate) const DAY_US: i64 = 24 * HOUR_US;

/// What a community did, by a rule book.
pub(crate) struct Community {
    timeline: Timeline,
    start_us: i64,
    events: Vec<Event>,
    members: Members,
}

impl Community {
    /// Begins with rules that take the word of those who grant and withdraw, unsigned.
    pub(crate) fn new(rules: &str) -> Self {
        let policy = Policy::parse(&rules.replace(SIGNED, "")).unwrap();
        let start_us = Schedule::new(&policy).end_us(0);
        let timeline = Timeline::new(vec![policy]).unwrap();
        Self { timeline, start_us, events: Vec::new(), members: Members::default() }
    }

    /// Somebody does something, so many microseconds after the first epoch began.
    pub(crate) fn does(&mut self, after_us: i64, actor: &str, name: &str, properties: Value) {
        let event = Event {
            at_us: self.start_us + after_us,
            source: "club".to_owned(),
            external_id: format!("{name}-{}", self.events.len() + 1),
            name: name.to_owned(),
            actor: actor.to_owned(),
            properties: serde_json::from_value(properties).unwrap(),
        };
        self.members.observe(std::slice::from_ref(&event)).unwrap();
        self.events.push(event);
    }

    /// The council grants a stage to somebody who is known, for a year.
    pub(crate) fn grants(&mut self, after_us: i64, member: &str, stage: u64) {
        let index = self.member(member);
        let until = "2027-01-01T00:00:00Z";
        let properties = json!({ "member": index, "stage": stage, "expires_at": until });
        self.does(after_us, "council", "qualification_granted", properties);
    }

    pub(crate) fn gives_role(&mut self, member: &str, role: Role) {
        let member = self.member(member);
        self.members.grant(member, role).unwrap();
    }

    pub(crate) fn belongs_to(&mut self, agent: &str, owner: &str) {
        let (agent, owner) = (self.member(agent), self.member(owner));
        self.members.set_owner(agent, owner).unwrap();
    }

    pub(crate) fn member(&self, id: &str) -> MemberIndex {
        self.members.find("club", id).unwrap()
    }

    /// What a member got in an epoch, checked.
    pub(crate) fn explain(&self, member: &str, epoch: u64) -> Explanation {
        let mut events = self.events.clone();
        events.sort_by_key(|event| event.at_us);
        let members = self.members.clone();
        let explainer =
            Explainer::new(&self.timeline, members, &events, epoch, i64::MAX / 4).unwrap();
        let explanation = explainer.explain(self.member(member)).unwrap();
        explanation.check().unwrap();
        explanation
    }
}

/// The rule book with other lines.
pub(crate) fn changed(rules: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(rules.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}
