//! Bundles whose hashes are all right and which do not follow the ones before.

use serde_json::json;
use solana_address::Address;
use system_token_oracle::epoch::{Bundle, Schedule, Succession, SuccessionError as E};
use system_token_oracle::identity::{Alias, Members};
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;

const BOOK: &str = include_str!("../policies/small.toml");
const MINT: Address = Address::new_from_array([9; 32]);

fn members(count: u8) -> Members {
    let mut members = Members::default();
    for person in 0..count {
        members.add(Alias::new("club", person.to_string())).unwrap();
    }
    members
}

/// What member 0 makes in an epoch.
fn event(epoch: u64, id: &str) -> Event {
    let policy = Policy::parse(BOOK).unwrap();
    Event {
        at_us: Schedule::new(&policy).end_us(epoch) - 1,
        source: "club".to_owned(),
        external_id: id.to_owned(),
        name: "work_done".to_owned(),
        actor: "0".to_owned(),
        properties: serde_json::from_value(json!({ "artifact": id })).unwrap(),
    }
}

/// Two epochs that were closed.
fn two_epochs() -> Succession {
    let mut succession = Succession::new(MINT);
    let policy = Policy::parse(BOOK).unwrap();
    let first = Bundle::new(1, [0; 32], vec![event(1, "a")], members(3), policy.clone());
    succession.close(&first).unwrap();
    let second = Bundle::new(2, first.hash(), vec![event(2, "b")], members(3), policy);
    succession.close(&second).unwrap();
    succession
}

/// A bundle that follows them.
fn third(succession: &Succession) -> Bundle {
    let policy = Policy::parse(BOOK).unwrap();
    Bundle::new(3, succession.bundle_hash(), vec![event(3, "c")], members(3), policy)
}

#[test]
fn what_does_not_follow_is_refused_and_changes_nothing() {
    let mut succession = two_epochs();
    let good = third(&succession);
    let with_rules = |from: &str, to: &str| {
        assert!(BOOK.contains(from), "{from}");
        let policy = Policy::parse(&BOOK.replacen(from, to, 1)).unwrap();
        Bundle::new(3, good.previous, good.events.clone(), members(3), policy)
    };
    let with_events = |events: Vec<Event>| Bundle { events, ..good.clone() };
    let mut refused = |bundle: &Bundle| succession.close(bundle).unwrap_err();
    assert!(matches!(
        refused(&Bundle { epoch: 4, ..good.clone() }),
        E::Epoch { epoch: 4, last: 2 }
    ));
    assert!(matches!(
        refused(&Bundle { epoch: 2, ..good.clone() }),
        E::Epoch { epoch: 2, last: 2 }
    ));
    assert!(matches!(refused(&Bundle { previous: [0; 32], ..good.clone() }), E::Previous(3)));
    let early = refused(&with_events(vec![event(3, "c"), event(4, "d")]));
    assert!(matches!(&early, E::Early { id, .. } if id.external_id == "d"), "{early}");
    // An event of an earlier bundle, or twice in this one
    for events in [vec![event(3, "c"), event(2, "b")], vec![event(3, "c"), event(3, "c")]] {
        let repeated = refused(&with_events(events));
        assert!(matches!(repeated, E::Repeated { epoch: 3, .. }), "{repeated}");
    }
    let fewer = refused(&Bundle { members: members(2), ..good.clone() });
    assert!(matches!(fewer, E::FewerMembers { members: 2, before: 3, .. }));
    let not_yet = with_rules("version = 1\n", "version = 2\nholds_from_epoch = 4\n");
    assert!(matches!(refused(&not_yet), E::NotYet { holds_from: 4, .. }));
    let decimals = with_rules("decimals = 6", "decimals = 5");
    assert!(matches!(refused(&decimals), E::Rules(_)));
    // Then the good one follows, to the same as if nothing had been tried
    let closed = succession.close(&good).unwrap();
    let mut untouched = two_epochs();
    let expected = untouched.close(&good).unwrap();
    assert_eq!(closed.tree.root(), expected.tree.root());
    assert_eq!(succession.bundle_hash(), untouched.bundle_hash());
    assert_eq!((succession.epoch(), succession.bundle_hash()), (3, good.hash()));
}

#[test]
fn the_hash_commits_to_every_input_and_to_every_bundle_before() {
    let succession = two_epochs();
    let good = third(&succession);
    let policy = Policy::parse(&format!("{BOOK}\n# a remark\n")).unwrap();
    let mut linked = members(3);
    linked.link(0, [7; 32].into()).unwrap();
    let mut other = event(3, "c");
    other.properties.insert("space".into(), "elsewhere".into());
    let (events, rules) = (good.events.clone(), good.policy.clone());
    let hashes = [
        good.hash(),
        Bundle::new(3, [1; 32], events.clone(), members(3), rules.clone()).hash(),
        Bundle::new(4, good.previous, events.clone(), members(3), rules.clone()).hash(),
        Bundle::new(3, good.previous, vec![other], members(3), rules.clone()).hash(),
        Bundle::new(3, good.previous, vec![], members(3), rules.clone()).hash(),
        Bundle::new(3, good.previous, events.clone(), linked, rules).hash(),
        Bundle::new(3, good.previous, events, members(3), policy).hash(),
    ];
    let distinct: std::collections::BTreeSet<_> = hashes.iter().collect();
    assert_eq!(distinct.len(), hashes.len());
}
