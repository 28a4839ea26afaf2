//! Random sequences of instructions: whatever is sent in whatever order, the money adds up.
//!
//! After every step: minted total = supply − initial supply = Σ ledger pages, minted total ≤
//! cumulative total ≤ allowance, no page ever decreases, and no member is paid beyond the largest
//! total that was ever finalized for it.
//!
//! `SEQUENCES` sets how many sequences are tried, `PROPTEST_RNG_SEED` another seed.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;
use system_token_chain::{ChainError, Receipt};
use system_token_tests::{Epoch, World};

const SEQUENCES: u32 = 2_000;
const STEPS: usize = 60;
const MEMBERS: usize = 12;
const WEEK: u32 = 7 * 24 * 60 * 60;
/// Stands for the epoch that was computed last.
const NEWEST: usize = usize::MAX;
/// Where a token account's bytes hold its state: 1 live, 2 frozen.
const STATE: usize = 108;

/// Something that somebody does.
#[derive(Clone, Debug)]
enum Step {
    /// The oracles agree on totals for an epoch; `raises` may lower and may exceed every limit.
    Compute { epoch_ahead: u64, raises: Vec<i64> },
    /// The oracles compute the next epoch, attest it in time, and it is finalized.
    Honest { raises: Vec<i64> },
    /// Some oracles sign one of the computed epochs.
    Attest { candidate: usize, oracles: Vec<usize> },
    /// Anyone finalizes one of the computed epochs.
    Finalize { candidate: usize },
    /// Anyone claims a run of one of the computed epochs, finalized or not.
    Claim { candidate: usize, quad: u32, quads: u32 },
    /// Anyone opens a page.
    OpenPage { page_index: u32 },
    /// Time passes, seconds.
    Wait { seconds: u32 },
    /// The token program freezes or thaws a member's account.
    Freeze { member: usize, frozen: bool },
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly what an honest run would do next, so that many sequences get somewhere.
    let candidate = || prop_oneof![4 => Just(NEWEST), 1 => 0usize..8];
    let ahead = prop_oneof![4 => Just(1u64), 1 => 0u64..4];
    let raise = || prop_oneof![20 => 0i64..40_000, 1 => -200i64..0, 1 => 0i64..400_000];
    let oracles = prop_oneof![3 => Just(vec![0, 1]), 1 => vec(0usize..3, 1..4)];
    prop_oneof![
        2 => (ahead, vec(raise(), MEMBERS))
            .prop_map(|(epoch_ahead, raises)| Step::Compute { epoch_ahead, raises }),
        2 => vec(raise(), MEMBERS).prop_map(|raises| Step::Honest { raises }),
        4 => (candidate(), oracles)
            .prop_map(|(candidate, oracles)| Step::Attest { candidate, oracles }),
        4 => candidate().prop_map(|candidate| Step::Finalize { candidate }),
        5 => (candidate(), 0u32..4, 1u32..5)
            .prop_map(|(candidate, quad, quads)| Step::Claim { candidate, quad, quads }),
        1 => (0u32..2).prop_map(|page_index| Step::OpenPage { page_index }),
        4 => prop_oneof![Just(WEEK), Just(3_600), 0u32..90_000]
            .prop_map(|seconds| Step::Wait { seconds }),
        1 => (0..MEMBERS, any::<bool>())
            .prop_map(|(member, frozen)| Step::Freeze { member, frozen }),
    ]
}

/// The world, and what may be known without looking at the program.
struct Model {
    world: World,
    candidates: Vec<Epoch>,
    /// The largest total ever finalized for each member, base units.
    proved: Vec<u64>,
    /// What each member's slot on the page held after the last step, base units.
    claimed: Vec<u64>,
}

impl Model {
    fn start() -> Self {
        let world = World::start(MEMBERS);
        world.open_page(0).expect("page 0 is opened");
        let zeros = vec![0; MEMBERS];
        let first = world.epoch(1, &zeros);
        Self { world, candidates: vec![first], proved: zeros.clone(), claimed: zeros }
    }

    fn candidate(&self, candidate: usize) -> &Epoch {
        let newest = self.candidates.len() - 1;
        &self.candidates[if candidate == NEWEST { newest } else { candidate % (newest + 1) }]
    }

