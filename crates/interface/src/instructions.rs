//! Builds the program's instructions.

use borsh::BorshSerialize;
use solana_address::Address;
use solana_ed25519_program::{Ed25519SignatureOffsets, offsets_to_ed25519_instruction};
use solana_instruction::{AccountMeta, Instruction};
use solana_sdk_ids::{system_program, sysvar};
use system_token_attestation::{Attestation, Hash};

use crate::{
    Change, EVENT_AUTHORITY, MEMBERS_PER_PAGE, PROGRAM_ID, distribution_address, page_address,
    proposal_address,
};

/// An instruction's discriminator: the first eight bytes of SHA-256 of `global:<name>`.
pub mod discriminators {
    /// Of `accept_admin`.
    pub const ACCEPT_ADMIN: [u8; 8] = [112, 42, 45, 90, 116, 181, 13, 170];
    /// Of `attest`.
    pub const ATTEST: [u8; 8] = [83, 148, 120, 119, 144, 139, 117, 160];
    /// Of `cancel_change`.
    pub const CANCEL_CHANGE: [u8; 8] = [100, 30, 4, 148, 3, 244, 243, 168];
    /// Of `claim_batch`.
    pub const CLAIM_BATCH: [u8; 8] = [114, 42, 123, 54, 28, 139, 93, 41];
    /// Of `close_proposal`.
    pub const CLOSE_PROPOSAL: [u8; 8] = [213, 178, 139, 19, 50, 191, 82, 245];
    /// Of `execute_change`.
    pub const EXECUTE_CHANGE: [u8; 8] = [104, 53, 136, 238, 82, 222, 200, 42];
    /// Of `finalize`.
    pub const FINALIZE: [u8; 8] = [171, 61, 218, 56, 127, 115, 12, 217];
    /// Of `initialize`.
    pub const INITIALIZE: [u8; 8] = [175, 175, 109, 31, 13, 152, 155, 237];
    /// Of `open_page`.
    pub const OPEN_PAGE: [u8; 8] = [236, 108, 156, 231, 129, 28, 227, 233];
    /// Of `pause`.
    pub const PAUSE: [u8; 8] = [211, 22, 221, 251, 74, 121, 193, 47];
    /// Of `propose_admin`.
    pub const PROPOSE_ADMIN: [u8; 8] = [121, 214, 199, 212, 87, 39, 117, 234];
    /// Of `queue_change`.
    pub const QUEUE_CHANGE: [u8; 8] = [86, 150, 134, 232, 202, 133, 157, 253];
    /// Of `unpause`.
    pub const UNPAUSE: [u8; 8] = [169, 144, 4, 38, 10, 141, 188, 255];
    /// Of `veto`.
    pub const VETO: [u8; 8] = [190, 152, 69, 226, 61, 150, 107, 215];
}

/// How a distribution starts.
#[derive(BorshSerialize, Clone, Debug, PartialEq, Eq)]
pub struct InitializeArgs {
    /// May queue changes.
    pub admin: [u8; 32],
    /// May veto and pause.
    pub guardian: [u8; 32],
    /// The keys whose signatures count.
    pub oracles: Vec<[u8; 32]>,
    /// Signatures that make an attestation valid.
    pub threshold: u8,
    /// How long an attested proposal can be vetoed, seconds.
    pub challenge_seconds: u32,
    /// How long a queued change waits, seconds.
    pub timelock_seconds: u32,
    /// When epoch 1 begins, UTC seconds.
    pub start_at: i64,
    /// Length of an epoch, seconds.
    pub epoch_seconds: u32,
    /// Epochs between two decays of the budget; 0: it never decays.
    pub decay_epochs: u32,
    /// What a decay leaves of the budget, in 1/10000.
    pub decay_basis_points: u16,
    /// Budget of epoch 1, base units.
    pub budget: u64,
    /// The most one epoch may add, base units.
    pub growth_limit: u64,
    /// The most the mint's supply may ever be, base units.
    pub supply_cap: u64,
}

