//! Random sequences of instructions: whatever is sent in whatever order by whomever, the money adds
//! up and the rules are those that the rightful ones set.
//!
//! After every step: minted total = supply − initial supply = Σ ledger pages, minted total ≤
//! cumulative total ≤ allowance, initial supply + cumulative total ≤ supply cap, no page ever
//! decreases, no member is paid beyond the largest total that was ever finalized for it, no vetoed
//! epoch is finalized, and every setting is what a model of the governance says.
//!
//! `SEQUENCES` sets how many sequences are tried, `PROPTEST_RNG_SEED` another seed.

mod model;
mod rules;
mod steps;

use std::cell::Cell;

use proptest::collection::vec;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use model::Model;
use steps::step;

const SEQUENCES: u32 = 2_000;
const STEPS: usize = 60;

#[test]
fn whatever_is_sent_in_whatever_order_the_money_adds_up() {
    let sequences = std::env::var("SEQUENCES").ok().map(|count| count.parse().expect("a number"));
    let mut config = Config { cases: sequences.unwrap_or(SEQUENCES), ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config.failure_persistence = None;
    let (paying, changing) = (Cell::new(0), Cell::new(0));
    let outcome = TestRunner::new(config.clone()).run(&vec(step(), 1..STEPS), |steps| {
        let mut model = Model::start();
        for step in &steps {
            model.take(step);
            model.assert_holds();
        }
        paying.set(paying.get() + u32::from(model.has_paid()));
        changing.set(changing.get() + u32::from(model.has_changed()));
        Ok(())
    });
    outcome.unwrap();
    // A test of nothing but refusals would prove little.
    for (what, sequences) in [("paid anybody", paying.get()), ("changed a rule", changing.get())] {
        assert!(sequences > config.cases / 4, "only {sequences} sequences {what}");
    }
}