    /// Totals raised from the newest epoch's, for an epoch so many after the last finalized.
    fn compute(&mut self, epoch_ahead: u64, raises: &[i64]) {
        let last = &self.candidates[self.candidates.len() - 1];
        let totals: Vec<_> = last
            .leaves
            .iter()
            .zip(raises)
            .map(|(leaf, raise)| leaf.cumulative_total.saturating_add_signed(*raise))
            .collect();
        let epoch = self.world.distribution().epoch.get() + epoch_ahead;
        self.candidates.push(self.world.epoch(epoch, &totals));
    }

    fn finalize(&mut self, candidate: usize) {
        let epoch = self.candidate(candidate).clone();
        if assert_no_crash(&self.world.finalize(&epoch)) {
            for (proved, leaf) in self.proved.iter_mut().zip(&epoch.leaves) {
                *proved = leaf.cumulative_total.max(*proved);
            }
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Compute { epoch_ahead, raises } => self.compute(*epoch_ahead, raises),
            Step::Honest { raises } => {
                self.compute(1, raises);
                self.world.end_epoch(self.candidate(NEWEST).attestation.epoch);
                assert_no_crash(&self.world.attest(self.candidate(NEWEST), &[0, 2]));
                self.world.end_challenge_window();
                self.finalize(NEWEST);
            }
            Step::Attest { candidate, oracles } => {
                assert_no_crash(&self.world.attest(self.candidate(*candidate), oracles));
            }
            Step::Finalize { candidate } => self.finalize(*candidate),
            Step::Claim { candidate, quad, quads } => {
                let epoch = self.candidate(*candidate);
                let (start, len) = (quad * 4, (quads * 4) as usize);
                // Where the tree has no such run there is no proof to send.
                if epoch.tree.proof(start, len).is_ok() {
                    let claim = self.world.claim_instruction(&epoch, start, len);
                    assert_no_crash(&self.world.send(&[claim]));
                }
            }
            Step::OpenPage { page_index } => {
                assert_no_crash(&self.world.open_page(*page_index));
            }
            Step::Wait { seconds } => self.world.warp(self.world.now() + i64::from(*seconds)),
            Step::Freeze { member, frozen } => {
                let account = self.world.token_accounts[*member];
                self.world
                    .alter_account(&account, |account| account.data[STATE] = 1 + u8::from(*frozen));
            }
        }
    }

    fn assert_money_adds_up(&mut self) {
        let distribution = self.world.distribution();
        let minted = distribution.minted_total.get();
        let page: Vec<_> = (0..).take(MEMBERS).map(|member| self.world.claimed(member)).collect();
        assert_eq!(minted, self.world.supply());
        assert_eq!(minted, page.iter().sum::<u64>());
        assert_eq!(self.world.balances(), page);
        assert!(minted <= distribution.cumulative_total.get());
        assert!(distribution.cumulative_total <= distribution.emission.allowance);
        for (now, (before, proved)) in page.iter().zip(self.claimed.iter().zip(&self.proved)) {
            assert!(before <= now, "a page decreased from {before} to {now}");
            assert!(now <= proved, "a member has {now}, more than {proved} proved");
        }
        self.claimed = page;
    }
}

/// Whether a transaction passed; a refusal is as good, a crash is not.
fn assert_no_crash(result: &Result<Receipt, ChainError>) -> bool {
    if let Err(ChainError::Rejected { error, logs }) = result {
        let crash = InstructionError::ProgramFailedToComplete;
        let crashed =
            matches!(error, TransactionError::InstructionError(_, error) if *error == crash);
        assert!(!crashed, "{logs:?}");
    }
    result.is_ok()
}

#[test]
fn whatever_is_sent_in_whatever_order_the_money_adds_up() {
    let sequences = std::env::var("SEQUENCES").ok().map(|count| count.parse().expect("a number"));
    let mut config = Config { cases: sequences.unwrap_or(SEQUENCES), ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config.failure_persistence = None;
    let paying = Cell::new(0);
    let outcome = TestRunner::new(config.clone()).run(&vec(step(), 1..STEPS), |steps| {
        let mut model = Model::start();
        for step in &steps {
            model.take(step);
            model.assert_money_adds_up();
        }
        paying.set(paying.get() + u32::from(model.world.supply() > 0));
        Ok(())
    });
    outcome.unwrap();
    // A test of nothing but refusals would prove little.
    assert!(paying.get() > config.cases / 4, "only {} sequences paid anybody", paying.get());
}
