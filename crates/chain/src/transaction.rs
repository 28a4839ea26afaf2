//! Transactions: building and signing them, and how long they are.

use solana_address::Address;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{AddressLookupTableAccount, VersionedMessage, legacy, v0};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use crate::ChainError;

/// The longest transaction that fits a packet, bytes.
pub const MAX_TRANSACTION_BYTES: usize = 1_232;

/// The most compute units that a transaction may use.
pub const MAX_COMPUTE_UNITS: u32 = 1_400_000;

/// What a transaction may use, if it used so many units when it was tried: a tenth more. The price is
/// paid for every unit that may be used.
pub fn compute_unit_limit(compute_units: u64) -> u32 {
    let units = u32::try_from(compute_units).unwrap_or(MAX_COMPUTE_UNITS);
    units.saturating_add(units / 10).clamp(1, MAX_COMPUTE_UNITS)
}

/// Signs a v0 transaction; the first signer pays its fee.
///
/// # Errors
/// [`ChainError::TooLarge`] when it would not fit a packet, [`ChainError::Compile`] and
/// [`ChainError::Sign`] when the parts do not make a transaction.
///
/// # Panics
/// Without any signer.
pub fn sign_transaction(
    signers: &[&Keypair],
    instructions: &[Instruction],
    lookup_tables: &[AddressLookupTableAccount],
    blockhash: Hash,
) -> Result<VersionedTransaction, ChainError> {
    let payer = signers.first().expect("a transaction has a fee payer").pubkey();
    let message = v0::Message::try_compile(&payer, instructions, lookup_tables, blockhash)?;
    fitting(VersionedTransaction::try_new(VersionedMessage::V0(message), signers)?)
}

/// A transaction for others to sign. Its message is a legacy one, which every wallet, hardware key
/// and multisig reads; the places of its signatures hold zeros.
///
/// # Errors
/// [`ChainError::TooLarge`] when it would not fit a packet.
pub fn unsigned_transaction(
    payer: &Address,
    instructions: &[Instruction],
    blockhash: Hash,
) -> Result<VersionedTransaction, ChainError> {
    let message = legacy::Message::new_with_blockhash(instructions, Some(payer), &blockhash);
    let signatures = usize::from(message.header.num_required_signatures);
    fitting(VersionedTransaction {
        signatures: vec![Signature::default(); signatures],
        message: VersionedMessage::Legacy(message),
    })
}

fn fitting(transaction: VersionedTransaction) -> Result<VersionedTransaction, ChainError> {
    let bytes = transaction_bytes(&transaction);
    if bytes > MAX_TRANSACTION_BYTES {
        return Err(ChainError::TooLarge { bytes, limit: MAX_TRANSACTION_BYTES });
    }
    Ok(transaction)
}

/// A transaction's length on the wire, bytes.
pub fn transaction_bytes(transaction: &VersionedTransaction) -> usize {
    // Fewer than 128 signatures: their count takes one byte.
    1 + 64 * transaction.signatures.len() + transaction.message.serialize().len()
}

/// A transaction as [`to_wire`] writes it.
pub fn from_wire(bytes: &[u8]) -> Option<VersionedTransaction> {
    wincode::deserialize(bytes).ok()
}

/// A transaction as it goes over the wire: signatures, then the message.
///
/// # Panics
/// With 128 signatures or more, which no transaction has room for.
pub fn to_wire(transaction: &VersionedTransaction) -> Vec<u8> {
    let count = u8::try_from(transaction.signatures.len()).ok().filter(|count| *count < 128);
    let mut bytes = vec![count.expect("a transaction has room for 12 signatures")];
    bytes.extend(transaction.signatures.iter().flat_map(AsRef::<[u8]>::as_ref));
    bytes.extend(transaction.message.serialize());
    bytes
}
