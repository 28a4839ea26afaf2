//! `--dry-run`, `--print-unsigned`, fee payers and priority fees.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use solana_keypair::Keypair;
use solana_message::VersionedMessage;
use solana_message::compiled_instruction::CompiledInstruction;
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;
use system_token_interface::{PROGRAM_ID, instructions};

use crate::town::{DAY, Printed, Town, WEEK, address, distribution, key};

/// The transaction that `--print-unsigned` printed, alone on standard output.
fn unsigned(printed: &Printed) -> VersionedTransaction {
    assert_eq!((printed.code, printed.out.lines().count()), (0, 1), "{printed:?}");
    let transaction: VersionedTransaction =
        wincode::deserialize(&BASE64_STANDARD.decode(printed.out.trim()).unwrap()).unwrap();
    assert!(transaction.signatures.iter().all(|signature| *signature == Signature::default()));
    transaction
}

/// A transaction's calls of the program: their data and accounts.
fn calls(message: &VersionedMessage) -> Vec<(Vec<u8>, Vec<solana_address::Address>)> {
    let keys = message.static_account_keys();
    let call = |call: &CompiledInstruction| {
        let accounts = call.accounts.iter().map(|&i| keys[usize::from(i)]).collect();
        (call.data.clone(), accounts)
    };
    let of_program =
        |call: &&CompiledInstruction| keys[usize::from(call.program_id_index)] == PROGRAM_ID;
    message.instructions().iter().filter(of_program).map(call).collect()
}

#[test]
fn a_dry_run_shows_everything_and_changes_nothing() {
    let town = Town::found();
    let before = town.distribution();
    insta::assert_snapshot!(
        "dry_run_human",
        town.stk("pause --authority :admin --dry-run").stable()
    );
    let json = town.stk("pause --authority :admin --dry-run --output json");
    insta::assert_snapshot!("dry_run_json", json.stable());
    assert!(json.json()["compute_units"].as_u64().unwrap() > 0);
    assert_eq!(json.json()["fee_lamports"], 10_000, "two signatures, {json:?}");
    assert_eq!(town.distribution(), before);
}

#[test]
fn a_dry_run_needs_no_key() {
    let town = Town::found();
    let tried = "pause --authority @admin --fee-payer @payer --keypair /nowhere.json --dry-run";
    assert_eq!(town.json(tried)["would_succeed"], true);
    let sent = town.refused("pause --authority @admin");
    assert!(sent.contains("only its address was given"), "{sent}");
}

#[test]
fn a_dry_run_without_money_fails() {
    let town = Town::found();
    let tried = town.stk("pause --authority :admin --fee-payer @stranger --dry-run --output json");
    assert_eq!(tried.code, 1);
    let error = tried.error();
    assert!(error["hint"].as_str().unwrap().contains("--fee-payer"), "{error}");
}

#[test]
fn an_unsigned_transaction_is_what_would_be_sent_and_works_once_signed() {
    let town = Town::found();
    town.chain.airdrop(&address("admin"), 1_000_000_000).unwrap();
    let printed = town.stk("pause --print-unsigned --keypair /nowhere.json --authority @admin");
    insta::assert_snapshot!("print_unsigned_human", printed.stable());
    let transaction = unsigned(&printed);
    let expected = instructions::pause(&address("admin"), &distribution());
    let accounts = expected.accounts.iter().map(|meta| meta.pubkey).collect::<Vec<_>>();
    assert_eq!(calls(&transaction.message), [(expected.data, accounts)]);
    assert_eq!(town.distribution().unwrap().paused, 0);
    let signers: [&Keypair; 1] = [&key("admin")];
    let signed = VersionedTransaction::try_new(transaction.message, &signers).unwrap();
    town.send_transaction(&signed).unwrap();
    assert_eq!(town.distribution().unwrap().paused, 1);
}

