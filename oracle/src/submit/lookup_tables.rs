//! One address lookup table for each ledger page, holding its members' token accounts: what lets 32
//! members fit one transaction.

use std::collections::BTreeMap;

use solana_address::Address;
use solana_address_lookup_table_interface::instruction::{
    close_lookup_table, create_lookup_table, deactivate_lookup_table, extend_lookup_table,
};
use solana_address_lookup_table_interface::program;
use solana_address_lookup_table_interface::state::{AddressLookupTable, LOOKUP_TABLE_META_SIZE};
use system_token_chain::{AddressLookupTableAccount, Chain, ChainError};

use super::{Purpose, SendError, Sender, Submitter, locked};

/// The most addresses that a lookup table holds.
pub(super) const MAX_ADDRESSES: usize = 256;
/// Addresses added in one transaction: so many fit its bytes.
pub(super) const ADDRESSES_PER_TRANSACTION: usize = 28;
/// How often a table is begun anew when the slot that its address derives from was forgotten.
const CREATE_ATTEMPTS: u32 = 10;
/// Slots for which a table stays after it was deactivated: the chain remembers so many slot hashes.
const COOLDOWN_SLOTS: u64 = 513;

/// The tables by page, as they are on chain.
#[derive(Default)]
pub(super) struct LookupTables {
    by_page: BTreeMap<u32, AddressLookupTableAccount>,
}

/// What became of lookup tables that nobody uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseSummary {
    /// Deactivated: they can be closed when nothing that uses them can land any more.
    pub deactivated: u64,
    /// Waiting for that.
    pub waiting: u64,
    /// Closed.
    pub closed: u64,
    /// The rent that came back, lamports.
    pub lamports: u64,
}

impl std::ops::AddAssign for ReleaseSummary {
    fn add_assign(&mut self, other: Self) {
        self.deactivated += other.deactivated;
        self.waiting += other.waiting;
        self.closed += other.closed;
        self.lamports += other.lamports;
    }
}

impl<S: Sender> Submitter<S> {
    /// Uses a table that was made before; `false` when it is gone, no longer active or somebody else's.
    ///
    /// # Errors
    /// [`SendError`] when the chain cannot be read.
    pub async fn reuse_lookup_table(
        &self,
        page_index: u32,
        key: Address,
    ) -> Result<bool, SendError> {
        let Some(account) = self.chain().get_account(&key).await? else { return Ok(false) };
        let table = AddressLookupTable::deserialize(&account.data).ok();
        let ours = Some(self.sender.payer());
        let usable = table.filter(|table| {
            let active = table.meta.deactivation_slot == u64::MAX;
            account.owner == program::ID && table.meta.authority == ours && active
        });
        let Some(table) = usable else { return Ok(false) };
        let addresses = table.addresses.to_vec();
        let table = AddressLookupTableAccount { key, addresses };
        locked(&self.lookup_tables).by_page.insert(page_index, table);
        Ok(true)
    }

    /// The table that a page uses, when it has one.
    pub fn lookup_table_address(&self, page_index: u32) -> Option<Address> {
        locked(&self.lookup_tables).by_page.get(&page_index).map(|table| table.key)
    }

