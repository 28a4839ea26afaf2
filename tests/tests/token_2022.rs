//! Communities whose mint is Token-2022's: which extensions are taken, and how members are paid.

use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_signer::Signer;
use spl_token_2022_interface::extension::{
    BaseStateWithExtensions, ExtensionType, StateWithExtensions,
};
use spl_token_2022_interface::state::Mint;
use spl_token_metadata_interface::state::TokenMetadata;
use system_token_interface::SystemTokenError;
use system_token_interface::instructions::initialize;
use system_token_tests::{METADATA, TOKEN_2022_PROGRAM, World, default_args, failed};

/// The extensions that a mint may have: its name, and tokens that stay with who earned them.
const ALLOWED: [ExtensionType; 3] =
    [ExtensionType::NonTransferable, ExtensionType::MetadataPointer, ExtensionType::TokenMetadata];

/// The honest instruction for a Token-2022 mint, as the world's mint authority signs it.
fn initialize_mint(world: &World, mint: &solana_address::Address) -> Instruction {
    let (payer, authority) = (world.payer.pubkey(), world.mint_authority.pubkey());
    initialize(&payer, &authority, mint, &TOKEN_2022_PROGRAM, &default_args(&world.oracles))
}

#[test]
fn a_mint_with_a_dangerous_extension_is_refused() {
    let world = World::with_mint();
    for extension in [
        ExtensionType::TransferFeeConfig,
        ExtensionType::MintCloseAuthority,
        ExtensionType::DefaultAccountState,
        ExtensionType::InterestBearingConfig,
        ExtensionType::PermanentDelegate,
        ExtensionType::TransferHook,
        ExtensionType::Pausable,
    ] {
        // Given a mint with that extension, in front of the allowed ones or alone
        for extensions in [vec![extension], vec![extension, ExtensionType::MetadataPointer]] {
            let mint = world.create_extended_mint(&world.mint_authority, None, &extensions);
            let error = SystemTokenError::UnsupportedExtension;
            let instruction = initialize_mint(&world, &mint);
            world.assert_refused_with(&[&world.mint_authority], error, &[instruction]);
        }
    }
}

#[test]
fn a_mint_with_an_extension_that_nobody_knows_yet_is_refused() {
    // Given a mint whose one extension is renumbered
    let world = World::with_mint();
    let extensions = [ExtensionType::MetadataPointer];
    let mint = world.create_extended_mint(&world.mint_authority, None, &extensions);
    for kind in (1..=64).filter(|kind| ![9, 18, 19].contains(kind)).chain([255, 256 + 18, u16::MAX])
    {
        world.alter_account(&mint, |mint| mint.data[166..168].copy_from_slice(&kind.to_le_bytes()));
        let error = SystemTokenError::UnsupportedExtension;
        let instruction = initialize_mint(&world, &mint);
        world.assert_refused_with(&[&world.mint_authority], error, &[instruction]);
    }
}

#[test]
fn a_mint_whose_extensions_are_cut_off_is_refused() {
    let world = World::with_mint();
    let extensions = [ExtensionType::MetadataPointer];
    let mint = world.create_extended_mint(&world.mint_authority, None, &extensions);
    // A length that reaches past the account's end
    world.alter_account(&mint, |mint| mint.data[168..170].copy_from_slice(&65u16.to_le_bytes()));
    let error = SystemTokenError::UnsupportedMint;
    let instruction = initialize_mint(&world, &mint);
    world.assert_refused_with(&[&world.mint_authority], error, &[instruction]);
}

#[test]
fn a_mint_with_a_freeze_authority_is_refused() {
    let world = World::with_mint();
    let freezer = world.address();
    let mint = world.create_extended_mint(&world.mint_authority, Some(&freezer), &[]);
    let error = SystemTokenError::MintHasFreezeAuthority;
    let instruction = initialize_mint(&world, &mint);
    world.assert_refused_with(&[&world.mint_authority], error, &[instruction]);
}

#[test]
fn an_extended_token_account_is_no_mint() {
    // Given a token account that the mint authority filled with a mint's bytes
    let world = World::start_token_2022(1, &ALLOWED);
    let mint = world.account(&world.mint).unwrap();
    let authority = world.mint_authority.pubkey();
    world.alter_account(&world.token_accounts[0], |account| {
        account.data[..82].copy_from_slice(&mint.data[..82]);
        account.data[..4].copy_from_slice(&1u32.to_le_bytes());
        account.data[4..36].copy_from_slice(authority.as_ref());
    });
    // Then its type gives it away
    let instruction = initialize_mint(&world, &world.token_accounts[0]);
    let error = SystemTokenError::UnsupportedMint;
    world.assert_refused_with(&[&world.mint_authority], error, &[instruction]);
}

