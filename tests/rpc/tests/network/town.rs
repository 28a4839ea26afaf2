//! A community on a Surfnet, and the binary `stk` that is run against it.

use std::path::PathBuf;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use solana_account::Account;
use solana_address::Address;
use solana_keypair::{Keypair, write_keypair_file};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use surfpool_sdk::cheatcodes::builders::DeployProgram;
use surfpool_sdk::{BlockProductionMode, Surfnet};
use system_token_chain::{Chain, CommitmentLevel, PROGRAM_ELF, RpcChain, get_balance, get_supply};
use system_token_interface::{Distribution, PROGRAM_ID, distribution_address};
use tempfile::TempDir;

/// Seconds.
pub(crate) const DAY: i64 = 24 * 60 * 60;
/// Length of an epoch, seconds.
pub(crate) const WEEK: i64 = 7 * DAY;

/// Keys that have a file, `<name>.json`.
const NAMES: [&str; 7] =
    ["payer", "mint", "admin", "next_admin", "guardian", "stranger", "mint_authority"];
const LAMPORTS: u64 = 100_000_000_000;

/// A network, a folder with keys, and the binary.
pub(crate) struct Town {
    pub(crate) surfnet: Surfnet,
    /// The network as the project's own client sees it.
    pub(crate) chain: RpcChain,
    folder: TempDir,
    stk: PathBuf,
}

