//! The world, and what may be known of it without looking at the program.

use std::collections::HashSet;

use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;
use system_token_attestation::Hash;
use system_token_chain::{ChainError, Receipt};
use system_token_interface::Change;
use system_token_interface::instructions::{
    accept_admin, attest, cancel_change, close_proposal, execute_change, pause, propose_admin,
    queue_change, unpause, veto,
};
use system_token_tests::{Epoch, World, admin, guardian, signature};

use crate::rules::{Key, NOBODY, Rules};
use crate::steps::{FINALIZED, MEMBERS, NEWEST, ORACLES, PEOPLE, Plan, Signers, Step, Who};

/// Supply from before the distribution, which the first member holds, base units.
const INITIAL_SUPPLY: u64 = 7_000;
/// Where a token account's bytes hold its state: 1 live, 2 frozen.
const STATE: usize = 108;

/// A community, its people, and what they must find.
pub(crate) struct Model {
    world: World,
    /// All who are ever admin or guardian.
    people: [Keypair; PEOPLE],
    /// All who are ever oracles.
    oracles: [Keypair; ORACLES],
    candidates: Vec<Epoch>,
    rules: Rules,
    /// Whether a change was ever executed.
    changed: bool,
    /// Digests of vetoed attestations.
    vetoed: HashSet<Hash>,
    /// Cumulative total of the last finalized epoch, base units.
    cumulative_total: u64,
    /// Which candidate was finalized last.
    finalized: usize,
    /// Each member's total in it, base units.
    totals: Vec<u64>,
    /// The largest total ever finalized for each member, base units.
    proved: Vec<u64>,
    /// What each member's slot on the page held after the last step, base units.
    claimed: Vec<u64>,
}

impl Model {
    pub(crate) fn start() -> Self {
        let world = World::start_with_supply(MEMBERS, INITIAL_SUPPLY);
        world.open_page(0).expect("page 0 is opened");
        let zeros = vec![0; MEMBERS];
        let [first, second, third] = world.oracles.each_ref().map(Keypair::insecure_clone);
        Self {
            people: [admin(), guardian(), world.key(), world.key()],
            oracles: [first, second, third, world.key(), world.key()],
            candidates: vec![world.epoch(1, &zeros)],
            rules: Rules::of(&world.distribution()),
            changed: false,
            vetoed: HashSet::new(),
            cumulative_total: 0,
            finalized: 0,
            totals: zeros.clone(),
            proved: zeros.clone(),
            claimed: zeros,
            world,
        }
    }

    /// Whether anybody was paid.
    pub(crate) fn has_paid(&self) -> bool {
        self.claimed.iter().any(|claimed| *claimed > 0)
    }

    /// Whether a change was ever executed.
    pub(crate) fn has_changed(&self) -> bool {
        self.changed
    }

