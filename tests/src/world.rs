//! The world itself: how it starts, how its time passes, what is sent and what is read.

use std::cell::RefCell;
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_chain::{
    AddressLookupTableAccount, Chain, ChainError, EmbeddedChain, Receipt, sign_transaction,
};
use system_token_interface::instructions::{self, InitializeArgs};
use system_token_interface::{
    Distribution, LedgerPage, MEMBERS_PER_PAGE, Proposal, distribution_address, page_address,
    proposal_address,
};
use zerocopy::IntoBytes;

use crate::Epoch;

/// When epoch 1 begins, UTC seconds.
pub const START_AT: i64 = 1_750_000_000;
/// Length of an epoch: a week, seconds.
pub const EPOCH_SECONDS: u32 = 7 * 24 * 60 * 60;
/// How long an attested proposal can be vetoed: an hour, seconds.
pub const CHALLENGE_SECONDS: u32 = 60 * 60;
/// Oracles that must agree, of three.
pub const THRESHOLD: u8 = 2;
/// Decimals of every mint.
pub const DECIMALS: u8 = 6;

const SEED: u64 = 0x53_54_4B;
const LAMPORTS: u64 = 1_000_000_000_000;
/// Where a mint's bytes hold its supply.
const MINT_SUPPLY: usize = 36;
/// Where a token account's bytes hold its balance.
const TOKEN_BALANCE: usize = 64;

/// A community on an embedded chain: its mint, its oracles and its members.
pub struct World {
    /// The chain, which neighbours share.
    pub chain: Arc<EmbeddedChain>,
    /// Pays every fee and every rent; nobody special to the program.
    pub payer: Keypair,
    /// The mint's authority until the distribution takes over.
    pub mint_authority: Keypair,
    /// The oracles, in the order of the set.
    pub oracles: [Keypair; 3],
    /// The mint of STK.
    pub mint: Address,
    /// The mint's token program.
    pub token_program: Address,
    /// The mint's distribution, initialized or not.
    pub distribution: Address,
    /// The members' wallets, by index.
    pub wallets: Vec<Keypair>,
    /// The members' associated token accounts, by index.
    pub token_accounts: Vec<Address>,
    keys: RefCell<ChaCha8Rng>,
}

impl World {
    /// Starts a chain with a distribution and so many members, at the start of epoch 1.
    pub fn start(members: usize) -> Self {
        Self::start_with(members, |_| ())
    }

    /// Starts such a world with other arguments than [`default_args`].
    pub fn start_with(members: usize, change: impl FnOnce(&mut InitializeArgs)) -> Self {
        let mut world = Self::with_mint();
        world.found(members, change);
        world
    }

    /// Starts a chain with a mint whose distribution is yet to be initialized.
    pub fn with_mint() -> Self {
        let chain = EmbeddedChain::start(START_AT).expect("the program loads");
        let mut keys = ChaCha8Rng::seed_from_u64(SEED);
        let oracles = [next_key(&mut keys), next_key(&mut keys), next_key(&mut keys)];
        Self::settle(Arc::new(chain), keys, oracles)
    }

    /// Founds a second community on the same chain, with the same oracles and a mint of its own.
    pub fn neighbour(&self, members: usize) -> Self {
        let keys = ChaCha8Rng::from_seed(*self.key().secret_bytes());
        let oracles = self.oracles.each_ref().map(Keypair::insecure_clone);
        let mut world = Self::settle(Arc::clone(&self.chain), keys, oracles);
        world.found(members, |_| ());
        world
    }

    fn settle(chain: Arc<EmbeddedChain>, mut keys: ChaCha8Rng, oracles: [Keypair; 3]) -> Self {
        let (payer, mint_authority) = (next_key(&mut keys), next_key(&mut keys));
        chain.airdrop(&payer.pubkey(), LAMPORTS).expect("an airdrop");
        let mut world = Self {
            chain,
            payer,
            mint_authority,
            oracles,
            mint: Address::default(),
            token_program: spl_token_interface::ID,
            distribution: Address::default(),
            wallets: Vec::new(),
            token_accounts: Vec::new(),
            keys: RefCell::new(keys),
        };
        world.mint = world.create_mint(&world.mint_authority.pubkey(), None);
        world.distribution = distribution_address(&world.mint).0;
        world
    }