/// Creates a mint's distribution; signed by the payer and the mint's current authority.
pub fn initialize(
    payer: &Address,
    mint_authority: &Address,
    mint: &Address,
    token_program: &Address,
    args: &InitializeArgs,
) -> Instruction {
    let accounts = with_event_accounts(vec![
        AccountMeta::new(*payer, true),
        AccountMeta::new_readonly(*mint_authority, true),
        AccountMeta::new(*mint, false),
        AccountMeta::new(distribution_address(mint).0, false),
        AccountMeta::new_readonly(*token_program, false),
        AccountMeta::new_readonly(system_program::ID, false),
    ]);
    instruction(discriminators::INITIALIZE, accounts, args)
}

/// An oracle's signature over an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OracleSignature {
    /// The oracle's key.
    pub oracle: Address,
    /// Its Ed25519 signature over [`Attestation::to_bytes`].
    pub signature: [u8; 64],
}

/// The Ed25519 precompile over one message that all signers share.
///
/// Data: header ‖ offsets ‖ (key 32 ‖ signature 64) for each signer ‖ message.
///
/// # Panics
/// With more than 255 signatures or a message that does not fit an instruction's offsets.
pub fn verify_signatures(message: &[u8], signatures: &[OracleSignature]) -> Instruction {
    let fit = "a precompile instruction fits a transaction";
    let keys_start = 2 + 14 * signatures.len();
    let message_start = keys_start + 96 * signatures.len();
    let offsets: Vec<_> = (0..signatures.len())
        .map(|i| Ed25519SignatureOffsets {
            public_key_offset: u16::try_from(keys_start + 96 * i).expect(fit),
            public_key_instruction_index: u16::MAX,
            signature_offset: u16::try_from(keys_start + 96 * i + 32).expect(fit),
            signature_instruction_index: u16::MAX,
            message_data_offset: u16::try_from(message_start).expect(fit),
            message_data_size: u16::try_from(message.len()).expect(fit),
            message_instruction_index: u16::MAX,
        })
        .collect();
    let mut precompile = offsets_to_ed25519_instruction(&offsets);
    for OracleSignature { oracle, signature } in signatures {
        precompile.data.extend_from_slice(oracle.as_ref());
        precompile.data.extend_from_slice(signature);
    }
    precompile.data.extend_from_slice(message);
    precompile
}

/// Counts signatures over an attestation: the precompile, then `attest`, to be sent together.
pub fn attest(
    payer: &Address,
    attestation: &Attestation,
    signatures: &[OracleSignature],
) -> [Instruction; 2] {
    let distribution = Address::from(attestation.distribution);
    let digest = attestation.digest();
    let accounts = with_event_accounts(vec![
        AccountMeta::new(*payer, true),
        AccountMeta::new_readonly(distribution, false),
        AccountMeta::new(proposal_address(&distribution, &digest).0, false),
        AccountMeta::new_readonly(sysvar::instructions::ID, false),
        AccountMeta::new_readonly(system_program::ID, false),
    ]);
    [
        verify_signatures(&attestation.to_bytes(), signatures),
        instruction(discriminators::ATTEST, accounts, &digest),
    ]
}

/// Installs an attested epoch once its challenge window is over.
pub fn finalize(distribution: &Address, digest: &Hash) -> Instruction {
    let accounts = with_event_accounts(vec![
        AccountMeta::new(*distribution, false),
        AccountMeta::new_readonly(proposal_address(distribution, digest).0, false),
    ]);
    instruction(discriminators::FINALIZE, accounts, &())
}

/// Creates the ledger page of the members from index `256 × page_index`.
pub fn open_page(payer: &Address, distribution: &Address, page_index: u32) -> Instruction {
    let accounts = vec![
        AccountMeta::new(*payer, true),
        AccountMeta::new_readonly(*distribution, false),
        AccountMeta::new(page_address(distribution, page_index).0, false),
        AccountMeta::new_readonly(system_program::ID, false),
    ];
    instruction(discriminators::OPEN_PAGE, accounts, &page_index)
}

/// A run of members to be paid, and its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRun {
    /// Index of the first member.
    pub start_index: u32,
    /// Cumulative total of each member, base units.
    pub totals: Vec<u64>,
    /// Token account of each member, as in the leaf.
    pub token_accounts: Vec<Address>,
    /// The run's proof, lowest sibling first.
    pub proof: Vec<Hash>,
}

