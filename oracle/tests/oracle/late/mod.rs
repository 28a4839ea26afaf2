//! What comes after an epoch was closed changes later ones and takes nothing back.

mod community;
mod laws;

use serde_json::json;
use system_token_oracle::policy::Policy;

use community::{BOOK, Community, assessment, event, points, work};

/// Places of pools in the rule book.
const CRAFT: usize = 0;
const CARE: usize = 1;
/// Members by name.
const BORIS: u32 = 1;
const CLARA: u32 = 2;
/// Hours of a week.
const WEEK: u32 = 7 * 24;
/// A point, in millionths.
const POINT: u64 = 1_000_000;

fn book() -> Policy {
    Policy::parse(BOOK).unwrap()
}

#[test]
fn a_late_contribution_is_paid_in_the_epoch_it_comes_in() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![work(1, "boris", "work_done", "b")];
    let first = community.close(&book);
    // Given Clara's work of the first week, which came in the second
    community.events.push(work(2, "clara", "work_done", "c"));
    let second = community.close(&book);
    // Then what the first week granted stays, and the second has her points alone
    assert_eq!(community.total(BORIS), first.tree.cumulative_total());
    assert_eq!((points(&second, CRAFT, BORIS), points(&second, CRAFT, CLARA)), (0, 10 * POINT));
    assert!(community.total(CLARA) > 0);
    // And once: the third has nothing of it
    assert_eq!(points(&community.close(&book), CRAFT, CLARA), 0);
}

#[test]
fn what_comes_later_than_revisions_reach_changes_nothing() {
    let (book, mut community) = (book(), Community::new(&book()));
    for _ in 1..=4 {
        community.close(&book);
    }
    community.events = vec![work(1, "boris", "work_done", "b")];
    assert_eq!(points(&community.close(&book), CRAFT, BORIS), 0);
    // A week younger, it would have counted
    community.events = vec![work(3 * WEEK, "boris", "work_done", "b")];
    assert_eq!(points(&community.close(&book), CRAFT, BORIS), 10 * POINT);
}

#[test]
fn a_better_assessment_adds_to_a_later_epoch_and_a_worse_one_is_made_up_for() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![work(1, "boris", "work_done", "b"), work(1, "clara", "work_done", "c")];
    assert_eq!(points(&community.close(&book), CRAFT, BORIS), 10 * POINT);
    // Assessed at twice its worth, a second work's worth is added
    community.events.push(assessment(WEEK + 1, "b", 4));
    assert_eq!(points(&community.close(&book), CRAFT, BORIS), 10 * POINT);
    // Revised to nothing: both are owed, and nothing that was paid is taken
    let paid = community.total(BORIS);
    community.events.push(assessment(2 * WEEK + 1, "b", 0));
    community.events.push(work(2 * WEEK + 2, "boris", "work_done", "b2"));
    let third = community.close(&book);
    assert_eq!((points(&third, CRAFT, BORIS), community.total(BORIS)), (0, paid));
    assert_eq!(third.weights.pools[CRAFT].owed.get(&BORIS), Some(&(10 * POINT)));
    // Two more works make up for the rest, and pay for one
    for artifact in ["b3", "b4"] {
        community.events.push(work(3 * WEEK + 1, "boris", "work_done", artifact));
    }
    assert_eq!(points(&community.close(&book), CRAFT, BORIS), 10 * POINT);
}

#[test]
fn who_may_not_assess_changes_nothing() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![work(1, "boris", "work_done", "b")];
    community.close(&book);
    let say = |actor: &str, artifact: &str| {
        event(WEEK, actor, "artifact_assessed", json!({ "artifact": artifact, "score": 4 }))
    };
    // Boris his own, and Clara, who is no master
    community.events.extend([say("boris", "b"), say("clara", "b")]);
    assert_eq!(points(&community.close(&book), CRAFT, BORIS), 0);
}

#[test]
fn a_late_like_lifts_a_word_in_a_later_epoch() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![
        work(1, "boris", "work_done", "b"),
        event(
            2,
            "clara",
            "comment_created",
            json!({ "artifact": "w", "target": "b", "target_author": "boris" }),
        ),
    ];
    // Half of four points, for nobody has taken it up
    assert_eq!(points(&community.close(&book), CARE, CLARA), 2 * POINT);
    let like = json!({ "target": "w", "target_author": "clara" });
    community.events.push(event(3, "boris", "liked", like));
    assert_eq!(points(&community.close(&book), CARE, CLARA), 2 * POINT);
}

