//! A community on an embedded chain, and the command lines that are run there.

use std::cell::Cell;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::{Keypair, write_keypair_file};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use system_token_attestation::Attestation;
use system_token_chain::{Chain, ChainError, EmbeddedChain, Receipt, sign_transaction};
use system_token_cli::run_on;
use system_token_interface::instructions::{self, OracleSignature};
use system_token_interface::{Distribution, PROGRAM_ID, distribution_address};
use tempfile::TempDir;

/// When epoch 1 begins: 2026-01-05T00:00:00Z.
pub(crate) const START_AT: i64 = 1_767_571_200;
/// Length of an epoch, seconds.
pub(crate) const WEEK: i64 = 7 * DAY;
/// Seconds.
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// Keys by their names; each is in the file `<name>.json`.
const NAMES: [&str; 9] = [
    "payer",
    "mint",
    "authority",
    "admin",
    "guardian",
    "stranger",
    "oracle0",
    "oracle1",
    "oracle2",
];

/// What `stk init` is given beside the mint.
pub(crate) const INIT: &str = "--threshold 2 --challenge 1d --timelock 2d --start-at 2026-01-05 \
     --budget 1000 --growth-limit 2000 --supply-cap 1_000_000 --decay-epochs 52 --decay-percent 90";

/// A chain, some keys, and a folder with their files.
pub(crate) struct Town {
    pub(crate) chain: EmbeddedChain,
    folder: TempDir,
    bundles: Cell<u8>,
}

/// What a command line printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Printed {
    /// The result as JSON.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// The error as JSON.
    pub(crate) fn error(&self) -> Value {
        assert_eq!(self.code, 1, "{self:?}");
        serde_json::from_str::<Value>(&self.err).unwrap()["error"].clone()
    }

    /// What people see, without what another build of the program may change.
    pub(crate) fn stable(&self) -> String {
        let mut text = format!("exit code {}\n", self.code);
        for (name, stream) in [("out", &self.out), ("err", &self.err)] {
            if !stream.is_empty() {
                writeln!(text, "── {name} ──\n{}", stabilized(stream).trim_end()).unwrap();
            }
        }
        text
    }
}