#[test]
fn every_allowed_mint_pays_its_members_over_two_epochs() {
    for extensions in [&[][..], &ALLOWED[..1], &ALLOWED[1..2], &ALLOWED[1..], &ALLOWED] {
        // Given a community with such a mint
        let world = World::start_token_2022(33, extensions);
        world.open_page(0).unwrap();

        // When two epochs are claimed, the first by few, the second by all
        let first: Vec<_> = (0..33).map(|member| 100 + member).collect();
        let epoch = world.epoch(1, &first);
        world.install(&epoch);
        world.claim(&epoch, 0, 4).unwrap();
        assert_eq!(world.balances()[..5], [100, 101, 102, 103, 0], "{extensions:?}");
        let second: Vec<_> = (0..33).map(|member| 1_000 + 7 * member).collect();
        let epoch = world.epoch(2, &second);
        world.install(&epoch);
        for (start, members) in [(0, 16), (16, 16), (32, 1)] {
            world.claim(&epoch, start, members).unwrap();
        }

        // Then everybody holds the total, and the mint grew by exactly that
        assert_eq!(world.balances(), second, "{extensions:?}");
        assert_eq!(world.supply(), second.iter().sum::<u64>());
        assert_eq!(world.distribution().minted_total.get(), world.supply());

        // And a replay mints nothing
        world.claim(&epoch, 16, 16).unwrap();
        assert_eq!(world.balances(), second);
    }
}

#[test]
fn name_symbol_and_uri_stay_on_the_mint() {
    let world = World::start_token_2022(1, &ALLOWED);
    let data = world.account(&world.mint).unwrap().data;
    let mint = StateWithExtensions::<Mint>::unpack(&data).unwrap();
    assert_eq!(Option::from(mint.base.mint_authority), Some(world.distribution));
    let metadata = mint.get_variable_len_extension::<TokenMetadata>().unwrap();
    assert_eq!([metadata.name, metadata.symbol, metadata.uri], METADATA.map(str::to_owned));
}

#[test]
fn whoever_cannot_receive_is_skipped_and_the_rest_is_paid() {
    // Given eight members of whom five cannot receive
    let mut world = World::start_token_2022(8, &[]);
    world.open_page(0).unwrap();
    world.alter_account(&world.token_accounts[1], |account| account.data[108] = 2);
    world.close_token_account(2);
    world.alter_account(&world.token_accounts[3], |account| account.data[0] ^= 1);
    // An account as long as a multisig is one, whatever its bytes say; a type that is no account's
    // is none either; and the classic program's accounts are not Token-2022's.
    world.alter_account(&world.token_accounts[4], |account| account.data.resize(355, 0));
    world.alter_account(&world.token_accounts[5], |account| account.data[165] = 1);
    world
        .alter_account(&world.token_accounts[6], |account| account.owner = spl_token_interface::ID);
    let bare = world.create_bare_token_account(&world.address(), &[]);
    world.token_accounts[7] = bare;

    // When all are claimed for
    let epoch = world.epoch(1, &[10, 20, 30, 40, 50, 60, 70, 80]);
    world.install(&epoch);
    world.claim(&epoch, 0, 8).unwrap();

    // Then the first and the last are paid, the last in an account without extensions
    assert_eq!((world.balance(0), world.balance(7)), (10, 80));
    assert_eq!(world.supply(), 90);
    let claimed: Vec<_> = (0..8).map(|member| world.claimed(member)).collect();
    assert_eq!(claimed, [10, 0, 0, 0, 0, 0, 0, 80]);
}

#[test]
fn soul_bound_tokens_reach_accounts_that_are_not_associated_ones() {
    // Given a member of a soul-bound community with a token account made by hand
    let mut world = World::start_token_2022(4, &[ExtensionType::NonTransferable]);
    world.open_page(0).unwrap();
    let room = [ExtensionType::NonTransferableAccount, ExtensionType::ImmutableOwner];
    let bare = world.create_bare_token_account(&world.address(), &room);
    world.token_accounts[1] = bare;
    let epoch = world.epoch(1, &[10, 20, 30, 40]);
    world.install(&epoch);

    // Then neither it nor its neighbours stay unpaid
    world.claim(&epoch, 0, 4).unwrap();
    assert_eq!(world.balances(), [10, 20, 30, 40]);
}

#[test]
fn soul_bound_tokens_stay_where_they_are() {
    let world = World::start_token_2022(4, &[ExtensionType::NonTransferable]);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[10, 20, 30, 40]);
    world.install(&epoch);
    world.claim(&epoch, 0, 4).unwrap();
    let transfer = spl_token_2022_interface::instruction::transfer_checked(
        &TOKEN_2022_PROGRAM,
        &world.token_accounts[0],
        &world.mint,
        &world.token_accounts[1],
        &world.wallets[0].pubkey(),
        &[],
        1,
        system_token_tests::DECIMALS,
    )
    .unwrap();
    // The token program's `NonTransferable`.
    let error = failed(0, InstructionError::Custom(37));
    world.assert_refused_with(&[&world.wallets[0]], error, &[transfer]);
}

#[test]
fn a_claim_by_the_classic_program_is_refused() {
    let world = World::start_token_2022(4, &[]);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[10, 20, 30, 40]);
    world.install(&epoch);
    let mut claim = world.claim_instruction(&epoch, 0, 4);
    claim.accounts[3].pubkey = spl_token_interface::ID;
    world.assert_refused(SystemTokenError::MintMismatch, &[claim]);
}
