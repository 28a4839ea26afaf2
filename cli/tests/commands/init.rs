//! `stk init`.

use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use spl_token_2022_interface::extension::metadata_pointer::MetadataPointer;
use spl_token_2022_interface::extension::non_transferable::NonTransferable;
use spl_token_2022_interface::extension::{BaseStateWithExtensions, StateWithExtensions};
use spl_token_2022_interface::state::Mint;
use spl_token_metadata_interface::state::TokenMetadata;
use system_token_chain::{Chain, TOKEN_2022_PROGRAM_ID};

use crate::town::{Town, address, distribution, key, members, wait};

/// Length of a mint's account without extensions, bytes.
const MINT_LEN: u64 = 82;

/// Creates a mint of either token program, as the payer.
fn create_mint(town: &Town, mint: &Keypair, program: &Address, freezer: bool) {
    let rent = wait(town.chain.rent(82)).unwrap();
    let create = solana_system_interface::instruction::create_account(
        &address("payer"),
        &mint.pubkey(),
        rent,
        MINT_LEN,
        program,
    );
    let freezer = freezer.then(|| address("stranger"));
    let mut initialize = spl_token_interface::instruction::initialize_mint2(
        &spl_token_interface::ID,
        &mint.pubkey(),
        &address("authority"),
        freezer.as_ref(),
        9,
    )
    .unwrap();
    // Both token programs read the same bytes.
    initialize.program_id = *program;
    town.send(&[mint], &[create, initialize]).unwrap();
}

#[test]
fn what_cannot_be_taken_over_is_refused() {
    let town = Town::empty();
    let init = format!("init {}", members());
    assert!(town.refused(&init).contains("there is no mint"));
    assert!(
        town.refused(&init.replace("init", "init --mint 11111111111111111111111111111111"))
            .contains("is not a mint of SPL Token or Token-2022")
    );
    create_mint(&town, &key("mint"), &spl_token_interface::ID, false);
    let refused = town.refused(&init);
    assert!(refused.contains(&format!("who is {}", address("authority"))), "{refused}");
    assert!(refused.contains("--mint-authority"), "{refused}");
    let refused = town.refused(&format!("{init} --create-mint --mint-keypair :mint"));
    assert!(refused.contains("there is an account at"), "{refused}");
    let frozen = key("stranger");
    create_mint(&town, &frozen, &spl_token_interface::ID, true);
    let refused = town.refused(&init.replace("init", "init --mint @stranger"));
    assert!(refused.contains("has a freeze authority"), "{refused}");
    assert!(refused.contains("freeze --disable"), "{refused}");
}

#[test]
fn wrong_terms_are_refused() {
    let town = Town::empty();
    create_mint(&town, &key("mint"), &spl_token_interface::ID, false);
    let init = format!("init --mint-authority :authority {}", members());
    for (term, wrong, expected) in [
        ("--threshold 2", "--threshold 4", "a threshold of 4 is impossible with 3 oracles"),
        ("--threshold 2", "--threshold 0", "a threshold of 0 is impossible with 3 oracles"),
        ("--oracle @oracle2", "--oracle @oracle2 --oracle @oracle2", "is named twice"),
        ("--budget 1000", "--budget 0.0000000001", "has 10 decimals, more than the mint's 9"),
        ("--supply-cap 1_000_000", "--supply-cap 99999999999", "is more than the 18,446,744,073.7"),
        // These the program itself refuses.
        ("--budget 1000", "--budget 0", "The emission schedule has a zero or out-of-range field"),
        ("--challenge 1d", "--challenge 31d", "The challenge window and the timelock last at most"),
    ] {
        assert!(init.contains(term), "{term}");
        let refused = town.refused(&init.replace(term, wrong));
        assert!(refused.contains(expected), "{refused}");
    }
}

/// Takes a mint of a token program over.
fn take_over(program: &Address) {
    let town = Town::empty();
    create_mint(&town, &key("mint"), program, false);
    let init = format!("init --mint-authority :authority {}", members());
    let done = town.json(&init);
    assert_eq!(done["status"], "sent");
    assert_eq!(done["token_program"], program.to_string());
    let distribution = town.distribution().unwrap();
    assert_eq!(distribution.admin, address("admin").to_bytes());
    assert_eq!(distribution.token_program, program.to_bytes());
    assert_eq!(distribution.emission.budget.get(), 1_000_000_000_000);
    assert_eq!(distribution.emission.decay_basis_points.get(), 9_000);
    assert_eq!(distribution.challenge_seconds.get(), 86_400);
    let again = town.refused(&init);
    assert!(again.contains("has a distribution already"), "{again}");
}

