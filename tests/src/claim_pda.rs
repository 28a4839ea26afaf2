//! The peers' design on the same chain: `programs/claim-pda` and a community that it pays.

use solana_address::{Address, address};
use solana_instruction::{AccountMeta, Instruction};
use solana_sdk_ids::system_program;
use solana_sha256_hasher::hashv;
use solana_signer::Signer;
use system_token_attestation::Hash;
use system_token_chain::{ChainError, Receipt};

use crate::World;

/// The program, as `scripts/build-program.sh` builds it.
pub const CLAIM_PDA_ELF: &[u8] = include_bytes!("../artifact/claim_pda.so");

const PROGRAM_ID: Address = address!("CLaimPDA6aQvTHFr391LtgFoK64HBunpe7mE8Ct7fsK");
/// First eight bytes of SHA-256 of `global:initialize`, `global:set_root` and `global:claim`.
const INITIALIZE: [u8; 8] = [175, 175, 109, 31, 13, 152, 155, 237];
const SET_ROOT: [u8; 8] = [183, 49, 10, 206, 168, 183, 131, 67];
const CLAIM: [u8; 8] = [62, 198, 214, 193, 213, 159, 108, 210];

/// What one epoch pays, and the classic binary tree over it.
#[derive(Clone, Debug)]
pub struct Payments {
    /// The members' token accounts, by index.
    pub token_accounts: Vec<Address>,
    /// What each is paid, base units.
    pub amounts: Vec<u64>,
    /// `levels[0]` are the leaves, the last level is the root.
    levels: Vec<Vec<Hash>>,
}

impl Payments {
    /// Hashes payments to as many members as a power of two.
    ///
    /// # Panics
    /// With another number of members, or as many amounts as there are no members for.
    pub fn new(token_accounts: Vec<Address>, amounts: Vec<u64>) -> Self {
        assert!(token_accounts.len().is_power_of_two(), "a full tree has no missing leaves");
        assert_eq!(token_accounts.len(), amounts.len(), "each member has an amount");
        let leaf = |((index, account), amount): ((u32, &Address), &u64)| {
            hashv(&[&[0], &index.to_le_bytes(), account.as_ref(), &amount.to_le_bytes()]).to_bytes()
        };
        let leaves = (0..).zip(&token_accounts).zip(&amounts).map(leaf).collect();
        let mut levels: Vec<Vec<Hash>> = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let node = |pair: &[Hash]| hashv(&[&[1], &pair[0], &pair[1]]).to_bytes();
            levels.push(below.chunks(2).map(node).collect());
        }
        Self { token_accounts, amounts, levels }
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.levels[self.levels.len() - 1][0]
    }

    /// What a member is paid, with the proof of it.
    pub fn payment(&self, index: u32) -> Payment {
        let siblings = self.levels.iter().enumerate().take(self.levels.len() - 1);
        Payment {
            index,
            token_account: self.token_accounts[index as usize],
            amount: self.amounts[index as usize],
            proof: siblings.map(|(level, nodes)| nodes[(index as usize >> level) ^ 1]).collect(),
        }
    }
}

/// What one member is paid in one epoch.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The member's index.
    pub index: u32,
    /// The member's token account.
    pub token_account: Address,
    /// The amount, base units.
    pub amount: u64,
    /// The leaf's proof, lowest sibling first.
    pub proof: Vec<Hash>,
}

/// A community that is paid by the peers' design.
pub struct ClaimPda {
    /// The chain, the mint and the members; its own distribution is not initialized.
    pub world: World,
    /// Where the distributor is.
    pub distributor: Address,
}

impl ClaimPda {
    /// Starts a chain with a distributor and so many members with token accounts.
    pub fn start(members: usize) -> Self {
        let mut world = World::with_mint();
        world.chain.svm().add_program(PROGRAM_ID, CLAIM_PDA_ELF).expect("the program loads");
        let distributor = find(&[b"distributor", world.mint.as_ref()]);
        world.wallets = (0..members).map(|_| world.key()).collect();
        world.token_accounts = world.create_token_accounts(&world.wallets);
        let accounts = vec![
            AccountMeta::new(world.payer.pubkey(), true),
            AccountMeta::new_readonly(world.mint_authority.pubkey(), true),
            AccountMeta::new(world.mint, false),
            AccountMeta::new(distributor, false),
            AccountMeta::new_readonly(world.token_program, false),
            AccountMeta::new_readonly(system_program::ID, false),
        ];
        let initialize =
            Instruction { program_id: PROGRAM_ID, accounts, data: INITIALIZE.to_vec() };
        world
            .send_with(&[&world.mint_authority], &[initialize], &[])
            .expect("the distributor is initialized");
        Self { world, distributor }
    }

    /// The instruction by which a key begins the next epoch.
    pub fn set_root_instruction(&self, admin: &Address, root: Hash) -> Instruction {
        let accounts = vec![
            AccountMeta::new_readonly(*admin, true),
            AccountMeta::new(self.distributor, false),
        ];
        let data = [&SET_ROOT, root.as_slice()].concat();
        Instruction { program_id: PROGRAM_ID, accounts, data }
    }

    /// Begins the next epoch, as the admin.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn set_root(&self, root: Hash) -> Result<Receipt, ChainError> {
        let admin = &self.world.mint_authority;
        let set_root = self.set_root_instruction(&admin.pubkey(), root);
        self.world.send_with(&[admin], &[set_root], &[])
    }

    /// The account that says that a member was paid in an epoch.
    pub fn status_address(&self, epoch: u64, index: u32) -> Address {
        let (epoch, index) = (epoch.to_le_bytes(), index.to_le_bytes());
        find(&[b"claim", self.distributor.as_ref(), &epoch, &index])
    }

    /// The instruction that pays a member in an epoch.
    pub fn claim_instruction(&self, epoch: u64, payment: &Payment) -> Instruction {
        let Payment { index, token_account, amount, proof } = payment;
        let accounts = vec![
            AccountMeta::new(self.world.payer.pubkey(), true),
            AccountMeta::new_readonly(self.distributor, false),
            AccountMeta::new(self.status_address(epoch, *index), false),
            AccountMeta::new(self.world.mint, false),
            AccountMeta::new(*token_account, false),
            AccountMeta::new_readonly(self.world.token_program, false),
            AccountMeta::new_readonly(system_program::ID, false),
        ];
        let proof_len = u32::try_from(proof.len()).expect("a short proof").to_le_bytes();
        let data = [
            CLAIM.as_slice(),
            &index.to_le_bytes(),
            &amount.to_le_bytes(),
            &proof_len,
            proof.as_flattened(),
        ]
        .concat();
        Instruction { program_id: PROGRAM_ID, accounts, data }
    }
}

fn find(seeds: &[&[u8]]) -> Address {
    Address::find_program_address(seeds, &PROGRAM_ID).0
}