#[test]
fn an_unsigned_transaction_for_programs_has_its_message_too() {
    let town = Town::found();
    let json = town.json("pause --print-unsigned");
    let [transaction, message] = ["transaction", "message"]
        .map(|key| BASE64_STANDARD.decode(json[key].as_str().unwrap()).unwrap());
    let base58 = json["transaction_base58"].as_str().unwrap();
    assert_eq!(bs58::decode(base58).into_vec().unwrap(), transaction);
    // Whoever the chain demands first signs: the guardian.
    assert_eq!(transaction[0], 1);
    assert_eq!(transaction[1 + 64..], message);
    let transaction: VersionedTransaction = wincode::deserialize(&transaction).unwrap();
    assert_eq!(transaction.message.static_account_keys()[0], address("guardian"));
    assert_eq!(json["status"], "unsigned");
}

#[test]
fn an_unsigned_transaction_that_is_too_early_is_printed_with_a_warning() {
    let town = Town::found();
    town.wait_for(WEEK);
    town.attest(1, 900_000_000, &["oracle0", "oracle1"]);
    let printed = town.stk("epoch finalize --print-unsigned");
    let expected =
        "warning: as things stand the chain would refuse: The proposal's challenge window";
    assert!(printed.err.contains(expected), "{}", printed.err);
    unsigned(&printed);
    let json = town.json("epoch finalize --print-unsigned");
    assert!(json["warning"].as_str().unwrap().contains("still open"), "{json}");
    town.wait_for(DAY);
    let json = town.json("epoch finalize --print-unsigned");
    assert!(json["warning"].is_null(), "{json}");
}

#[test]
fn an_unsigned_transaction_for_who_may_never_sign_is_refused() {
    let town = Town::found();
    let wrong = town.refused("pause --print-unsigned --authority @stranger");
    assert!(wrong.contains("is not the guardian"), "{wrong}");
}

#[test]
fn only_one_of_dry_run_and_print_unsigned() {
    let town = Town::found();
    assert_eq!(town.stk("pause --dry-run --print-unsigned").code, 2);
}

#[test]
fn a_price_is_paid_for_what_is_used_and_a_little_more() {
    let town = Town::found();
    let pause = "pause --authority :admin --dry-run";
    let plain = town.json(pause);
    // A lamport a unit, so that the fee says how many may be used.
    let priced = town.json(&format!("{pause} --with-compute-unit-price 1000000"));
    let extra = priced["fee_lamports"].as_u64().unwrap() - plain["fee_lamports"].as_u64().unwrap();
    let used = priced["compute_units"].as_u64().unwrap();
    assert!((used..used * 12 / 10 + 50).contains(&extra), "{extra} for {used}");
    let limited = format!("{pause} --with-compute-unit-price 1000000 --with-compute-unit-limit 5");
    let tried = town.stk(&limited);
    assert_eq!(tried.code, 1, "five units are not enough: {tried:?}");
    assert_eq!(town.stk("pause --authority :admin --with-compute-unit-price 7").code, 0);
}

#[test]
fn another_pays() {
    let town = Town::found();
    let alone = "pause --keypair :admin --fee-payer :payer";
    let json = town.json(&format!("{alone} --dry-run"));
    let accounts = json["accounts"].as_array().unwrap();
    assert_eq!(accounts[0]["address"], address("payer").to_string());
    assert_eq!(accounts[0]["role"], "fee payer");
    assert_eq!(accounts[1]["role"], "admin");
    assert_eq!(town.stk(alone).code, 0);
}

#[test]
fn a_keypair_that_cannot_be_read_is_named() {
    let town = Town::found();
    for (signer, expected) in [
        ("/nowhere.json", "failed to read the keypair /nowhere.json"),
        ("usb://ledger", "is not a file"),
        ("/", "failed to read the keypair /"),
    ] {
        let refused = town.refused(&format!("pause --authority {signer}"));
        assert!(refused.contains(expected), "{refused}");
        assert!(refused.contains("--print-unsigned"), "{refused}");
    }
}