    /// Takes a step, whose outcome must be what the model expects where it expects one.
    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::Compute { epoch_ahead, raises } => {
                let newest = self.candidate(NEWEST).leaves.iter();
                let totals: Vec<_> = newest.map(|leaf| leaf.cumulative_total).collect();
                self.compute(*epoch_ahead, &totals, raises);
            }
            Step::Honest { raises } => self.honest(raises),
            Step::Attest { candidate, signers } => self.attest(*candidate, signers),
            Step::Finalize { candidate } => self.finalize(*candidate),
            Step::Claim { candidate, quad, quads } => self.claim(*candidate, *quad, *quads),
            Step::OpenPage { page_index } => {
                passes(&self.world.open_page(*page_index));
            }
            Step::Wait { seconds } => self.wait(*seconds),
            Step::Freeze { member, frozen } => {
                let account = self.world.token_accounts[*member];
                self.world
                    .alter_account(&account, |account| account.data[STATE] = 1 + u8::from(*frozen));
            }
            Step::Queue { by, plan } => self.queue(*by, plan),
            Step::Execute => self.execute(),
            Step::Reform { plan } => {
                self.queue(Who::Rightful, plan);
                self.wait(self.rules.timelock_seconds);
                self.execute();
            }
            Step::Veto { by, candidate } => self.veto(*by, *candidate),
            Step::CloseProposal { candidate } => {
                let digest = self.candidate(*candidate).attestation.digest();
                let payer = self.world.payer.pubkey();
                let close = close_proposal(&self.world.distribution, &digest, &payer);
                passes(&self.world.send(&[close]));
            }
            Step::Cancel { .. }
            | Step::Pause { .. }
            | Step::Unpause { .. }
            | Step::ProposeAdmin { .. }
            | Step::AcceptAdmin { .. } => self.govern(step),
        }
    }

    fn candidate(&self, candidate: usize) -> &Epoch {
        &self.candidates[self.index(candidate)]
    }

    fn index(&self, candidate: usize) -> usize {
        match candidate {
            NEWEST => self.candidates.len() - 1,
            FINALIZED => self.finalized,
            any => any % self.candidates.len(),
        }
    }

    fn wait(&self, seconds: u32) {
        self.world.warp(self.world.now() + i64::from(seconds));
    }

    /// Raises totals, for an epoch so many after the last finalized.
    fn compute(&mut self, epoch_ahead: u64, totals: &[u64], raises: &[i64]) {
        let raised = totals.iter().zip(raises);
        let totals: Vec<_> =
            raised.map(|(total, raise)| total.saturating_add_signed(*raise)).collect();
        let epoch = self.world.distribution().epoch.get() + epoch_ahead;
        let mut epoch = self.world.epoch(epoch, &totals);
        epoch.attestation.oracle_set_version = self.rules.oracle_set_version;
        self.candidates.push(epoch);
    }

    fn honest(&mut self, raises: &[i64]) {
        self.compute(1, &self.totals.clone(), raises);
        self.world.end_epoch(self.candidate(NEWEST).attestation.epoch);
        self.attest(NEWEST, &Signers::Quorum);
        self.wait(self.rules.challenge_seconds);
        self.finalize(NEWEST);
    }

    fn attest(&self, candidate: usize, signers: &Signers) {
        let attestation = &self.candidate(candidate).attestation;
        let keys: Vec<_> = match signers {
            Signers::Quorum => {
                let quorum = self.rules.oracles.iter().take(self.rules.threshold.into());
                quorum.map(|key| find(&self.oracles, *key)).collect()
            }
            Signers::Keys(keys) => keys.iter().map(|key| &self.oracles[*key]).collect(),
        };
        let message = attestation.to_bytes();
        let signatures: Vec<_> = keys.iter().map(|key| signature(key, &message)).collect();
        let attest = attest(&self.world.payer.pubkey(), attestation, &signatures);
        if passes(&self.world.send(&attest)) {
            assert!(!self.rules.paused, "attested while paused");
            assert!(!self.vetoed.contains(&attestation.digest()), "a vetoed epoch was attested");
            let set = &self.rules.oracles;
            assert!(keys.iter().all(|key| set.contains(&key.pubkey().to_bytes())));
        }
    }

    fn finalize(&mut self, candidate: usize) {
        let epoch = self.candidate(candidate).clone();
        if passes(&self.world.finalize(&epoch)) {
            let attestation = &epoch.attestation;
            assert!(!self.rules.paused, "finalized while paused");
            assert!(!self.vetoed.contains(&attestation.digest()), "a vetoed epoch was finalized");
            assert_eq!(attestation.oracle_set_version, self.rules.oracle_set_version);
            let growth = attestation.cumulative_total.checked_sub(self.cumulative_total);
            assert!(growth.is_some_and(|growth| growth <= self.rules.growth_limit));
            self.rules.finalized(attestation.epoch);
            self.cumulative_total = attestation.cumulative_total;
            self.finalized = self.index(candidate);
            self.totals = epoch.leaves.iter().map(|leaf| leaf.cumulative_total).collect();
            for (proved, total) in self.proved.iter_mut().zip(&self.totals) {
                *proved = *total.max(proved);
            }
        }
    }

    fn claim(&self, candidate: usize, quad: u32, quads: u32) {
        let epoch = self.candidate(candidate);
        let (start, len) = (quad * 4, (quads * 4) as usize);
        // Where the tree has no such run there is no proof to send.
        if epoch.tree.proof(start, len).is_ok() {
            let claim = self.world.claim_instruction(epoch, start, len);
            let claimed = passes(&self.world.send(&[claim]));
            assert!(!(claimed && self.rules.paused), "claimed while paused");
        }
    }

    fn veto(&mut self, by: Who, candidate: usize) {
        let digest = self.candidate(candidate).attestation.digest();
        let signer = self.signer(by, self.rules.guardian);
        let veto = veto(&signer.pubkey(), &self.world.distribution, &digest);
        if self.send(signer, veto) {
            assert_eq!(signer.pubkey().to_bytes(), self.rules.guardian);
            self.vetoed.insert(digest);
        }
    }

    fn queue(&mut self, by: Who, plan: &Plan) {
        let change = self.change(plan);
        let signer = self.signer(by, self.rules.admin);
        let key = signer.pubkey();
        let sent = self.send(signer, queue_change(&key, &self.world.distribution, &change));
        let (granted, now) = (self.granted(), self.world.now());
        assert_eq!(sent, self.rules.queue(key.to_bytes(), &change, granted, now), "{change:?}");
    }

    fn execute(&mut self) {
        let execute = execute_change(&self.world.distribution);
        let sent = passes(&self.world.send(&[execute]));
        assert_eq!(sent, self.rules.execute(self.granted(), self.world.now()));
        self.changed |= sent;
    }

    /// A step that one signer takes and that changes nothing but the rules.
    fn govern(&mut self, step: &Step) {
        let (distribution, rules) = (self.world.distribution, &self.rules);
        let (by, rightful) = match step {
            Step::Cancel { by } | Step::Pause { by } => (*by, rules.guardian),
            Step::Unpause { by } | Step::ProposeAdmin { by, .. } => (*by, rules.admin),
            Step::AcceptAdmin { by } => (*by, rules.pending_admin),
            other => unreachable!("{other:?} is no such step"),
        };
        let signer = self.signer(by, rightful);
        let (address, key) = (signer.pubkey(), signer.pubkey().to_bytes());
        let next = match step {
            Step::ProposeAdmin { next: Some(person), .. } => self.people[*person].pubkey(),
            _ => NOBODY.into(),
        };
        let sent = self.send(
            signer,
            match step {
                Step::Cancel { .. } => cancel_change(&address, &distribution),
                Step::Pause { .. } => pause(&address, &distribution),
                Step::Unpause { .. } => unpause(&address, &distribution),
                Step::ProposeAdmin { .. } => propose_admin(&address, &distribution, &next),
                _ => accept_admin(&address, &distribution),
            },
        );
        let rules = &mut self.rules;
        let allowed = match step {
            Step::Cancel { .. } => rules.cancel(key),
            Step::Pause { .. } => {
                let allowed = rules.is_guardian_or_admin(key);
                rules.paused |= allowed;
                allowed
            }
            Step::Unpause { .. } => {
                let allowed = key == rules.admin;
                rules.paused &= !allowed;
                allowed
            }
            Step::ProposeAdmin { .. } => {
                let allowed = key == rules.admin;
                if allowed {
                    rules.pending_admin = next.to_bytes();
                }
                allowed
            }
            _ => rules.accept_admin(key),
        };
        assert_eq!(sent, allowed, "{step:?}");
    }

    /// The most the mint's supply can be by what was granted so far, base units.
    fn granted(&self) -> u64 {
        INITIAL_SUPPLY + self.cumulative_total
    }

    fn change(&self, plan: &Plan) -> Change {
        match plan {
            Plan::OracleSet { first, count, threshold } => {
                let rotated = self.oracles.iter().cycle().skip(*first).take(*count);
                Change::OracleSet {
                    threshold: u8::try_from(*threshold).expect("a few"),
                    oracles: rotated.map(|oracle| oracle.pubkey().to_bytes()).collect(),
                }
            }
            Plan::Emission { decay, budget, growth_limit, headroom } => Change::Emission {
                decay_epochs: decay.0,
                decay_basis_points: decay.1,
                budget: *budget,
                growth_limit: *growth_limit,
                supply_cap: self.granted().saturating_add_signed(*headroom),
            },
            Plan::Windows { challenge_seconds, timelock_seconds } => Change::Windows {
                challenge_seconds: *challenge_seconds,
                timelock_seconds: *timelock_seconds,
            },
            Plan::Guardian { person } => {
                Change::Guardian { guardian: self.people[*person].pubkey().to_bytes() }
            }
        }
    }

    fn signer(&self, who: Who, rightful: Key) -> &Keypair {
        match who {
            Who::Rightful if rightful != NOBODY => find(&self.people, rightful),
            Who::Rightful => &self.people[PEOPLE - 1],
            Who::Person(person) => &self.people[person],
        }
    }

    fn send(&self, signer: &Keypair, instruction: Instruction) -> bool {
        passes(&self.world.send_with(&[signer], &[instruction], &[]))
    }

    /// What must hold after any step.
    pub(crate) fn assert_holds(&mut self) {
        let distribution = self.world.distribution();
        assert_eq!(Rules::of(&distribution), self.rules);
        let (minted, total) = (distribution.minted_total.get(), self.cumulative_total);
        assert_eq!(distribution.cumulative_total.get(), total);
        assert!(minted <= total);
        assert!(total <= self.rules.allowance);
        assert!(self.granted() <= self.rules.supply_cap);

        let page = self.world.page(0);
        let page: Vec<_> = page.claimed[..MEMBERS].iter().map(|claimed| claimed.get()).collect();
        assert_eq!(minted, self.world.supply() - INITIAL_SUPPLY);
        assert_eq!(minted, page.iter().sum::<u64>());
        let mut balances = self.world.balances();
        balances[0] -= INITIAL_SUPPLY;
        assert_eq!(balances, page);
        for (now, (before, proved)) in page.iter().zip(self.claimed.iter().zip(&self.proved)) {
            assert!(before <= now, "a page decreased from {before} to {now}");
            assert!(now <= proved, "a member has {now}, more than {proved} proved");
        }
        self.claimed = page;
    }
}

fn find(keys: &[Keypair], key: Key) -> &Keypair {
    keys.iter().find(|one| one.pubkey().to_bytes() == key).expect("one of the known keys")
}

/// Whether a transaction passed; a refusal is as good, a crash is not.
fn passes(result: &Result<Receipt, ChainError>) -> bool {
    if let Err(ChainError::Rejected { error, logs }) = result {
        let crash = InstructionError::ProgramFailedToComplete;
        let crashed =
            matches!(error, TransactionError::InstructionError(_, error) if *error == crash);
        assert!(!crashed, "{logs:?}");
    }
    result.is_ok()
}