    pub(crate) fn found(&mut self, members: usize, change: impl FnOnce(&mut InitializeArgs)) {
        let mut args = default_args(&self.oracles);
        change(&mut args);
        self.initialize(&args).expect("the distribution is initialized");
        self.wallets = (0..members).map(|_| self.key()).collect();
        self.token_accounts = self.create_token_accounts(&self.wallets);
    }

    /// Draws the next key of this world.
    pub fn key(&self) -> Keypair {
        next_key(&mut self.keys.borrow_mut())
    }

    /// Draws the address of a key that nobody uses.
    pub fn address(&self) -> Address {
        self.key().pubkey()
    }

    /// The chain's time, UTC seconds.
    pub fn now(&self) -> i64 {
        wait(self.chain.time()).expect("the chain has a clock").unix_timestamp
    }

    /// Moves the chain's time, UTC seconds.
    pub fn warp(&self, unix_timestamp: i64) {
        self.chain.warp_to(unix_timestamp);
    }

    /// Moves the time to the end of an epoch, unless it is past it already.
    pub fn end_epoch(&self, epoch: u64) {
        let elapsed = i64::try_from(epoch).expect("a small epoch") * i64::from(EPOCH_SECONDS);
        self.warp(self.now().max(START_AT + elapsed));
    }

    /// Moves the time on by the challenge window.
    pub fn end_challenge_window(&self) {
        self.warp(self.now() + i64::from(CHALLENGE_SECONDS));
    }

