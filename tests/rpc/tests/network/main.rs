//! The command line and the RPC client against a whole Solana network that speaks real JSON-RPC:
//! what a community does from its first day to its second epoch, in this order.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod daemons;
mod database;
mod governance;
mod kills;
mod members;
mod oracle;
mod payments;
mod proxy;
mod town;
mod weather;
mod weeks;

use solana_address::Address;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_precompile_error::PrecompileError;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;
use system_token_attestation::{Attestation, Leaf, Tree};
use system_token_chain::{
    Chain, ChainError, Receipt, RpcChain, get_balance, get_supply, program_error, sign_transaction,
};
use system_token_interface::instructions::{self, OracleSignature};
use system_token_interface::{
    LedgerPage, PROGRAM_ID, SystemTokenError, page_address, proposal_address,
};
use system_token_oracle::submit::{Direct, Purpose, Submitter, token_account_address};

use town::{DAY, Town, WEEK, address, distribution, key, rpc_chain};

/// Members: more than one transaction can pay.
const MEMBERS: u64 = 40;
/// A token, base units.
const STK: u64 = 1_000_000;

// The network starts by a client that blocks, which takes a second thread.
#[tokio::test(flavor = "multi_thread")]
async fn a_community_lives_on_a_real_network() {
    let mut town = Town::start().await;
    let start_at = town.now().await;

    nobody_answers(&town);
    nothing_is_there(&town).await;
    a_distribution_is_created(&town, start_at).await;
    an_oracle_is_added_after_the_timelock(&town).await;
    it_is_paused_and_goes_on(&town).await;
    every_commitment_will_do(&town).await;
    changes_are_queued_and_dropped(&town).await;
    another_admin_takes_over(&town).await;
    a_transaction_that_cannot_be_is_refused(&town).await;
    a_page_is_opened(&town).await;

    let leaves = members_have_accounts(&town).await;
    let tree = Tree::new(&leaves).unwrap();
    let first = attestation(&town, 1, &tree, 1).await;
    town.travel_to(start_at + WEEK).await;
    an_epoch_is_attested(&town, &first).await;
    it_is_finalized_after_its_window(&town, &first).await;
    all_members_are_paid_once(&town, &tree, &leaves).await;

    let more: Vec<_> = leaves
        .iter()
        .map(|leaf| Leaf { cumulative_total: leaf.cumulative_total + STK, ..*leaf })
        .collect();
    let second = attestation(&town, 2, &Tree::new(&more).unwrap(), 2).await;
    town.travel_to(start_at + 2 * WEEK).await;
    the_guardian_vetoes_the_next(&town, &second).await;

    town.surfnet.stop().unwrap();
}

fn nobody_answers(town: &Town) {
    // Port 1 of this machine: nothing listens there.
    let refusal = town.stk_on("http://127.0.0.1:1/?api-key=hush", "status").refusal();
    assert!(refusal.contains("failed to read the mint: failed to read an account"), "{refusal}");
    assert!(refusal.contains("refused"), "{refusal}");
    assert!(!refusal.contains("hush"), "the URL's key is nobody's business: {refusal}");
    // Something else than a node answers: the network's WebSocket.
    let no_node = town.surfnet.ws_url().replace("ws://", "http://");
    let refusal = town.stk_on(&no_node, "status").refusal();
    assert!(refusal.contains("failed to read the mint: failed to read an account"), "{refusal}");
}

async fn nothing_is_there(town: &Town) {
    let refusal = town.refused("status").await;
    assert!(refusal.contains("there is no mint"), "{refusal}");
    assert_eq!(town.chain.get_account(&distribution()).await.unwrap(), None);
    assert_eq!(town.chain.get_program_accounts(&PROGRAM_ID, &[]).await.unwrap(), []);
}

async fn a_distribution_is_created(town: &Town, start_at: i64) {
    let init = format!(
        "init --create-mint --mint-keypair :mint --admin @admin --guardian @guardian \
         --oracle @oracle0 --oracle @oracle1 --oracle @oracle2 --threshold 2 \
         --challenge 1d --timelock 2d --start-at {start_at} --budget 1000 --growth-limit 2000 \
         --supply-cap 1_000_000 --decay-epochs 52 --decay-percent 90"
    );
    town.tried_and_sent(&init).await;
    let status = town.read("status");
    assert_eq!(status["admin"], address("admin").to_string());
    assert_eq!(status["emission"]["supply_cap_base_units"], "1000000000000");
    assert_eq!(status["oracles"].as_array().unwrap().len(), 3);
    assert_eq!(town.read("emission show")["epoch_running"], 1);
    let refusal = town.refused(&init).await;
    assert!(refusal.contains("already"), "{refusal}");
}

