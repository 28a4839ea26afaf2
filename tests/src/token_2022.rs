//! Token-2022 mints with extensions, all made by real transactions.

use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use spl_token_2022_interface::extension::{
    ExtensionType, default_account_state, interest_bearing_mint, metadata_pointer, pausable,
    transfer_fee, transfer_hook,
};
use spl_token_2022_interface::instruction as token_2022;
use spl_token_2022_interface::state::{Account as TokenAccount, AccountState, Mint};
use system_token_interface::distribution_address;
use system_token_interface::instructions::InitializeArgs;

use crate::world::{DECIMALS, World};

/// The Token-2022 program.
pub const TOKEN_2022_PROGRAM: Address = spl_token_2022_interface::ID;

/// What [`World::create_extended_mint`] writes into a mint's metadata: name, symbol and URI.
pub const METADATA: [&str; 3] = ["System Token", "STK", "https://systemtoken.example/stk.json"];

impl World {
    /// Starts a chain with a Token-2022 community whose mint has these extensions.
    pub fn start_token_2022(members: usize, extensions: &[ExtensionType]) -> Self {
        Self::start_token_2022_with(members, extensions, |_| ())
    }

    /// Starts such a world with other arguments than [`crate::default_args`].
    pub fn start_token_2022_with(
        members: usize,
        extensions: &[ExtensionType],
        change: impl FnOnce(&mut InitializeArgs),
    ) -> Self {
        let mut world = Self::with_mint();
        world.token_program = TOKEN_2022_PROGRAM;
        let authority = world.mint_authority.insecure_clone();
        world.mint = world.create_extended_mint(&authority, None, extensions);
        world.distribution = distribution_address(&world.mint).0;
        world.found(members, change);
        world
    }

    /// Creates a Token-2022 mint with extensions; [`ExtensionType::TokenMetadata`] holds
    /// [`METADATA`].
    pub fn create_extended_mint(
        &self,
        authority: &Keypair,
        freeze_authority: Option<&Address>,
        extensions: &[ExtensionType],
    ) -> Address {
        let key = self.key();
        let mint = key.pubkey();
        let fixed: Vec<_> = extensions
            .iter()
            .copied()
            .filter(|kind| *kind != ExtensionType::TokenMetadata)
            .collect();
        let len = ExtensionType::try_calculate_account_len::<Mint>(&fixed).expect("extensions");
        let mut instructions: Vec<_> =
            fixed.iter().map(|kind| initialize_extension(*kind, &mint, authority)).collect();
        instructions.push(
            token_2022::initialize_mint2(
                &TOKEN_2022_PROGRAM,
                &mint,
                &authority.pubkey(),
                freeze_authority,
                DECIMALS,
            )
            .expect("the Token-2022 program"),
        );
        self.create_account_with(&key, len, &instructions);
        if extensions.contains(&ExtensionType::TokenMetadata) {
            self.write_metadata(&mint, authority);
        }
        mint
    }

    /// Writes [`METADATA`] into a mint that points to itself.
    fn write_metadata(&self, mint: &Address, authority: &Keypair) {
        // The account grows, so it must hold the rent of what it becomes.
        self.chain.airdrop(mint, 10_000_000).expect("an airdrop");
        let [name, symbol, uri] = METADATA.map(str::to_owned);
        let initialize = spl_token_metadata_interface::instruction::initialize(
            &TOKEN_2022_PROGRAM,
            mint,
            &authority.pubkey(),
            mint,
            &authority.pubkey(),
            name,
            symbol,
            uri,
        );
        self.send_with(&[authority], &[initialize], &[]).expect("the metadata is written");
    }

    /// Creates a token account that is nobody's associated one, with no more room than it needs.
    pub fn create_bare_token_account(
        &self,
        owner: &Address,
        extensions: &[ExtensionType],
    ) -> Address {
        let key = self.key();
        let len = ExtensionType::try_calculate_account_len::<TokenAccount>(extensions)
            .expect("extensions");
        let initialize =
            token_2022::initialize_account3(&TOKEN_2022_PROGRAM, &key.pubkey(), &self.mint, owner)
                .expect("the Token-2022 program");
        self.create_account_with(&key, len, &[initialize]);
        key.pubkey()
    }
}

/// The instruction that gives a mint an extension before it is initialized itself.
fn initialize_extension(kind: ExtensionType, mint: &Address, authority: &Keypair) -> Instruction {
    let (program, authority) = (&TOKEN_2022_PROGRAM, authority.pubkey());
    match kind {
        ExtensionType::NonTransferable => {
            token_2022::initialize_non_transferable_mint(program, mint)
        }
        ExtensionType::MetadataPointer => {
            metadata_pointer::instruction::initialize(program, mint, Some(authority), Some(*mint))
        }
        ExtensionType::MintCloseAuthority => {
            token_2022::initialize_mint_close_authority(program, mint, Some(&authority))
        }
        ExtensionType::PermanentDelegate => {
            token_2022::initialize_permanent_delegate(program, mint, &authority)
        }
        ExtensionType::TransferFeeConfig => {
            transfer_fee::instruction::initialize_transfer_fee_config(
                program,
                mint,
                Some(&authority),
                Some(&authority),
                100,
                1_000,
            )
        }
        ExtensionType::TransferHook => {
            transfer_hook::instruction::initialize(program, mint, Some(authority), None)
        }
        ExtensionType::DefaultAccountState => {
            default_account_state::instruction::initialize_default_account_state(
                program,
                mint,
                &AccountState::Initialized,
            )
        }
        ExtensionType::InterestBearingConfig => {
            interest_bearing_mint::instruction::initialize(program, mint, Some(authority), 100)
        }
        ExtensionType::Pausable => pausable::instruction::initialize(program, mint, &authority),
        other => panic!("no test needs a mint with {other:?}"),
    }
    .expect("the Token-2022 program")
}
