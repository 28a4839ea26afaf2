//! An epoch as the oracles see it: its leaves, their tree, and the attestation over both.

use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::{Attestation, Leaf, Tree};
use system_token_interface::PROGRAM_ID;
use system_token_interface::instructions::{self, ClaimRun, OracleSignature};

use crate::World;

/// One epoch's result, ready to be signed and claimed.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// What the oracles sign; a test may change it before they do.
    pub attestation: Attestation,
    /// The members' leaves, by index.
    pub leaves: Vec<Leaf>,
    /// The tree over the leaves.
    pub tree: Tree,
}

impl Epoch {
    /// A run of members to be paid, with its proof.
    pub fn run(&self, start: u32, members: usize) -> ClaimRun {
        let leaves = &self.leaves[start as usize..start as usize + members];
        ClaimRun {
            start_index: start,
            totals: leaves.iter().map(|leaf| leaf.cumulative_total).collect(),
            token_accounts: leaves.iter().map(|leaf| leaf.token_account.into()).collect(),
            proof: self.tree.proof(start, members).expect("a run of the tree"),
        }
    }
}

impl World {
    /// An epoch that pays these cumulative totals to the members, by index.
    pub fn epoch(&self, epoch: u64, totals: &[u64]) -> Epoch {
        assert!(totals.len() <= self.token_accounts.len(), "each total needs a member");
        self.epoch_to(epoch, &self.token_accounts[..totals.len()], totals)
    }

    /// An epoch that pays these cumulative totals to any accounts.
    pub fn epoch_to(&self, epoch: u64, accounts: &[Address], totals: &[u64]) -> Epoch {
        let leaf = |(account, &cumulative_total): (&Address, &u64)| Leaf {
            token_account: account.to_bytes(),
            cumulative_total,
        };
        let leaves: Vec<_> = accounts.iter().zip(totals).map(leaf).collect();
        let tree = Tree::new(&leaves).expect("a tree of these leaves");
        let attestation = Attestation {
            program_id: PROGRAM_ID.to_bytes(),
            distribution: self.distribution.to_bytes(),
            epoch,
            oracle_set_version: 1,
            leaf_count: tree.leaf_count(),
            root: tree.root(),
            cumulative_total: tree.cumulative_total(),
            bundle_hash: [0xB5; 32],
        };
        Epoch { attestation, leaves, tree }
    }

    /// The instructions that attest with the signatures of some of the three oracles.
    pub fn attest_instructions(
        &self,
        attestation: &Attestation,
        oracles: &[usize],
    ) -> [Instruction; 2] {
        let signatures: Vec<_> = oracles
            .iter()
            .map(|&oracle| signature(&self.oracles[oracle], &attestation.to_bytes()))
            .collect();
        instructions::attest(&self.payer.pubkey(), attestation, &signatures)
    }

    /// The instruction that finalizes an epoch.
    pub fn finalize_instruction(&self, epoch: &Epoch) -> Instruction {
        instructions::finalize(&self.distribution, &epoch.attestation.digest())
    }

    /// Lets an epoch end and two oracles attest it; its challenge window is open.
    pub fn attest_ended(&self, epoch: &Epoch) {
        self.end_epoch(epoch.attestation.epoch);
        self.attest(epoch, &[0, 1]).expect("the epoch is attested");
    }

    /// Lets an epoch end, be attested by two oracles, and be finalized after its window.
    pub fn install(&self, epoch: &Epoch) {
        self.attest_ended(epoch);
        self.end_challenge_window();
        self.finalize(epoch).expect("the epoch is finalized");
    }
}

/// A key's signature over any bytes, as the precompile takes it.
pub fn signature(key: &Keypair, message: &[u8]) -> OracleSignature {
    OracleSignature { oracle: key.pubkey(), signature: key.sign_message(message).into() }
}