    /// Deactivates a table of ours that is no longer used, and closes it when that is possible: its rent
    /// comes back. Sound to repeat; `None` when nothing of it is left.
    ///
    /// # Errors
    /// [`SendError`] when the chain cannot be read or refuses.
    pub async fn release_lookup_table(
        &self,
        key: &Address,
    ) -> Result<Option<ReleaseSummary>, SendError> {
        let Some(account) = self.chain().get_account(key).await? else { return Ok(None) };
        let payer = self.sender.payer();
        let table = AddressLookupTable::deserialize(&account.data).ok();
        let Some(table) = table.filter(|table| table.meta.authority == Some(payer)) else {
            return Ok(None);
        };
        let deactivated_at = table.meta.deactivation_slot;
        if deactivated_at == u64::MAX {
            let deactivate = deactivate_lookup_table(*key, payer);
            self.send(Purpose::Accounts, &[deactivate], &[], &[]).await?;
            return Ok(Some(ReleaseSummary { deactivated: 1, ..Default::default() }));
        }
        if self.chain().time().await?.slot <= deactivated_at.saturating_add(COOLDOWN_SLOTS) {
            return Ok(Some(ReleaseSummary { waiting: 1, ..Default::default() }));
        }
        let close = close_lookup_table(*key, payer, payer);
        self.send(Purpose::Accounts, &[close], &[], &[]).await?;
        let lamports = account.lamports;
        Ok(Some(ReleaseSummary { closed: 1, lamports, ..Default::default() }))
    }

    /// A page's table, created or extended so that it holds these addresses; a new one when they would
    /// not fit beside those that are no longer used.
    pub(super) async fn lookup_table(
        &self,
        page_index: u32,
        addresses: &[Address],
    ) -> Result<AddressLookupTableAccount, SendError> {
        let (known, missing) = self.missing_addresses(page_index, addresses);
        let mut table = match known {
            Some(table) => table,
            None => self.create_lookup_table(page_index).await?,
        };
        self.keep(page_index, &table);
        for chunk in missing.chunks(ADDRESSES_PER_TRANSACTION) {
            let payer = self.sender.payer();
            let before = self.table_rent(table.addresses.len()).await?;
            let after = self.table_rent(table.addresses.len() + chunk.len()).await?;
            let extend = extend_lookup_table(table.key, payer, Some(payer), chunk.to_vec());
            let deposit = after.saturating_sub(before);
            self.send_with_deposit(Purpose::Accounts, &[extend], deposit).await?;
            table.addresses.extend_from_slice(chunk);
            self.keep(page_index, &table);
        }
        Ok(table)
    }

    /// The table that a page can use, and which of these addresses it does not have.
    pub(super) fn missing_addresses(
        &self,
        page_index: u32,
        addresses: &[Address],
    ) -> (Option<AddressLookupTableAccount>, Vec<Address>) {
        let mut wanted = addresses.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let tables = locked(&self.lookup_tables);
        if let Some(table) = tables.by_page.get(&page_index) {
            let is_missing = |address: &&Address| !table.addresses.contains(address);
            let missing: Vec<_> = wanted.iter().filter(is_missing).copied().collect();
            if table.addresses.len() + missing.len() <= MAX_ADDRESSES {
                return (Some(table.clone()), missing);
            }
        }
        (None, wanted)
    }

    /// What a table of so many addresses holds, lamports.
    pub(super) async fn table_rent(&self, addresses: usize) -> Result<u64, SendError> {
        Ok(self.chain().rent(LOOKUP_TABLE_META_SIZE + 32 * addresses).await?)
    }

    fn keep(&self, page_index: u32, table: &AddressLookupTableAccount) {
        locked(&self.lookup_tables).by_page.insert(page_index, table.clone());
    }

    async fn create_lookup_table(
        &self,
        page_index: u32,
    ) -> Result<AddressLookupTableAccount, SendError> {
        let payer = self.sender.payer();
        let mut attempt = 1;
        loop {
            // The table's address derives from a slot that the chain still remembers: the last one.
            let recent_slot = self.chain().time().await?.slot.saturating_sub(1);
            let (create, key) = create_lookup_table(payer, payer, recent_slot);
            self.sender.keep_lookup_table(page_index, &key).await?;
            let rent = self.table_rent(0).await?;
            match self.send_with_deposit(Purpose::Accounts, &[create], rent).await {
                Ok(_) => return Ok(AddressLookupTableAccount { key, addresses: Vec::new() }),
                // Where transactions take minutes to land, the slot is forgotten meanwhile.
                Err(SendError::Chain(ChainError::Rejected { .. })) if attempt < CREATE_ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}