#[test]
fn a_work_withdrawn_after_it_was_paid_is_made_up_for() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![work(1, "boris", "work_done", "b")];
    community.close(&book);
    let paid = community.total(BORIS);
    community.events.push(work(WEEK, "boris", "artifact_withdrawn", "b"));
    community.events.push(work(WEEK + 1, "boris", "work_done", "b2"));
    community.close(&book);
    assert_eq!(community.total(BORIS), paid);
    community.events.push(work(2 * WEEK, "boris", "work_done", "b3"));
    assert_eq!(points(&community.close(&book), CRAFT, BORIS), 10 * POINT);
}

#[test]
fn a_held_reward_that_is_withdrawn_is_lost_once() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![work(1, "boris", "project_done", "p")];
    let first = community.close(&book);
    assert_eq!((first.held.len(), community.total(BORIS)), (1, 0));
    // When it is withdrawn, the reward returns to its pool …
    community.events.push(work(WEEK, "boris", "artifact_withdrawn", "p"));
    community.events.push(work(WEEK + 1, "boris", "work_done", "b"));
    let second = community.close(&book);
    assert_eq!((second.cancelled.len(), community.ledger.held()), (1, 0));
    assert_eq!(second.cancelled[0].amount, first.held[0].amount);
    // … and nothing is owed beside it: the next work is paid in full
    assert_eq!(points(&second, CRAFT, BORIS), 10 * POINT);
    assert_eq!(second.weights.pools[CRAFT].owed.get(&BORIS), None);
}

#[test]
fn a_member_who_turns_out_to_be_another_is_not_paid_twice() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![work(1, "boris", "work_done", "b"), work(1, "clara", "work_done", "c")];
    community.close(&book);
    // When Clara turns out to be Boris
    community.members.merge(CLARA, BORIS).unwrap();
    community.events.push(work(WEEK, "boris", "work_done", "b2"));
    let second = community.close(&book);
    // Then only the new work counts, and nothing is owed
    assert_eq!((points(&second, CRAFT, BORIS), points(&second, CRAFT, CLARA)), (10 * POINT, 0));
    let pool = &second.weights.pools[CRAFT];
    assert!(pool.owed.is_empty() && pool.revised.is_empty(), "{pool:?}");
}

#[test]
fn a_reward_is_held_though_its_contribution_came_late() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.close(&book);
    community.events = vec![work(1, "boris", "project_done", "p")];
    let second = community.close(&book);
    assert_eq!((points(&second, CRAFT, BORIS), second.held.len()), (50 * POINT, 1));
    assert_eq!(community.total(BORIS), 0);
    // Two weeks after the project it is paid
    let third = community.close(&book);
    assert_eq!(third.matured, second.held);
    assert_eq!(community.total(BORIS), second.held[0].amount);
}

#[test]
fn what_a_held_reward_gains_later_is_held_and_withdrawn_with_it() {
    let (book, mut community) = (book(), Community::new(&book()));
    community.events = vec![work(1, "boris", "project_done", "p")];
    let first = community.close(&book);
    // When a like lifts it in the second week, what that adds is held too
    let like = json!({ "target": "p", "target_author": "boris" });
    community.events.push(event(WEEK, "clara", "liked", like));
    let second = community.close(&book);
    assert_eq!((points(&second, CRAFT, BORIS), second.held.len()), (25 * POINT, 1));
    assert_eq!(community.total(BORIS), 0);
    assert_eq!(community.ledger.held(), first.held[0].amount + second.held[0].amount);
    // When it is withdrawn, both return, and the next work is paid in full
    community.events.push(work(WEEK + 1, "boris", "artifact_withdrawn", "p"));
    community.events.push(work(2 * WEEK - 1, "boris", "work_done", "b"));
    let third = community.close(&book);
    assert_eq!((third.cancelled.len(), community.ledger.held()), (2, 0));
    assert_eq!(points(&third, CRAFT, BORIS), 10 * POINT);
}