#[test]
fn a_present_mint_of_spl_token_is_taken_over() {
    take_over(&spl_token_interface::ID);
}

#[test]
fn a_present_mint_of_token_2022_is_taken_over() {
    take_over(&TOKEN_2022_PROGRAM_ID);
}

#[test]
fn the_mints_authority_signs_elsewhere() {
    let town = Town::empty();
    create_mint(&town, &key("mint"), &TOKEN_2022_PROGRAM_ID, false);
    let json = town.json(&format!("init --print-unsigned --keypair /nowhere {}", members()));
    let authority = address("authority").to_string();
    assert_eq!(json["mint_authority"], authority);
    assert_eq!(json["accounts"][0]["address"], authority);
    assert_eq!(json["token_program"], TOKEN_2022_PROGRAM_ID.to_string());
    assert_eq!(town.distribution(), None);
}

#[test]
fn a_mint_is_created_with_its_distribution() {
    let town = Town::empty();
    let init = format!("init --create-mint --mint-keypair :mint --decimals 6 {}", members());
    insta::assert_snapshot!("init_dry_run", town.stk(&format!("{init} --dry-run")).stable());
    assert_eq!(town.distribution(), None);
    insta::assert_snapshot!("init_human", town.stk(&init).stable());
    assert_eq!(town.distribution().unwrap().emission.budget.get(), 1_000_000_000);
}

#[test]
fn the_result_for_programs() {
    let town = Town::empty();
    let init = format!("init --create-mint --mint-keypair :mint {} --output json", members());
    insta::assert_snapshot!("init_json", town.stk(&init).stable());
}

#[test]
fn a_mint_of_token_2022_is_created_with_its_name() {
    // Given a new mint with name, symbol, URI and tokens that stay
    let town = Town::empty();
    let named = "--name SystemToken --symbol STK --uri https://systemtoken.example/stk.json";
    let init =
        format!("init --create-mint --mint-keypair :mint --non-transferable {named} {}", members());
    let dry_run = town.json(&format!("{init} --dry-run"));
    assert_eq!(dry_run["token_program"], TOKEN_2022_PROGRAM_ID.to_string());
    assert_eq!(town.distribution(), None);

    // When it is created with its distribution
    assert_eq!(town.stk(&init).code, 0);

    // Then the mint keeps all of it, paid to the lamport
    let account = wait(town.chain.get_account(&address("mint"))).unwrap().unwrap();
    let mint = StateWithExtensions::<Mint>::unpack(&account.data).unwrap();
    assert_eq!(Option::from(mint.base.mint_authority), Some(distribution()));
    mint.get_extension::<NonTransferable>().unwrap();
    let pointer = mint.get_extension::<MetadataPointer>().unwrap();
    assert_eq!(Option::from(pointer.metadata_address), Some(address("mint")));
    let metadata = mint.get_variable_len_extension::<TokenMetadata>().unwrap();
    assert_eq!((metadata.name.as_str(), metadata.symbol.as_str()), ("SystemToken", "STK"));
    assert_eq!(metadata.uri, "https://systemtoken.example/stk.json");
    assert_eq!(Option::from(metadata.update_authority), Some(address("admin")));
    assert_eq!(wait(town.chain.rent(account.data.len())).unwrap(), account.lamports);
    assert!(town.distribution().is_some());

    // And a name alone, or for a mint that is there, is refused
    let init = format!("init --create-mint --mint-keypair :mint --name STK {}", members());
    assert_eq!(town.stk(&init).code, 2);
    assert_eq!(town.stk(&format!("init {named} {}", members())).code, 2);
}

#[test]
fn a_new_mint_cannot_be_printed_unsigned() {
    let town = Town::empty();
    let init = format!("init --create-mint --mint-keypair :mint --print-unsigned {}", members());
    assert_eq!(town.stk(&init).code, 2);
    assert_eq!(town.stk(&format!("init --create-mint {}", members())).code, 2);
}
