//! An oracle on the network: from events to balances by the commands of `stk-oracle` alone.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use solana_address::Address;
use system_token_chain::{get_balance, get_supply};
use system_token_oracle::submit::{Submitter, token_account_address};

use crate::town::{Town, address, key, rpc_chain};

/// The rules: 1,000 tokens a week from 2026-01-05 on.
const RULES: &str = include_str!("../../../../oracle/tests/oracle/policies/small.toml");
/// An address that is no oracle's.
const STRANGER: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const HOUR: i64 = 3_600;
/// Try later.
const WAITING: i32 = 75;

/// The folder of an oracle, and its binary.
struct Oracle<'a> {
    town: &'a Town,
    folder: PathBuf,
    binary: PathBuf,
}

/// A server that ends with the test.
struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl<'a> Oracle<'a> {
    fn new(town: &'a Town) -> Self {
        let binary = std::env::var_os("STK_ORACLE_BIN");
        let binary = binary.expect("STK_ORACLE_BIN names the binary to be tested").into();
        let folder = town.folder().join("oracle");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("policy.toml"), RULES).unwrap();
        let config = "policy = \"policy.toml\"\nlisten = \"127.0.0.1:0\"\n";
        std::fs::write(folder.join("oracle.toml"), config).unwrap();
        Self { town, folder, binary }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.folder)
            .env("STK_URL", self.town.surfnet.rpc_url())
            .env("STK_KEYPAIR", self.town.folder().join("payer.json"))
            .env("STK_MINT", address("mint").to_string());
        command
    }

    fn run(&self, arguments: &str) -> Output {
        self.command(arguments).args(["--output", "json"]).output().unwrap()
    }

    fn json(&self, arguments: &str) -> Value {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments}: {error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command says that has to wait.
    fn waits(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(WAITING), "{arguments}: {error}");
        error
    }

    fn serve(&self) -> Server {
        let mut child = self.command("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url =
            line.trim().strip_prefix("listening at ").unwrap().replace("127.0.0.1", "localhost");
        Server { child, url }
    }

    /// Signs an epoch by a named key.
    fn sign(&self, oracle: &str, set: u32) -> Value {
        let path = self.folder.join(format!("{oracle}.json"));
        write_key(&path, oracle);
        let path = path.to_str().unwrap();
        self.json(&format!("epoch sign --keypair {path} --oracle-set-version {set}"))
    }

    async fn balance(&self, name: &str) -> u64 {
        let account = token_account_address(&address(name), &address("mint"));
        get_balance(&self.town.chain, &account).await.unwrap()
    }
}

fn write_key(path: &Path, name: &str) {
    std::fs::write(path, serde_json::to_string(&key(name).to_bytes().to_vec()).unwrap()).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}

/// A row of PostHog's export.
fn row(id: u8, actor: &str, at: &str) -> String {
    format!(
        "{{\"uuid\":\"00000000-0000-5000-8000-0000000000{id:02}\",\"event\":\"work_done\",\
         \"distinct_id\":\"{actor}\",\"timestamp\":\"{at}\",\"properties\":{{\"artifact\":\"{id}\"}}}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_paid_by_the_oracles_commands_alone() {
    let mut town = Town::start().await;
    town.read(
        "init --create-mint --mint-keypair :mint --decimals 6 --admin @admin --guardian @guardian \
         --oracle @oracle0 --oracle @oracle1 --oracle @oracle2 --threshold 2 --challenge 1h \
         --timelock 1h --start-at 2026-01-05 --epoch 7d --budget 1000 --growth-limit 2000 \
         --supply-cap 1_000_000 --decay-epochs 3 --decay-percent 90",
    );
    let oracle = Oracle::new(&town);
    let events = row(1, "anna", "2026-01-06T10:00:00Z") + &row(2, "boris", "2026-01-07T10:00:00Z");
    std::fs::write(oracle.folder.join("week-1.jsonl"), events).unwrap();
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
    let first = oracle.sign("oracle0", 1);
    assert!(oracle.waits("epoch submit").contains("1 of the set's oracles have signed, of 2"));
    assert_eq!(oracle.sign("oracle1", 1)["signed"]["digest"], first["signed"]["digest"]);
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
    oracle.sign("oracle1", 1);
    oracle.sign("oracle2", 1);
    oracle.waits("epoch submit");
    town.travel_to(town.now().await + HOUR).await;
    oracle.json("epoch submit");
    let before = oracle.balance("boris").await;
    let claimed = oracle.json("epoch claim");
    assert_eq!((&claimed["members"], &claimed["claims"]), (&1.into(), &1.into()));
    // One signature's fee: nothing was made but the claim
    assert_eq!(claimed["fee_lamports"], 5_000);
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
