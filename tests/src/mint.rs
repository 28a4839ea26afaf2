//! Mints, token accounts and lookup tables, all made by real transactions.

use solana_address::Address;
use solana_address_lookup_table_interface::instruction as lookup_table;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction as system;
use spl_associated_token_account_interface::address::get_associated_token_address_with_program_id;
use spl_associated_token_account_interface::instruction::create_associated_token_account;
use spl_token_interface::instruction as token;
use system_token_chain::{AddressLookupTableAccount, Chain};

use crate::world::{DECIMALS, World, wait};

const MINT_LEN: usize = 82;
/// Associated token accounts that one transaction can create.
const ACCOUNTS_PER_TRANSACTION: usize = 8;
/// Addresses that one transaction can add to a lookup table.
const ADDRESSES_PER_TRANSACTION: usize = 20;

impl World {
    /// Creates a classic mint.
    pub fn create_mint(&self, authority: &Address, freeze_authority: Option<&Address>) -> Address {
        let mint = self.key();
        let initialize = token::initialize_mint2(
            &spl_token_interface::ID,
            &mint.pubkey(),
            authority,
            freeze_authority,
            DECIMALS,
        )
        .expect("the classic token program");
        self.create_account_with(&mint, MINT_LEN, &[initialize]);
        mint.pubkey()
    }

    /// Creates an account of a length for the program of the instructions that follow.
    pub fn create_account_with(&self, key: &Keypair, len: usize, then: &[Instruction]) {
        let owner = then.first().map_or(spl_token_interface::ID, |first| first.program_id);
        let rent = wait(self.chain.rent(len)).expect("the chain knows its rent");
        let len = u64::try_from(len).expect("a small account");
        let create = system::create_account(&self.payer.pubkey(), &key.pubkey(), rent, len, &owner);
        let instructions = [&[create], then].concat();
        self.send_with(&[key], &instructions, &[]).expect("the account is created");
    }

    /// Creates the associated token accounts of wallets.
    pub fn create_token_accounts(&self, wallets: &[Keypair]) -> Vec<Address> {
        for some in wallets.chunks(ACCOUNTS_PER_TRANSACTION) {
            let create = |wallet: &Keypair| {
                create_associated_token_account(
                    &self.payer.pubkey(),
                    &wallet.pubkey(),
                    &self.mint,
                    &self.token_program,
                )
            };
            let instructions: Vec<_> = some.iter().map(create).collect();
            self.send(&instructions).expect("token accounts are created");
        }
        wallets
            .iter()
            .map(|wallet| {
                get_associated_token_address_with_program_id(
                    &wallet.pubkey(),
                    &self.mint,
                    &self.token_program,
                )
            })
            .collect()
    }

    /// Mints to a member while the mint's first authority still can.
    pub fn mint_before_initialize(&self, member: usize, amount_base_units: u64) {
        let mint_to = token::mint_to(
            &spl_token_interface::ID,
            &self.mint,
            &self.token_accounts[member],
            &self.mint_authority.pubkey(),
            &[],
            amount_base_units,
        )
        .expect("the token program");
        let mint_to = Instruction { program_id: self.token_program, ..mint_to };
        self.send_with(&[&self.mint_authority], &[mint_to], &[]).expect("the authority mints");
    }

    /// Closes a member's empty token account, as its owner.
    pub fn close_token_account(&self, member: usize) {
        let wallet = &self.wallets[member];
        let close = token::close_account(
            &spl_token_interface::ID,
            &self.token_accounts[member],
            &self.payer.pubkey(),
            &wallet.pubkey(),
            &[],
        )
        .expect("the token program");
        let close = Instruction { program_id: self.token_program, ..close };
        self.send_with(&[wallet], &[close], &[]).expect("an empty account closes");
    }

    /// Creates a lookup table of addresses, usable at once.
    pub fn lookup_table(&self, addresses: &[Address]) -> AddressLookupTableAccount {
        let payer = self.payer.pubkey();
        let slot = wait(self.chain.time()).expect("the chain has a clock").slot;
        // A table is made of a slot that has ended, and each transaction ends one.
        let (create, key) = lookup_table::create_lookup_table(payer, payer, slot - 1);
        self.send(&[create]).expect("the lookup table is created");
        for some in addresses.chunks(ADDRESSES_PER_TRANSACTION) {
            let extend = lookup_table::extend_lookup_table(key, payer, Some(payer), some.to_vec());
            self.send(&[extend]).expect("the lookup table is extended");
        }
        AddressLookupTableAccount { key, addresses: addresses.to_vec() }
    }
}
