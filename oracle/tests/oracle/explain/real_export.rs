//! Everybody's part of every week of the real export.

use solana_address::Address;
use system_token_oracle::epoch::{Ledger, Schedule, events_of_window};
use system_token_oracle::explain::{ExplainError, Explainer, HistoryError, explain};
use system_token_oracle::identity::Members;
use system_token_oracle::language::Language;
use system_token_oracle::policy::{Policy, Timeline};
use system_token_oracle::weigh::Outcome;

use crate::real_export::events;
use crate::rule_books::{CONTRIBUTION, VERSION_1, policy};

const EPOCHS: u64 = 71;

fn timeline() -> Timeline {
    Timeline::new(vec![policy(CONTRIBUTION)]).unwrap()
}

#[tokio::test]
async fn who_is_not_there_and_what_has_not_ended_is_not_explained() {
    let (events, timeline) = (events().await, timeline());
    let now_us = Schedule::new(timeline.at(1)).end_us(2);
    let explainer = |epoch| Explainer::new(&timeline, Members::default(), &events, epoch, now_us);
    for epoch in [0, 3, u64::MAX] {
        let error = explainer(epoch).unwrap_err();
        assert!(matches!(error, HistoryError::NoEpoch { last: 2, .. }), "{error}");
    }
    let explainer = explainer(2).unwrap();
    let known = explainer.members().len();
    assert_eq!(explainer.explain(known).unwrap_err(), ExplainError::NoMember(known));
    assert_eq!(explainer.explain(known - 1).unwrap().epoch, 2);
}

#[tokio::test]
async fn other_events_than_the_epoch_was_closed_over_are_refused() {
    let (events, timeline) = (events().await, timeline());
    let explainer = Explainer::new(&timeline, Members::default(), &events, 40, i64::MAX / 4);
    let explainer = explainer.unwrap();
    let (members, closed) = (explainer.members(), explainer.closed());
    let member = closed.weights.contributions[0].member;
    let before = Ledger::new(timeline.at(1), Address::default()).earned(member);
    let error = explain(timeline.at(40), members, &[], closed, before, member).unwrap_err();
    assert_eq!(error, ExplainError::OtherEvents);
}

/// Explains everybody in every week, and compares with what was closed; gives what became of every
/// contribution.
fn explain_all(policy: &Policy, events: &[system_token_oracle::ingest::Event]) -> Vec<Outcome> {
    let (schedule, mut members) = (Schedule::new(policy), Members::default());
    let mut ledger = Ledger::new(policy, Address::default());
    let (mut outcomes, mut made) = (Vec::new(), 0);
    for epoch in 1..=EPOCHS {
        members.observe(schedule.events_of(events, epoch)).unwrap();
        let before = ledger.clone();
        let closed = ledger.close(policy, &members, events).unwrap();
        let window = events_of_window(policy, epoch, events);
        let mut granted = 0;
        for (member, leaf) in (0..).zip(&closed.leaves) {
            let earned = before.earned(member);
            let one = explain(policy, &members, &window, &closed, earned, member).unwrap();
            one.check().unwrap_or_else(|error| panic!("member {member}, epoch {epoch}: {error}"));
            let paid = &one.payment;
            let of_pools = closed.pools.iter().filter_map(|pool| pool.amounts.get(&member));
            assert_eq!(paid.granted_base_units, of_pools.sum::<u64>(), "{member} in {epoch}");
            let change = leaf.cumulative_total - earned.total;
            assert_eq!(paid.paid_base_units, change, "{member} in {epoch}");
            assert_eq!(paid.total_after_base_units, leaf.cumulative_total, "{member} in {epoch}");
            assert_eq!(paid.held_after_base_units, ledger.earned(member).held);
            granted += paid.granted_base_units;
            let kinds = one.pools.iter().flat_map(|pool| &pool.kinds);
            let contributions = kinds.flat_map(|kind| &kind.contributions);
            outcomes.extend(contributions.map(|contribution| contribution.outcome));
        }
        assert_eq!(granted, closed.allocated(), "epoch {epoch}");
        made += closed.weights.contributions.len();
        assert_eq!(outcomes.len(), made, "epoch {epoch}");
    }
    outcomes
}

#[tokio::test]
async fn everybodys_numbers_add_up_to_what_was_granted_in_every_week() {
    let events = events().await;
    for text in [CONTRIBUTION, VERSION_1] {
        let outcomes = explain_all(&policy(text), &events);
        assert!(outcomes.len() > 8_000, "{}", outcomes.len());
        assert!(outcomes.contains(&Outcome::Counted) && outcomes.contains(&Outcome::Diminished));
    }
}

#[tokio::test]
async fn words_that_nobody_took_up_are_explained_though_they_pay_nothing() {
    let (events, timeline) = (events().await, timeline());
    let explainer = Explainer::new(&timeline, Members::default(), &events, 40, i64::MAX / 4);
    let explainer = explainer.unwrap();
    let all = (0..explainer.members().len()).map(|member| explainer.explain(member).unwrap());
    let only_words = all.into_iter().find(|one| {
        let mut kinds = one.pools.iter().flat_map(|pool| &pool.kinds).peekable();
        let words = kinds.peek().is_some() && kinds.all(|kind| kind.kind == "comment");
        words && one.payment.paid_base_units == 0
    });
    let only_words = only_words.unwrap();
    let english = only_words.to_text(Language::En, Default::default()).unwrap();
    assert!(english.contains("Counts 0: nobody who is trusted has taken it up yet."), "{english}");
    let russian = only_words.to_text(Language::Ru, Default::default()).unwrap();
    assert!(
        russian.contains("Засчитано 0: пока не откликнулся никто, кому доверяют."),
        "{russian}"
    );
}

#[tokio::test]
async fn a_week_of_a_member_reads_well_in_both_languages() {
    let (events, timeline) = (events().await, timeline());
    let explainer = Explainer::new(&timeline, Members::default(), &events, 12, i64::MAX / 4);
    let explanation = explainer.unwrap().explain(1).unwrap();
    for language in Language::ALL {
        let text = explanation.to_text(language, Default::default()).unwrap();
        insta::assert_snapshot!(format!("a_week_{language}"), text);
    }
}