async fn an_oracle_is_added_after_the_timelock(town: &Town) {
    let add = "oracle add @oracle3 --threshold 3";
    for who in ["", "--keypair :stranger", "--authority :guardian"] {
        let refusal = town.refused(&format!("{add} {who}")).await;
        assert!(refusal.contains("is not the admin"), "{refusal}");
    }
    town.write(&format!("{add} --authority :admin")).await;
    let queued = &town.read("change list")["changes"][0];
    assert_eq!((&queued["kind"], &queued["executable"]), (&"oracle_set".into(), &false.into()));

    let refusal = town.refused("change execute").await;
    assert!(refusal.contains("waits until"), "{refusal}");
    // The program's own refusal, past the command line's.
    let early = instructions::execute_change(&distribution());
    let error = send(town, early).await.unwrap_err();
    assert_eq!(refused_by_program(&error), SystemTokenError::TimelockNotOver);

    town.travel_to(town.distribution().await.change_eta.get()).await;
    town.write("change execute").await;
    assert_eq!(town.read("change list")["changes"], serde_json::json!([]));
    let oracles = town.read("oracle list");
    assert_eq!(oracles["threshold"], 3, "{oracles}");
    assert_eq!(town.distribution().await.oracle_set().nth(3), Some(address("oracle3")));
}

async fn it_is_paused_and_goes_on(town: &Town) {
    let refusal = town.refused("pause --keypair :stranger").await;
    assert!(refusal.contains("is not the guardian"), "{refusal}");
    town.write("pause --authority :guardian").await;
    assert_eq!(town.read("status")["paused"], true);
    // As a multisig would: printed, signed elsewhere, sent.
    let printed = town.unsigned("unpause --authority @admin --fee-payer @payer").await;
    let signers = [&key("payer"), &key("admin")];
    let signed = VersionedTransaction::try_new(printed.message, &signers).unwrap();
    town.chain.send(&signed).await.unwrap();
    assert_eq!(town.read("status")["paused"], false);
    // With a price, which is paid for few more units than are used.
    town.dry_run("pause --authority :guardian --with-compute-unit-price 1000000").await;
    let priced = town.read("pause --authority :guardian --with-compute-unit-price 1000000");
    let used = priced["compute_units"].as_u64().unwrap();
    let fee = priced["fee_lamports"].as_u64().unwrap();
    assert!((used..used * 12 / 10 + 500).contains(&(fee - 10_000)), "{priced}");
    town.write("unpause --authority :admin").await;
}

async fn every_commitment_will_do(town: &Town) {
    for commitment in ["processed", "confirmed", "finalized"] {
        let with = format!("--authority :admin --commitment {commitment}");
        for (action, paused) in [("pause", true), ("unpause", false)] {
            let sent = town.read(&format!("{action} {with}"));
            assert_eq!(sent["fee_lamports"], 10_000, "at {commitment}: {sent}");
            assert_eq!(town.read(&format!("status --commitment {commitment}"))["paused"], paused);
        }
    }
}

async fn changes_are_queued_and_dropped(town: &Town) {
    for (queue, kind) in [
        ("emission queue --budget 800", "emission"),
        ("windows queue --challenge 3d --timelock 5d", "windows"),
        ("guardian queue @stranger", "guardian"),
        ("oracle remove @oracle0 --threshold 2", "oracle_set"),
    ] {
        town.write(&format!("{queue} --authority :admin")).await;
        assert_eq!(town.read("change list")["changes"][0]["kind"], kind);
        let refusal = town.refused("change cancel").await;
        assert!(refusal.contains("is not the guardian"), "{refusal}");
        town.write("change cancel --authority :guardian").await;
        assert_eq!(town.read("change list")["changes"], serde_json::json!([]));
    }
}

async fn another_admin_takes_over(town: &Town) {
    let refusal = town.refused("admin accept --authority :next_admin").await;
    assert!(refusal.contains("nobody is proposed"), "{refusal}");
    town.write("admin propose @next_admin --authority :admin").await;
    let refusal = town.refused("admin accept --authority :stranger").await;
    assert!(refusal.contains("is not the proposed admin"), "{refusal}");
    town.write("admin accept --authority :next_admin").await;
    let status = town.read("status");
    assert_eq!(status["admin"], address("next_admin").to_string());
    assert!(status["pending_admin"].is_null(), "{status}");
}

