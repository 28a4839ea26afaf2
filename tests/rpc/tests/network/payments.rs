//! An oracle's first two epochs: from events to balances by the commands of `stk-oracle` alone.

use solana_address::Address;
use system_token_chain::get_supply;
use system_token_oracle::submit::Submitter;

use crate::oracle::{HOUR, Oracle, RULES, write_key};
use crate::town::{Town, address, key, rpc_chain};
use crate::weeks::row;

/// An address that is no oracle's.
const STRANGER: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

#[tokio::test(flavor = "multi_thread")]
async fn members_are_paid_by_the_oracles_commands_alone() {
    let mut town = Town::start().await;
    town.read(
        "init --create-mint --mint-keypair :mint --decimals 6 --admin @admin --guardian @guardian \
         --oracle @oracle0 --oracle @oracle1 --oracle @oracle2 --threshold 2 --challenge 1h \
         --timelock 1h --start-at 2026-01-05 --epoch 7d --budget 1000 --growth-limit 2000 \
         --supply-cap 1_000_000 --decay-epochs 3 --decay-percent 90",
    );
    let oracle = Oracle::new(&town, "oracle", RULES, "");
    let events = [row(1, "anna", "2026-01-06T10:00:00Z"), row(2, "boris", "2026-01-07T10:00:00Z")];
    std::fs::write(oracle.folder.join("week-1.jsonl"), events.join("\n")).unwrap();
    oracle.json("import week-1.jsonl");
    members_link_wallets(&town, &oracle);
    let wallets = [address("anna"), address("boris")];
    let setup = Submitter::new(rpc_chain(&town.surfnet), key("payer"), address("mint"));
    setup.create_token_accounts(&wallets).await.unwrap();

    // The first week, from its bundle to its balances
    let closed = oracle.json("epoch close --epoch 1")["epochs"][0].clone();
    assert!(oracle.waits("epoch claim").contains("epoch 1 is not installed"));
    // A node that is away may be back later, and its URL, which may hold a key, is told to nobody
    for command in ["submit", "claim", "status"] {
        let error = oracle.waits(&format!("epoch {command} --url http://127.0.0.1:1/?key=hush"));
        assert!(error.contains("failed to read an account") && !error.contains("hush"), "{error}");
    }
    assert!(oracle.waits("epoch submit").contains("0 of the set's oracles have signed, of 2"));
    let first = oracle.sign("oracle0", 1, None);
    assert!(oracle.waits("epoch submit").contains("1 of the set's oracles have signed, of 2"));
    assert_eq!(oracle.sign("oracle1", 1, None)["signed"]["digest"], first["signed"]["digest"]);
    // What is no signature is told, and stands in nobody's way
    let signatures = oracle.folder.join("stk-oracle-data/bundles/epoch-00000001.signatures");
    std::fs::write(signatures.join("garbled.json"), "{").unwrap();
    let forged = first["signed"].to_string().replace(&address("oracle0").to_string(), STRANGER);
    std::fs::write(signatures.join("forged.json"), forged).unwrap();
    let submitted = oracle.waits("epoch submit");
    assert!(submitted.contains("a signature is left out: ") && submitted.contains("garbled.json"));
    assert!(submitted.contains(&format!("the signature of {STRANGER} over epoch 1 is wrong")));
    assert!(submitted.contains("the guardian can veto it until "), "{submitted}");
    let state = || oracle.json("epoch status")["state"].clone();
    assert_eq!(state(), "challenge");
    town.travel_to(town.now().await + HOUR).await;
    let status = oracle.json("epoch status");
    assert_eq!((&status["state"], &status["bundle"]), (&"ready".into(), &closed));
    let counting = status["signatures"].as_array().unwrap().iter();
    assert_eq!(counting.filter(|one| one["counts"] == true).count(), 2);
    assert_eq!(oracle.json("epoch submit")["finalized"], true);
    assert_eq!(state(), "finalized");
    // Once more it is the same, at no fee
    assert_eq!(oracle.json("epoch submit")["fee_lamports"], 0);
    assert_eq!(town.read("epoch show")["epoch"], 1);
    let claimed = oracle.json("epoch claim");
    assert_eq!((&claimed["members"], &claimed["claims"]), (&2.into(), &1.into()));
    let total = closed["cumulative_total"].as_u64().unwrap();
    assert!(total > 0);
    assert_eq!(oracle.balance("anna").await + oracle.balance("boris").await, total);
    assert_eq!(get_supply(&town.chain, &address("mint")).await.unwrap(), total);
    let again = oracle.json("epoch claim");
    assert_eq!((&again["members"], &again["fee_lamports"]), (&0.into(), &0.into()));

    // The second one, by the lookup table of the first
    std::fs::write(oracle.folder.join("week-2.jsonl"), row(3, "anna", "2026-01-13T10:00:00Z"))
        .unwrap();
    oracle.json("import week-2.jsonl");
    let closed = oracle.json("epoch close --epoch 2")["epochs"][0].clone();
    oracle.sign("oracle1", 1, None);
    oracle.sign("oracle2", 1, None);
    oracle.waits("epoch submit");
    town.travel_to(town.now().await + HOUR).await;
    oracle.json("epoch submit");
    let before = oracle.balance("boris").await;
    let claimed = oracle.json("epoch claim");
    assert_eq!((&claimed["members"], &claimed["claims"]), (&1.into(), &1.into()));
    // One signature's fee, and the least price of its units: nothing was made but the claim
    let fee = claimed["fee_lamports"].as_u64().unwrap();
    assert!((5_001..5_200).contains(&fee), "{claimed}");
    let total = closed["cumulative_total"].as_u64().unwrap();
    assert_eq!(oracle.balance("boris").await, before);
    assert_eq!(oracle.balance("anna").await, total - before);
    town.surfnet.stop().unwrap();
}

/// Each member links a wallet with the code that the oracle gave out.
fn members_link_wallets(town: &Town, oracle: &Oracle<'_>) {
    let members = "member,source,external_id,roles\nanna,posthog,anna,\nboris,posthog,boris,\n";
    std::fs::write(oracle.folder.join("members.csv"), members).unwrap();
    oracle.json("members import members.csv");
    let server = oracle.serve();
    for name in ["anna", "boris"] {
        let code = oracle.json(&format!("members code posthog:{name}"))["code"].clone();
        let code = code.as_str().unwrap();
        write_key(&town.folder().join(format!("{name}.json")), name);
        let link = format!("link --oracle {} --code {code} --keypair :{name}", server.url);
        let linked = town.read(&link);
        assert_eq!(linked["status"], "linked", "{linked}");
        assert_eq!(linked["wallet"], Address::to_string(&address(name)));
    }
}
