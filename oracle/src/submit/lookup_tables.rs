//! One address lookup table for each ledger page, holding its members' token accounts: what lets 32
//! members fit one transaction.

use std::collections::BTreeMap;

use solana_address::Address;
use solana_address_lookup_table_interface::instruction::{
    create_lookup_table, extend_lookup_table,
};
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
    /// A page's table, created or extended so that it holds these addresses as far as it can.
    pub(super) async fn lookup_table(
        &mut self,
        page_index: u32,
        addresses: &[Address],
    ) -> Result<AddressLookupTableAccount, ChainError> {
        let mut table = match self.lookup_tables.by_page.get(&page_index) {
            Some(table) => table.clone(),
            None => self.create_lookup_table().await?,
        };
        let room = MAX_ADDRESSES - table.addresses.len();
        let mut missing: Vec<_> = addresses
            .iter()
            .filter(|address| !table.addresses.contains(address))
            .copied()
            .take(room)
            .collect();
        missing.dedup();
        for chunk in missing.chunks(ADDRESSES_PER_TRANSACTION) {
            let payer = self.payer.pubkey();
            let extend = extend_lookup_table(table.key, payer, Some(payer), chunk.to_vec());
            self.send(Purpose::Accounts, &[extend], &[], &[]).await?;
            table.addresses.extend_from_slice(chunk);
        }
        self.lookup_tables.by_page.insert(page_index, table.clone());
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