async fn a_transaction_that_cannot_be_is_refused(town: &Town) {
    let open = [instructions::open_page(&address("payer"), &distribution(), 0)];
    let sign = |blockhash| sign_transaction(&[&key("payer")], &open, &[], blockhash);
    // A blockhash that the network never had.
    let foreign = sign(Hash::new_from_array([7; 32])).unwrap();
    match town.chain.send(&foreign).await {
        Err(ChainError::Rejected { error: TransactionError::BlockhashNotFound, .. }) => {}
        other => panic!("{other:?}"),
    }
    // A simulation needs neither a blockhash nor a signature.
    let simulation = town.chain.simulate(&foreign).await.unwrap();
    assert_eq!((simulation.error, simulation.fee_lamports), (None, 5_000));

    let mut forged = sign(town.chain.latest_blockhash().await.unwrap()).unwrap();
    forged.signatures[0] = Signature::from([7; 64]);
    let error = town.chain.send(&forged).await.unwrap_err();
    assert_eq!(error.to_string(), "failed to send the transaction");
    let page = page_address(&distribution(), 0).0;
    assert_eq!(town.chain.get_account(&page).await.unwrap(), None);
}

async fn a_page_is_opened(town: &Town) {
    let refusal = town.refused("page show 0").await;
    assert!(refusal.contains("is not open"), "{refusal}");
    let opened = town.write("page open 0").await;
    let page = page_address(&distribution(), 0).0;
    let account = town.chain.get_account(&page).await.unwrap().unwrap();
    assert_eq!(account.data.len(), LedgerPage::ACCOUNT_LEN);
    assert_eq!(opened["rent_lamports"], account.lamports);
    assert_eq!(town.read("page show 0")["members_paid"], 0);
}

/// Creates the members' token accounts; gives their leaves.
async fn members_have_accounts(town: &Town) -> Vec<Leaf> {
    let wallets: Vec<_> = (0..MEMBERS).map(|i| address(&format!("member {i}"))).collect();
    submitter(town).create_token_accounts(&wallets).await.unwrap();
    (1..)
        .zip(&wallets)
        .map(|(i, wallet)| Leaf {
            token_account: token_account_address(wallet, &address("mint")).to_bytes(),
            cumulative_total: i * STK,
        })
        .collect()
}

async fn attestation(town: &Town, epoch: u64, tree: &Tree, bundle: u8) -> Attestation {
    Attestation {
        program_id: PROGRAM_ID.to_bytes(),
        distribution: distribution().to_bytes(),
        epoch,
        oracle_set_version: town.distribution().await.oracle_set_version.get(),
        leaf_count: tree.leaf_count(),
        root: tree.root(),
        cumulative_total: tree.cumulative_total(),
        bundle_hash: [bundle; 32],
    }
}

async fn an_epoch_is_attested(town: &Town, attestation: &Attestation) {
    let submitter = submitter(town);
    let [mut forged, ..] = signatures(attestation, &["oracle0"])[..] else { unreachable!() };
    forged.signature[7] ^= 1;
    let error = submitter.attest(attestation, &[forged]).await.unwrap_err();
    let Some(ChainError::Rejected { error, .. }) = error.chain_error() else { panic!("{error:?}") };
    let invalid = InstructionError::Custom(PrecompileError::InvalidSignature as u32);
    assert_eq!(*error, TransactionError::InstructionError(0, invalid), "by the precompile");
    let stranger = signatures(attestation, &["stranger"]);
    let error = submitter.attest(attestation, &stranger).await.unwrap_err();
    assert_eq!(refused_by_program(error.chain_error().unwrap()), SystemTokenError::UnknownOracle);

    submitter.attest(attestation, &signatures(attestation, &["oracle0"])).await.unwrap();
    let shown = &town.read("epoch show")["proposals"][0];
    assert_eq!((&shown["state"], &shown["signature_count"]), (&"collecting".into(), &1.into()));
    submitter.attest(attestation, &signatures(attestation, &["oracle1", "oracle3"])).await.unwrap();
    let shown = &town.read("epoch show 1")["proposals"][0];
    assert_eq!((&shown["state"], &shown["signature_count"]), (&"challenge".into(), &3.into()));
    assert_eq!(shown["digest"], hex(attestation));
}

