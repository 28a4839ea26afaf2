//! What attackers planted into the real export gain under the example's rules: no more than they may.

use system_token_oracle::simulate::attacks::{Agreement, Simulation};
use system_token_oracle::simulate::scoring::Scoring;

use crate::real_export;
use crate::rule_books::{CONTRIBUTION, policy};

/// One, in millionths.
const ONE: u64 = 1_000_000;

#[tokio::test]
async fn attacks_gain_no_more_than_they_may_and_the_ranking_says_something() {
    let (policy, events) = (policy(CONTRIBUTION), real_export::events().await);
    let trust = policy.rules().trust.clone().unwrap();
    let seeds = trust.seeds.iter().map(|seed| seed.split_once(':').unwrap().1.to_owned());
    let simulation = Simulation::new(&policy, &events, seeds.collect(), 1);
    let honest = simulation.honest(Scoring::Ours).unwrap();
    let gains = simulation.gains(Scoring::Ours, &honest, |_| {}).unwrap();
    for (attack, gain, at_most) in [
        ("split_2", gains.split_2, 1_050_000),
        ("split_5", gains.split_5, 1_050_000),
        ("split_20", gains.split_20, 1_050_000),
        ("ring_5", gains.ring_5, 1_100_000),
        ("spam_100", gains.spam_100, 1_250_000),
        ("like_farm", gains.like_farm, 1_020_000),
        ("malicious_assessor", gains.malicious_assessor, 1_020_000),
    ] {
        assert!(gain <= at_most, "{attack} gains {gain} millionths");
    }
    // The liar moves something: it has been planted
    assert!(gains.malicious_assessor > ONE);
    let quarters = simulation.agreements(&honest);
    assert!(quarters.len() == 4 && Agreement::mean(&quarters) > 450_000, "{quarters:?}");

    // Under counting, the same attacks pay
    let counted = simulation.honest(Scoring::Counting).unwrap();
    let gains = simulation.gains(Scoring::Counting, &counted, |_| {}).unwrap();
    assert!(gains.spam_100 > 5 * ONE && gains.ring_5 > 2 * ONE, "{gains:?}");
}