/// Mints what is still due to the members of a run; the token program is the mint's.
pub fn claim_batch(mint: &Address, token_program: &Address, run: &ClaimRun) -> Instruction {
    let distribution = distribution_address(mint).0;
    let page_index = run.start_index / MEMBERS_PER_PAGE;
    let mut accounts = vec![
        AccountMeta::new(distribution, false),
        AccountMeta::new(page_address(&distribution, page_index).0, false),
        AccountMeta::new(*mint, false),
        AccountMeta::new_readonly(*token_program, false),
    ];
    accounts.extend(run.token_accounts.iter().map(|account| AccountMeta::new(*account, false)));
    let args = (run.start_index, &run.totals, &run.proof);
    instruction(discriminators::CLAIM_BATCH, accounts, &args)
}

/// Stops a proposal within its challenge window; signed by the guardian.
pub fn veto(guardian: &Address, distribution: &Address, digest: &Hash) -> Instruction {
    let accounts = with_event_accounts(vec![
        AccountMeta::new_readonly(*guardian, true),
        AccountMeta::new_readonly(*distribution, false),
        AccountMeta::new(proposal_address(distribution, digest).0, false),
    ]);
    instruction(discriminators::VETO, accounts, &())
}

/// Closes a proposal that can never be attested again; its rent goes to who paid it.
pub fn close_proposal(distribution: &Address, digest: &Hash, rent_payer: &Address) -> Instruction {
    let accounts = vec![
        AccountMeta::new_readonly(*distribution, false),
        AccountMeta::new(proposal_address(distribution, digest).0, false),
        AccountMeta::new(*rent_payer, false),
    ];
    instruction(discriminators::CLOSE_PROPOSAL, accounts, &())
}

/// Stops attest, finalize and claim; signed by the guardian or the admin.
pub fn pause(authority: &Address, distribution: &Address) -> Instruction {
    instruction(discriminators::PAUSE, governed(authority, distribution), &())
}

/// Lets attest, finalize and claim go on; signed by the admin.
pub fn unpause(admin: &Address, distribution: &Address) -> Instruction {
    instruction(discriminators::UNPAUSE, governed(admin, distribution), &())
}

/// Proposes the next admin, the zero address nobody; signed by the admin.
pub fn propose_admin(admin: &Address, distribution: &Address, new_admin: &Address) -> Instruction {
    let args = new_admin.to_bytes();
    instruction(discriminators::PROPOSE_ADMIN, governed(admin, distribution), &args)
}

/// Takes the distribution over; signed by the proposed admin.
pub fn accept_admin(pending_admin: &Address, distribution: &Address) -> Instruction {
    instruction(discriminators::ACCEPT_ADMIN, governed(pending_admin, distribution), &())
}

/// Queues a change, which waits for the timelock; signed by the admin.
pub fn queue_change(admin: &Address, distribution: &Address, change: &Change) -> Instruction {
    instruction(discriminators::QUEUE_CHANGE, governed(admin, distribution), change)
}

/// Puts the queued change into force once its timelock is over.
pub fn execute_change(distribution: &Address) -> Instruction {
    let accounts = with_event_accounts(vec![AccountMeta::new(*distribution, false)]);
    instruction(discriminators::EXECUTE_CHANGE, accounts, &())
}

/// Drops the queued change; signed by the guardian or the admin.
pub fn cancel_change(authority: &Address, distribution: &Address) -> Instruction {
    instruction(discriminators::CANCEL_CHANGE, governed(authority, distribution), &())
}

/// The accounts of an instruction by which an authority changes a distribution.
fn governed(authority: &Address, distribution: &Address) -> Vec<AccountMeta> {
    with_event_accounts(vec![
        AccountMeta::new_readonly(*authority, true),
        AccountMeta::new(*distribution, false),
    ])
}

/// Adds what the program needs to call itself with an event.
fn with_event_accounts(mut accounts: Vec<AccountMeta>) -> Vec<AccountMeta> {
    accounts.push(AccountMeta::new_readonly(EVENT_AUTHORITY, false));
    accounts.push(AccountMeta::new_readonly(PROGRAM_ID, false));
    accounts
}

fn instruction(
    discriminator: [u8; 8],
    accounts: Vec<AccountMeta>,
    args: &impl BorshSerialize,
) -> Instruction {
    let mut data = discriminator.to_vec();
    args.serialize(&mut data).expect("writing to a vector cannot fail");
    Instruction { program_id: PROGRAM_ID, accounts, data }
}