    /// Sends instructions in one transaction that the payer signs.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        self.send_with(&[], instructions, &[])
    }

    /// Sends instructions in one transaction with more signers and with lookup tables.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn send_with(
        &self,
        cosigners: &[&Keypair],
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
    ) -> Result<Receipt, ChainError> {
        let signers: Vec<_> = [&self.payer].into_iter().chain(cosigners.iter().copied()).collect();
        wait(async {
            let blockhash = self.chain.latest_blockhash().await?;
            let transaction = sign_transaction(&signers, instructions, tables, blockhash)?;
            self.chain.send(&transaction).await
        })
    }

    /// Initializes the distribution of the world's mint, as the mint's authority.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn initialize(&self, args: &InitializeArgs) -> Result<Receipt, ChainError> {
        let payer = self.payer.pubkey();
        let authority = self.mint_authority.pubkey();
        let initialize =
            instructions::initialize(&payer, &authority, &self.mint, &self.token_program, args);
        self.send_with(&[&self.mint_authority], &[initialize], &[])
    }

    /// Sends an epoch's attestation with the signatures of some oracles.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn attest(&self, epoch: &Epoch, oracles: &[usize]) -> Result<Receipt, ChainError> {
        self.send(&self.attest_instructions(&epoch.attestation, oracles))
    }

    /// Finalizes an attested epoch.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn finalize(&self, epoch: &Epoch) -> Result<Receipt, ChainError> {
        self.send(&[self.finalize_instruction(epoch)])
    }

    /// Opens a ledger page.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn open_page(&self, page_index: u32) -> Result<Receipt, ChainError> {
        let payer = self.payer.pubkey();
        self.send(&[instructions::open_page(&payer, &self.distribution, page_index)])
    }

    /// Claims for a run of an epoch's members, each with the account in its leaf.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn claim(&self, epoch: &Epoch, start: u32, members: usize) -> Result<Receipt, ChainError> {
        self.send(&[self.claim_instruction(epoch, start, members)])
    }

    /// The instruction of such a claim.
    pub fn claim_instruction(&self, epoch: &Epoch, start: u32, members: usize) -> Instruction {
        instructions::claim_batch(&self.mint, &self.token_program, &epoch.run(start, members))
    }

    /// An account's bytes, owner and lamports.
    pub fn account(&self, address: &Address) -> Option<Account> {
        wait(self.chain.get_account(address)).expect("the embedded chain reads any account")
    }

    /// The distribution as the chain holds it.
    pub fn distribution(&self) -> Distribution {
        *Distribution::from_account_data(&self.data(&self.distribution)).expect("a distribution")
    }

    /// A ledger page as the chain holds it.
    pub fn page(&self, page_index: u32) -> LedgerPage {
        let address = page_address(&self.distribution, page_index).0;
        *LedgerPage::from_account_data(&self.data(&address)).expect("a ledger page")
    }

    /// What the ledger says was minted to a member, base units.
    pub fn claimed(&self, member: u32) -> u64 {
        let page = self.page(member / MEMBERS_PER_PAGE);
        page.claimed[(member % MEMBERS_PER_PAGE) as usize].get()
    }

    /// Where an epoch's proposal is.
    pub fn proposal_address(&self, epoch: &Epoch) -> Address {
        proposal_address(&self.distribution, &epoch.attestation.digest()).0
    }

    /// An epoch's proposal as the chain holds it.
    pub fn proposal(&self, epoch: &Epoch) -> Proposal {
        *Proposal::from_account_data(&self.data(&self.proposal_address(epoch))).expect("a proposal")
    }

    /// The mint's supply, base units.
    pub fn supply(&self) -> u64 {
        amount(&self.data(&self.mint), MINT_SUPPLY)
    }

    /// A member's balance, base units.
    pub fn balance(&self, member: usize) -> u64 {
        amount(&self.data(&self.token_accounts[member]), TOKEN_BALANCE)
    }

    /// All members' balances, base units.
    pub fn balances(&self) -> Vec<u64> {
        (0..self.token_accounts.len()).map(|member| self.balance(member)).collect()
    }

    /// Puts an account in place without any transaction.
    pub fn put_account(&self, address: Address, account: Account) {
        self.chain.svm().set_account(address, account).expect("an account that the chain can hold");
    }

    /// Changes an account's bytes, owner or lamports without any transaction.
    pub fn alter_account(&self, address: &Address, change: impl FnOnce(&mut Account)) {
        let mut account = self.account(address).expect("an account to alter");
        change(&mut account);
        self.put_account(*address, account);
    }

    /// Changes the distribution without any transaction.
    pub fn alter_distribution(&self, change: impl FnOnce(&mut Distribution)) {
        let mut distribution = self.distribution();
        change(&mut distribution);
        self.alter_account(&self.distribution, |account| {
            account.data[8..].copy_from_slice(distribution.as_bytes());
        });
    }

    /// Changes an epoch's proposal without any transaction.
    pub fn alter_proposal(&self, epoch: &Epoch, change: impl FnOnce(&mut Proposal)) {
        let mut proposal = self.proposal(epoch);
        change(&mut proposal);
        self.alter_account(&self.proposal_address(epoch), |account| {
            account.data[8..].copy_from_slice(proposal.as_bytes());
        });
    }

    fn data(&self, address: &Address) -> Vec<u8> {
        self.account(address).expect("an account that is there").data
    }
}

/// Every world's admin.
pub fn admin() -> Keypair {
    Keypair::new_from_array([0xAD; 32])
}

/// Every world's guardian.
pub fn guardian() -> Keypair {
    Keypair::new_from_array([0x6D; 32])
}

/// How a world's distribution starts unless a test says otherwise.
pub fn default_args(oracles: &[Keypair]) -> InitializeArgs {
    InitializeArgs {
        admin: admin().pubkey().to_bytes(),
        guardian: guardian().pubkey().to_bytes(),
        oracles: oracles.iter().map(|oracle| oracle.pubkey().to_bytes()).collect(),
        threshold: THRESHOLD,
        challenge_seconds: CHALLENGE_SECONDS,
        timelock_seconds: 24 * 60 * 60,
        start_at: START_AT,
        epoch_seconds: EPOCH_SECONDS,
        decay_epochs: 0,
        decay_basis_points: 10_000,
        budget: 1_000_000,
        growth_limit: 1_000_000,
        supply_cap: 1_000_000_000,
    }
}

fn next_key(keys: &mut ChaCha8Rng) -> Keypair {
    let mut secret = [0; 32];
    keys.fill_bytes(&mut secret);
    Keypair::new_from_array(secret)
}

fn amount(data: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(data[at..at + 8].try_into().expect("eight bytes"))
}

/// Waits for the embedded chain, which never suspends.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime without drivers").block_on(future)
}
