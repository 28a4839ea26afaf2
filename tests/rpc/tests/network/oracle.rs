//! The binary `stk-oracle` on a folder of its own, and what its bundles say that members get.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use solana_address::Address;
use system_token_chain::get_balance;
use system_token_oracle::submit::token_account_address;
use tokio::runtime::Handle;

use crate::town::{Town, address, key};

/// The rules: 1,000 tokens a week from 2026-01-05 on.
pub(crate) const RULES: &str = include_str!("../../../../oracle/tests/oracle/policies/small.toml");
/// When they say that the first epoch starts.
pub(crate) const RULES_START: &str = "2026-01-05T00:00:00Z";
/// Seconds.
pub(crate) const HOUR: i64 = 3_600;
/// Try later.
pub(crate) const WAITING: i32 = 75;
/// What a server says when it listens, before its URL.
const LISTENING: &str = "listening at ";
/// No command takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder of an oracle, and its binary.
#[derive(Clone)]
pub(crate) struct Oracle<'a> {
    pub(crate) town: &'a Town,
    pub(crate) folder: PathBuf,
    binary: PathBuf,
    /// The nodes that it asks, by commas.
    pub(crate) url: String,
}

/// A server that ends with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix(LISTENING).unwrap_or_else(|| panic!("it says `{line}`"));
        Self { child, url: url.replace("127.0.0.1", "localhost") }
    }

    /// Tells it to stop, and gives its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    /// Ends it at once, as a machine that fails does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a command came to.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let [out, error] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        Self { code: output.status.code(), out, error }
    }
}

impl<'a> Oracle<'a> {
    /// An oracle with rules, and more of its configuration.
    pub(crate) fn new(town: &'a Town, name: &str, rules: &str, config: &str) -> Self {
        let binary = std::env::var_os("STK_ORACLE_BIN");
        let binary = binary.expect("STK_ORACLE_BIN names the binary to be tested").into();
        let folder = town.folder().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("policy.toml"), rules).unwrap();
        let oracle = Self { town, folder, binary, url: town.surfnet.rpc_url().to_owned() };
        oracle.configure(config);
        oracle
    }

    /// Replaces all of its configuration but what every oracle here has.
    pub(crate) fn configure(&self, config: &str) {
        let common = "policy = \"policy.toml\"\nlisten = \"127.0.0.1:0\"\n";
        std::fs::write(self.folder.join("oracle.toml"), common.to_owned() + config).unwrap();
    }

    /// The same oracle, asking other nodes.
    pub(crate) fn asking(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.folder)
            .env("STK_URL", &self.url)
            .env("STK_WEBSOCKET_URL", self.town.surfnet.ws_url())
            .env("STK_KEYPAIR", self.town.folder().join("payer.json"))
            .env("STK_MINT", address("mint").to_string());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ended {
        let mut command = tokio::process::Command::from(self.command(arguments));
        let ends = command.args(["--output", "json"]).kill_on_drop(true).output();
        let ended = tokio::task::block_in_place(|| {
            Handle::current().block_on(async { tokio::time::timeout(PATIENCE, ends).await })
        });
        ended.unwrap_or_else(|_| panic!("{arguments} takes too long")).unwrap().into()
    }

    pub(crate) fn json(&self, arguments: &str) -> Value {
        let Ended { code, out, error } = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments}: {error}");
        serde_json::from_str(&out).unwrap()
    }

    /// What a command says that has to wait.
    pub(crate) fn waits(&self, arguments: &str) -> String {
        self.fails(arguments, WAITING)
    }

    /// What a command says that somebody has to mend something for.
    pub(crate) fn refuses(&self, arguments: &str) -> String {
        self.fails(arguments, 1)
    }

    fn fails(&self, arguments: &str, expected: i32) -> String {
        let Ended { code, out, error } = self.run(arguments);
        assert_eq!(code, Some(expected), "{arguments}: {out}{error}");
        error
    }

    /// Takes what tools push.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command("serve"))
    }

    /// Signs an epoch by a named key; without a number the last one.
    pub(crate) fn sign(&self, oracle: &str, set: u32, epoch: Option<u64>) -> Value {
        let path = self.key_file(oracle);
        let path = path.to_str().unwrap();
        let epoch = epoch.map(|epoch| format!("--epoch {epoch}")).unwrap_or_default();
        self.json(&format!("epoch sign {epoch} --keypair {path} --oracle-set-version {set}"))
    }

    /// A file with a named key, in its folder.
    pub(crate) fn key_file(&self, name: &str) -> PathBuf {
        let path = self.folder.join(format!("{name}.json"));
        write_key(&path, name);
        path
    }

    /// The folder of its bundles.
    pub(crate) fn bundles(&self) -> PathBuf {
        self.folder.join("stk-oracle-data/bundles")
    }

    /// What an epoch's bundle says that each token account got so far, base units.
    pub(crate) fn totals(&self, epoch: u64) -> BTreeMap<Address, u64> {
        let path = self.bundles().join(format!("epoch-{epoch:08}/totals.csv"));
        let text = std::fs::read_to_string(path).unwrap();
        let rows = text.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
        rows.filter(|row| !row[1].is_empty())
            .map(|row| (row[1].parse().unwrap(), row[2].parse().unwrap()))
            .collect()
    }

    /// Every member has what an epoch's bundle says, and no more; gives what they have in all.
    pub(crate) async fn assert_all_paid(&self, epoch: u64) -> u64 {
        let totals = self.totals(epoch);
        let mut sum = 0;
        for (account, total) in &totals {
            let balance = self.town.balance_at(account).await;
            assert_eq!(balance, *total, "of {account} after epoch {epoch}");
            sum += balance;
        }
        assert!(sum > 0, "nobody got anything in epoch {epoch}");
        assert_eq!(self.town.supply().await, sum, "after epoch {epoch}");
        sum
    }

    /// Everybody has what the bundle says, and the payer lost what is accounted for.
    pub(crate) async fn assert_paid_once(&self, epoch: u64, before: u64) {
        self.assert_all_paid(epoch).await;
        let status = self.json(&format!("epoch status --epoch {epoch}"));
        assert_eq!((&status["state"], &status["on_their_way"]), (&"finalized".into(), &0.into()));
        let number = |key: &str| status[key].as_u64().unwrap();
        let lost = before - self.town.payer_lamports().await;
        let (spent, budget) = (number("spent_lamports"), number("budget_lamports"));
        assert!(lost <= spent && spent <= budget, "lost {lost}, spent {spent}, of {budget}");
    }

    /// Takes an epoch from its signatures to where its members can be paid.
    pub(crate) async fn install(&self, epoch: u64, signers: [&str; 2], set: u32) {
        for signer in signers {
            self.sign(signer, set, Some(epoch));
        }
        let submit = format!("epoch submit --epoch {epoch}");
        assert!(self.waits(&submit).contains("the guardian can veto it until"));
        self.town.travel_to(self.town.now().await + HOUR).await;
        assert_eq!(self.json(&submit)["finalized"], true);
    }

    pub(crate) async fn balance(&self, name: &str) -> u64 {
        let account = token_account_address(&address(name), &address("mint"));
        get_balance(&self.town.chain, &account).await.unwrap()
    }
}

/// Writes a named key where only its owner reads it.
pub(crate) fn write_key(path: &Path, name: &str) {
    std::fs::write(path, serde_json::to_string(&key(name).to_bytes().to_vec()).unwrap()).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}