async fn it_is_finalized_after_its_window(town: &Town, attestation: &Attestation) {
    let refusal = town.refused("epoch finalize").await;
    assert!(refusal.contains("cannot be finalized"), "{refusal}");
    let error = submitter(town).finalize(&attestation.digest()).await.unwrap_err();
    assert_eq!(
        refused_by_program(error.chain_error().unwrap()),
        SystemTokenError::ChallengeWindowOpen
    );
    town.travel_to(town.now().await + DAY).await;
    assert_eq!(town.read("epoch show")["proposals"][0]["state"], "ready");
    town.write("epoch finalize").await;
    let shown = town.read("epoch show");
    assert_eq!((&shown["epoch"], &shown["leaf_count"]), (&1.into(), &MEMBERS.into()));
    let proposal = proposal_address(&distribution(), &attestation.digest()).0;
    assert!(town.chain.get_account(&proposal).await.unwrap().is_some());
    town.write(&format!("epoch close --digest {}", hex(attestation))).await;
    assert_eq!(town.chain.get_account(&proposal).await.unwrap(), None);
}

async fn all_members_are_paid_once(town: &Town, tree: &Tree, leaves: &[Leaf]) {
    let submitter = submitter(town);
    let claimed = submitter.claim(tree, leaves).await.unwrap();
    assert_eq!((claimed.members, claimed.transactions), (MEMBERS, 2));
    // So many accounts fit a transaction only by a lookup table.
    assert_eq!(claimed.members_per_transaction_max, 32);
    let mut total = 0;
    for leaf in leaves {
        let balance = get_balance(&town.chain, &Address::from(leaf.token_account)).await.unwrap();
        assert_eq!(balance, leaf.cumulative_total);
        total += balance;
    }
    assert_eq!(get_supply(&town.chain, &address("mint")).await.unwrap(), total);
    let page = town.read("page show 0");
    assert_eq!(page["claimed_base_units"], total.to_string());
    assert_eq!(page["members_paid"], MEMBERS);
    assert_eq!(town.read("status")["emission"]["minted_total_base_units"], total.to_string());

    let again = submitter.claim(tree, leaves).await.unwrap();
    assert_eq!((again.members, again.transactions), (0, 0));
    assert_eq!(submitter.spending().of(Purpose::Claim).transactions, 2);
}

async fn the_guardian_vetoes_the_next(town: &Town, attestation: &Attestation) {
    let signatures = signatures(attestation, &["oracle0", "oracle1", "oracle2"]);
    submitter(town).attest(attestation, &signatures).await.unwrap();
    let veto = format!("epoch veto --digest {}", hex(attestation));
    let refusal = town.refused(&format!("{veto} --authority :next_admin")).await;
    assert!(refusal.contains("is not the guardian"), "{refusal}");
    town.write(&format!("{veto} --authority :guardian")).await;
    town.travel_to(town.now().await + DAY).await;
    assert_eq!(town.read("epoch show 2")["proposals"][0]["state"], "vetoed");
    let refusal = town.refused(&format!("epoch finalize --digest {}", hex(attestation))).await;
    assert!(refusal.contains("vetoed"), "{refusal}");
    let error = submitter(town).finalize(&attestation.digest()).await.unwrap_err();
    assert_eq!(refused_by_program(error.chain_error().unwrap()), SystemTokenError::Vetoed);
    assert_eq!(town.read("status")["emission"]["epoch"], 1);
    let refusal = town.refused(&format!("epoch close --digest {}", hex(attestation))).await;
    assert!(refusal.contains("attested again"), "{refusal}");
}

fn submitter(town: &Town) -> Submitter<Direct<RpcChain>> {
    Submitter::new(rpc_chain(&town.surfnet), key("payer"), address("mint"))
}

/// Sends an instruction that the payer alone signs.
async fn send(town: &Town, instruction: Instruction) -> Result<Receipt, ChainError> {
    let blockhash = town.chain.latest_blockhash().await?;
    let transaction = sign_transaction(&[&key("payer")], &[instruction], &[], blockhash)?;
    town.chain.send(&transaction).await
}

/// The program's reason to refuse a transaction.
fn refused_by_program(error: &ChainError) -> SystemTokenError {
    let ChainError::Rejected { error, logs } = error else { panic!("{error:?}") };
    assert!(logs.iter().any(|line| line.contains(&PROGRAM_ID.to_string())), "{logs:?}");
    program_error(error).unwrap_or_else(|| panic!("{error:?}"))
}

fn signatures(attestation: &Attestation, oracles: &[&str]) -> Vec<OracleSignature> {
    let sign = |name: &&str| {
        let key = key(name);
        let signature = key.sign_message(&attestation.to_bytes()).into();
        OracleSignature { oracle: key.pubkey(), signature }
    };
    oracles.iter().map(sign).collect()
}

fn hex(attestation: &Attestation) -> String {
    attestation.digest().iter().map(|byte| format!("{byte:02x}")).collect()
}
