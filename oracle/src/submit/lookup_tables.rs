//! One address lookup table for each ledger page, holding its members' token accounts: what lets 32
//! members fit one transaction.

use std::collections::BTreeMap;

use solana_address::Address;
use solana_address_lookup_table_interface::instruction::{
    create_lookup_table, extend_lookup_table,
};
use solana_address_lookup_table_interface::program;
use solana_address_lookup_table_interface::state::AddressLookupTable;
use solana_signer::Signer;
use system_token_chain::{AddressLookupTableAccount, Chain, ChainError};

use super::{Purpose, Submitter};

/// The most addresses that a lookup table holds.
const MAX_ADDRESSES: usize = 256;
/// Addresses added in one transaction: so many fit its bytes.
const ADDRESSES_PER_TRANSACTION: usize = 30;

/// The tables by page, as they are on chain.
#[derive(Default)]
pub(super) struct LookupTables {
    by_page: BTreeMap<u32, AddressLookupTableAccount>,
}

impl<C: Chain> Submitter<C> {
    /// Uses a table that was made before; `false` when it is gone, no longer active or somebody else's.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be read.
    pub async fn reuse_lookup_table(
        &mut self,
        page_index: u32,
        key: Address,
    ) -> Result<bool, ChainError> {
        let Some(account) = self.chain.get_account(&key).await? else { return Ok(false) };
        let table = AddressLookupTable::deserialize(&account.data).ok();
        let ours = Some(self.payer.pubkey());
        let usable = table.filter(|table| {
            let active = table.meta.deactivation_slot == u64::MAX;
            account.owner == program::ID && table.meta.authority == ours && active
        });
        let Some(table) = usable else { return Ok(false) };
        let addresses = table.addresses.to_vec();
        let table = AddressLookupTableAccount { key, addresses };
        self.lookup_tables.by_page.insert(page_index, table);
        Ok(true)
    }

    /// The table that a page uses, when it has one.
    pub fn lookup_table_address(&self, page_index: u32) -> Option<Address> {
        self.lookup_tables.by_page.get(&page_index).map(|table| table.key)
    }

    /// A page's table, created or extended so that it holds these addresses; a new one when they would
    /// not fit beside those that are no longer used.
    pub(super) async fn lookup_table(
        &mut self,
        page_index: u32,
        addresses: &[Address],
    ) -> Result<AddressLookupTableAccount, ChainError> {
        let mut wanted = addresses.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let is_missing = |table: &AddressLookupTableAccount, address: &&Address| {
            !table.addresses.contains(address)
        };
        let known = self.lookup_tables.by_page.get(&page_index).filter(|table| {
            let missing = wanted.iter().filter(|address| is_missing(table, address)).count();
            table.addresses.len() + missing <= MAX_ADDRESSES
        });
        let mut table = match known {
            Some(table) => table.clone(),
            None => self.create_lookup_table().await?,
        };
        self.lookup_tables.by_page.insert(page_index, table.clone());
        let missing: Vec<_> =
            wanted.iter().filter(|address| is_missing(&table, address)).copied().collect();
        for chunk in missing.chunks(ADDRESSES_PER_TRANSACTION) {
            let payer = self.payer.pubkey();
            let extend = extend_lookup_table(table.key, payer, Some(payer), chunk.to_vec());
            self.send(Purpose::Accounts, &[extend], &[], &[]).await?;
            table.addresses.extend_from_slice(chunk);
            self.lookup_tables.by_page.insert(page_index, table.clone());
        }
        Ok(table)
    }

    async fn create_lookup_table(&mut self) -> Result<AddressLookupTableAccount, ChainError> {
        let payer = self.payer.pubkey();
        // The table's address derives from a slot that the chain still remembers: the last one.
        let recent_slot = self.chain.time().await?.slot.saturating_sub(1);
        let (create, key) = create_lookup_table(payer, payer, recent_slot);
        self.send(Purpose::Accounts, &[create], &[], &[]).await?;
        Ok(AddressLookupTableAccount { key, addresses: Vec::new() })
    }
}