/// What the binary printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Printed {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Printed {
    /// The result of a command that did what it was asked.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// The error's message of a command that failed and printed no result.
    pub(crate) fn refusal(&self) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{self:?}");
        let error: Value = serde_json::from_str(&self.err).unwrap();
        error["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// What a write may change: the distribution, and what the payer has.
type State = [Option<Account>; 2];

impl Town {
    /// A network that knows nothing of any other, with the program and money for the payer.
    ///
    /// Blocks come with transactions: what was sent is final at once, and nothing ever expires.
    pub(crate) async fn start() -> Self {
        Self::with_blocks(BlockProductionMode::Transaction, 1).await
    }

    /// The same, where a block comes every so many milliseconds, as on a real network: 150 of them later
    /// a transaction that did not land has expired.
    pub(crate) async fn ticking(milliseconds: u64) -> Self {
        Self::with_blocks(BlockProductionMode::Clock, milliseconds).await
    }

    async fn with_blocks(mode: BlockProductionMode, slot_milliseconds: u64) -> Self {
        let surfnet = Surfnet::builder()
            .offline(true)
            .block_production_mode(mode)
            .slot_time_ms(slot_milliseconds)
            .payer(key("payer"))
            .airdrop_sol(LAMPORTS)
            .start()
            .await
            .unwrap();
        let program = DeployProgram::new(PROGRAM_ID).so_bytes(PROGRAM_ELF.to_vec());
        surfnet.cheatcodes().deploy(program).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in NAMES {
            write_keypair_file(&key(name), folder.path().join(format!("{name}.json"))).unwrap();
        }
        let chain = rpc_chain(&surfnet);
        let stk = std::env::var_os("STK").expect("STK names the binary to be tested").into();
        Self { surfnet, chain, folder, stk }
    }

    /// The folder with the keys.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs `stk` on the network, paid by `payer`. `:name` is the file of a key, `@name` its
    /// address.
    pub(crate) fn stk(&self, arguments: &str) -> Printed {
        self.stk_on(self.surfnet.rpc_url(), arguments)
    }

    /// Runs `stk` on the cluster at a URL.
    pub(crate) fn stk_on(&self, url: &str, arguments: &str) -> Printed {
        let folder = self.folder.path();
        let mut command = Command::new(&self.stk);
        command
            .env_clear()
            .env("HOME", folder)
            .env("STK_URL", url)
            .env("STK_KEYPAIR", folder.join("payer.json"))
            .env("STK_OUTPUT", "json");
        if !arguments.contains("--create-mint") {
            command.env("STK_MINT", address("mint").to_string());
        }
        for word in arguments.split_whitespace() {
            match (word.strip_prefix(':'), word.strip_prefix('@')) {
                (Some(name), _) => command.arg(folder.join(format!("{name}.json"))),
                (_, Some(name)) => command.arg(address(name).to_string()),
                _ => command.arg(word),
            };
        }
        let output = command.output().unwrap();
        let [out, err] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        Printed { code: output.status.code(), out, err }
    }

    /// What a command that reads says.
    pub(crate) fn read(&self, arguments: &str) -> Value {
        self.stk(arguments).json()
    }

    /// Why a command is refused; it changes nothing.
    pub(crate) async fn refused(&self, arguments: &str) -> String {
        let before = self.state().await;
        let refusal = self.stk(arguments).refusal();
        assert_eq!(self.state().await, before, "{arguments} was refused and changed something");
        refusal
    }

    /// Tries a write: it would succeed, says what it would cost, and changes nothing.
    pub(crate) async fn dry_run(&self, arguments: &str) -> Value {
        let before = self.state().await;
        let tried = self.read(&format!("{arguments} --dry-run"));
        assert_eq!(tried["status"], "simulated", "{tried}");
        assert_eq!(tried["would_succeed"], true, "{tried}");
        assert!(tried["compute_units"].as_u64().unwrap() > 0, "{tried}");
        assert!(tried["fee_lamports"].as_u64().unwrap() >= 5_000, "{tried}");
        assert_eq!(self.state().await, before, "a dry run of {arguments} changed something");
        tried
    }

    /// Prints a write for others to sign; nothing is sent.
    pub(crate) async fn unsigned(&self, arguments: &str) -> VersionedTransaction {
        let before = self.state().await;
        let printed = self.read(&format!("{arguments} --print-unsigned"));
        assert_eq!(printed["status"], "unsigned", "{printed}");
        assert_eq!(self.state().await, before, "printing {arguments} changed something");
        let bytes = BASE64_STANDARD.decode(printed["transaction"].as_str().unwrap()).unwrap();
        let transaction: VersionedTransaction = wincode::deserialize(&bytes).unwrap();
        let unsigned = |signature: &solana_signature::Signature| *signature == Default::default();
        assert!(transaction.signatures.iter().all(unsigned));
        let programs = transaction.message.instructions().iter().map(|instruction| {
            transaction.message.static_account_keys()[usize::from(instruction.program_id_index)]
        });
        assert_eq!(programs.collect::<Vec<_>>(), [PROGRAM_ID]);
        transaction
    }

    /// Tries a write, prints it, and sends it: it costs what was said.
    pub(crate) async fn write(&self, arguments: &str) -> Value {
        self.unsigned(arguments).await;
        self.tried_and_sent(arguments).await
    }

    /// Tries a write, and sends it: it costs what was said.
    pub(crate) async fn tried_and_sent(&self, arguments: &str) -> Value {
        let tried = self.dry_run(arguments).await;
        let sent = self.read(arguments);
        assert_eq!(sent["status"], "sent", "{sent}");
        assert_eq!(sent["action"], tried["action"]);
        assert_eq!(sent["fee_lamports"], tried["fee_lamports"], "{sent}");
        assert_eq!(sent["compute_units"], tried["compute_units"], "{sent}");
        sent
    }

    /// The distribution as the network holds it.
    pub(crate) async fn distribution(&self) -> Distribution {
        let account = self.chain.get_account(&distribution()).await.unwrap().unwrap();
        assert_eq!(account.owner, PROGRAM_ID);
        *Distribution::from_account_data(&account.data).unwrap()
    }

    /// The network's time, UTC seconds.
    pub(crate) async fn now(&self) -> i64 {
        self.chain.time().await.unwrap().unix_timestamp
    }

    /// Moves the network's time on, and waits until it shows.
    pub(crate) async fn travel_to(&self, unix_timestamp: i64) {
        let milliseconds = u64::try_from(unix_timestamp).unwrap() * 1_000;
        self.surfnet.cheatcodes().time_travel_to_timestamp(milliseconds).unwrap();
        assert!(self.now().await >= unix_timestamp);
    }

    /// What a token account holds, base units; nothing when it is not there.
    pub(crate) async fn balance_at(&self, token_account: &Address) -> u64 {
        match self.chain.get_account(token_account).await.unwrap() {
            Some(_) => get_balance(&self.chain, token_account).await.unwrap(),
            None => 0,
        }
    }

    /// All there is of the token, base units.
    pub(crate) async fn supply(&self) -> u64 {
        get_supply(&self.chain, &address("mint")).await.unwrap()
    }

    /// What the payer has.
    pub(crate) async fn payer_lamports(&self) -> u64 {
        self.chain.get_account(&address("payer")).await.unwrap().unwrap().lamports
    }

    async fn state(&self) -> State {
        let payer = self.chain.get_account(&address("payer")).await.unwrap();
        [self.chain.get_account(&distribution()).await.unwrap(), payer]
    }
}

/// The network's RPC, as the project's own client.
pub(crate) fn rpc_chain(surfnet: &Surfnet) -> RpcChain {
    RpcChain::new(surfnet.rpc_url().to_owned(), CommitmentLevel::Confirmed)
}

/// A key by its name: every run has the same.
pub(crate) fn key(name: &str) -> Keypair {
    let mut secret = [0x5E; 32];
    secret[..name.len()].copy_from_slice(name.as_bytes());
    Keypair::new_from_array(secret)
}

/// A key's address by its name.
pub(crate) fn address(name: &str) -> Address {
    key(name).pubkey()
}

/// The distribution's address.
pub(crate) fn distribution() -> Address {
    distribution_address(&address("mint")).0
}