/// Replaces signatures, blockhashes and compute units.
fn stabilized(text: &str) -> String {
    let line = |line: &str| {
        let key = line.trim_start().trim_start_matches('"');
        let varies =
            ["Compute units", "compute_units", "Signature  ", "signature\"", "AQAAA", "AgAAA"];
        let more = ["transaction\"", "message\": \"AQ", "message\": \"Ag"];
        let varies = varies.iter().chain(&more).find(|prefix| key.starts_with(**prefix));
        match varies {
            Some(prefix) => {
                let indent = line.len() - line.trim_start().len();
                format!("{}{}: …", &line[..indent], prefix.trim_matches(['"', ' ']))
            }
            None => line.to_owned(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

impl Town {
    /// A chain at the start of epoch 1, without any mint.
    pub(crate) fn empty() -> Self {
        let town = Self {
            chain: EmbeddedChain::start(START_AT).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            bundles: Cell::new(0),
        };
        for name in NAMES {
            write_keypair_file(&key(name), town.path(name)).unwrap();
        }
        std::fs::write(town.folder.path().join("config.yml"), "json_rpc_url: http://x\n").unwrap();
        town.chain.airdrop(&address("payer"), 100_000_000_000).unwrap();
        town
    }

    /// A chain with a distribution: admin, guardian and three oracles by their names.
    pub(crate) fn found() -> Self {
        let town = Self::empty();
        let printed = town.stk(&format!("init --create-mint --mint-keypair :mint {}", members()));
        assert_eq!(printed.code, 0, "{printed:?}");
        town
    }

    /// Where a key's file is.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(format!("{name}.json")).to_str().unwrap().to_owned()
    }

    /// A file in the town's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `stk` with these arguments, paid by `payer`. `:name` is the file of a key, `@name` its
    /// address.
    pub(crate) fn stk(&self, arguments: &str) -> Printed {
        let config = self.folder.path().join("config.yml");
        let mut line: Vec<OsString> = vec!["stk".into(), "--config".into(), config.into()];
        if !arguments.contains("--keypair") {
            line.extend(["--keypair".into(), self.path("payer").into()]);
        }
        if !arguments.contains("--mint ") && !arguments.contains("--create-mint") {
            line.extend(["--mint".into(), address("mint").to_string().into()]);
        }
        for word in arguments.split_whitespace() {
            line.push(match (word.strip_prefix(':'), word.strip_prefix('@')) {
                (Some(name), _) => self.path(name).into(),
                (_, Some(name)) => address(name).to_string().into(),
                _ => word.into(),
            });
        }
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = wait(run_on(&self.chain, line, &mut out, &mut err));
        let [out, err] = [out, err].map(|bytes| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(self.folder.path().to_str().unwrap(), "FOLDER")
        });
        Printed { code, out, err }
    }

    /// Runs `stk` and expects a result in JSON.
    pub(crate) fn json(&self, arguments: &str) -> Value {
        self.stk(&format!("{arguments} --output json")).json()
    }

    /// Runs `stk` and expects an error; gives its message and hint in one.
    pub(crate) fn refused(&self, arguments: &str) -> String {
        let before = self.distribution();
        let printed = self.stk(arguments);
        assert_eq!((printed.code, printed.out.as_str()), (1, ""), "{printed:?}");
        assert_eq!(self.distribution(), before, "a refused command changed the distribution");
        printed.err
    }

    /// The distribution as the chain holds it.
    pub(crate) fn distribution(&self) -> Option<Distribution> {
        let account = wait(self.chain.get_account(&distribution())).unwrap()?;
        Some(*Distribution::from_account_data(&account.data).unwrap())
    }

    /// Sends instructions that the payer and others sign.
    pub(crate) fn send(
        &self,
        cosigners: &[&Keypair],
        instructions: &[Instruction],
    ) -> Result<Receipt, ChainError> {
        let payer = key("payer");
        let signers = [&[&payer], cosigners].concat();
        wait(async {
            let blockhash = self.chain.latest_blockhash().await?;
            let transaction = sign_transaction(&signers, instructions, &[], blockhash)?;
            self.chain.send(&transaction).await
        })
    }

    /// Sends a transaction as it is.
    pub(crate) fn send_transaction(
        &self,
        transaction: &VersionedTransaction,
    ) -> Result<Receipt, ChainError> {
        wait(self.chain.send(transaction))
    }

    /// The chain's time, UTC seconds.
    pub(crate) fn now(&self) -> i64 {
        wait(self.chain.time()).unwrap().unix_timestamp
    }

    /// Moves the time on, seconds.
    pub(crate) fn wait_for(&self, seconds: i64) {
        self.chain.warp_to(self.now() + seconds);
    }

    /// Has oracles sign a proposal of an epoch with a total, base units; gives its digest in hex.
    pub(crate) fn attest(&self, epoch: u64, total: u64, oracles: &[&str]) -> String {
        self.bundles.set(self.bundles.get() + 1);
        let attestation = Attestation {
            program_id: PROGRAM_ID.to_bytes(),
            distribution: distribution().to_bytes(),
            epoch,
            oracle_set_version: self.distribution().unwrap().oracle_set_version.get(),
            leaf_count: 3,
            root: [0x11; 32],
            cumulative_total: total,
            bundle_hash: [self.bundles.get(); 32],
        };
        self.sign(&attestation, oracles);
        attestation.digest().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Sends oracles' signatures over an attestation.
    fn sign(&self, attestation: &Attestation, oracles: &[&str]) {
        let bytes = attestation.to_bytes();
        let signatures: Vec<_> = oracles
            .iter()
            .map(|name| OracleSignature {
                oracle: address(name),
                signature: key(name).sign_message(&bytes).into(),
            })
            .collect();
        let attest = instructions::attest(&address("payer"), attestation, &signatures);
        self.send(&[], &attest).unwrap();
    }
}

/// Admin, guardian, oracles and the rest of what `stk init` is given.
pub(crate) fn members() -> String {
    format!(
        "--admin @admin --guardian @guardian --oracle @oracle0,@oracle1 --oracle @oracle2 {INIT}"
    )
    .replace("@oracle0,@oracle1", &format!("{},{}", address("oracle0"), address("oracle1")))
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

/// Waits for what a command does: the embedded chain never suspends, an oracle may.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
