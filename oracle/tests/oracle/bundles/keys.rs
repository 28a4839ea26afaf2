//! Where an oracle's signatures come from: a file, the environment, or a command that signs elsewhere.

use std::fs;
use std::time::Duration;

use serde_json::Value;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::Attestation;
use system_token_oracle::config::Config;
use system_token_oracle::epoch::{LocalKey, OracleKey, SignError, SignerCommand};

use super::signing::write_key;
use super::{MINT, bundles, close, closing_home};
use crate::policy::Home;

const SEED: u8 = 99;

pub(super) fn attestation() -> Attestation {
    Attestation {
        program_id: [1; 32],
        distribution: [2; 32],
        epoch: 12,
        oracle_set_version: 3,
        leaf_count: 4,
        root: [5; 32],
        cumulative_total: 6,
        bundle_hash: [7; 32],
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn oracle() -> (Keypair, LocalKey) {
    let key = || Keypair::new_from_array([SEED; 32]);
    (key(), LocalKey::new(key()))
}

/// The signature that the oracle's own key gives, base58.
fn signature() -> String {
    oracle().0.sign_message(&attestation().to_bytes()).to_string()
}

/// A shell script as the command that signs for an oracle.
fn script(script: &str, oracle: Address) -> SignerCommand {
    let command = ["sh", "-c", script].map(str::to_owned);
    SignerCommand::new(&command, oracle).unwrap()
}

#[tokio::test]
async fn a_command_reads_what_it_signs_and_what_it_is_about() {
    let (keypair, local) = oracle();
    let ours = attestation();
    let expected = [
        ("message", hex(&ours.to_bytes())),
        ("STK_EPOCH", "12".to_owned()),
        ("STK_ORACLE_SET_VERSION", "3".to_owned()),
        ("STK_DIGEST", hex(&ours.digest())),
    ];
    let checks = expected.map(|(name, value)| format!("test \"${name}\" = {value} || exit 9; "));
    let text = format!("read -r message; {} echo ' {} '", checks.concat(), signature());
    let command = script(&text, keypair.pubkey());
    let signed = command.sign(&ours).await.unwrap();
    assert_eq!(signed, local.sign(&ours));
    // And one that does not read it
    let hasty = OracleKey::Command(script(&format!("echo {}", signature()), keypair.pubkey()));
    assert_eq!(hasty.sign(&ours).await.unwrap(), signed);
    assert_eq!(hasty.address(), keypair.pubkey());
    // The script itself is not told
    assert!(!format!("{hasty:?}").contains(&signature()));
}

#[tokio::test]
async fn what_a_command_answers_is_not_believed() {
    let (keypair, _) = oracle();
    let refused = async |text: &str, oracle: Address| {
        let error = script(text, oracle).sign(&attestation()).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains(&signature()) && !said.contains("echo"), "{said}");
        error
    };
    let answers = async |text: &str| refused(text, keypair.pubkey()).await;
    // A signature over something else, and by somebody else
    let other = Attestation { root: [6; 32], ..attestation() };
    let other = keypair.sign_message(&other.to_bytes());
    assert!(matches!(answers(&format!("echo {other}")).await, SignError::Wrong { .. }));
    let another = Keypair::new_from_array([1; 32]).pubkey();
    let stolen = refused(&format!("echo {}", signature()), another).await;
    assert!(matches!(&stolen, SignError::Wrong { oracle, .. } if *oracle == another), "{stolen}");
    // No signature
    let two = format!("echo {}; echo {}", signature(), signature());
    for text in ["true", "echo", "echo 0OIl", &two, "printf '\\377\\376'"] {
        assert!(matches!(answers(text).await, SignError::NoSignature { .. }), "{text}");
    }
    // It fails, even with the right answer
    let fails = answers(&format!("echo {}; exit 3", signature())).await;
    assert!(matches!(fails, SignError::Failed { status, .. } if status.code() == Some(3)));
    let killed = answers("kill -9 $$").await;
    assert!(matches!(killed, SignError::Failed { status, .. } if status.code().is_none()));
    // It is not there
    let command = SignerCommand::new(&["no-such-signer".to_owned()], another).unwrap();
    let error = command.sign(&attestation()).await.unwrap_err();
    assert!(error.to_string().starts_with("the signer command `no-such-signer`: "), "{error}");
    assert!(SignerCommand::new(&[], another).is_err());
}

#[tokio::test]
async fn a_command_that_floods_or_hangs_is_ended() {
    let (keypair, _) = oracle();
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let begin = format!("echo $$ >{}; exec ", pid_file.display());
    // What has been ended and waited for is no process any more
    let is_over = || {
        let pid = fs::read_to_string(&pid_file).unwrap();
        !std::path::Path::new("/proc").join(pid.trim()).exists()
    };
    let floods = script(&format!("{begin} yes"), keypair.pubkey());
    let error = floods.sign(&attestation()).await.unwrap_err();
    assert!(matches!(error, SignError::TooLong { .. }), "{error}");
    assert!(is_over());
    let hangs = format!("{begin} tail -f /dev/null");
    let hangs = script(&hangs, keypair.pubkey()).with_timeout(Duration::from_secs(2));
    let error = hangs.sign(&attestation()).await.unwrap_err();
    assert!(matches!(error, SignError::TimedOut { seconds: 2, .. }), "{error}");
    assert!(is_over());
    // And one that has answered, and does not end
    let stays = format!("echo {}; {begin} tail -f /dev/null >/dev/null", signature());
    let stays = script(&stays, keypair.pubkey()).with_timeout(Duration::from_secs(2));
    assert!(matches!(stays.sign(&attestation()).await, Err(SignError::TimedOut { .. })));
    assert!(is_over());
}

/// Arguments of `epoch sign`, with a key.
fn sign<'a>(key: &[&'a str]) -> Vec<&'a str> {
    let epoch = ["epoch", "sign", "--mint", MINT, "--epoch", "2", "--oracle-set-version", "1"];
    [&epoch, key].concat()
}

/// What a successful `epoch sign` says; it begins without signatures, so that the key has to sign.
fn signed(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let folder = bundles(home).join("epoch-00000002.signatures");
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    let arguments = [arguments, &["--output", "json"]].concat();
    let output = home.command(&arguments).envs(variables.iter().copied()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["signed"].take()
}

#[test]
fn each_kind_of_key_signs_the_same() {
    let home = closing_home();
    close(&home, "2");
    let key = write_key(&home, "key.json", SEED);
    let address = key.pubkey().to_string();
    let file = signed(&home, &sign(&["--keypair", "key.json"]), &[]);
    assert_eq!(file["oracle"], address);
    // The environment: numbers, or base58
    let numbers = fs::read_to_string(home.path("key.json")).unwrap();
    let base58 = key.to_base58_string();
    for value in [&numbers, &base58] {
        let variables = [("STK_TEST_KEY", value.as_str())];
        assert_eq!(signed(&home, &sign(&["--key-env", "STK_TEST_KEY"]), &variables), file);
    }
    // A command, with arguments that have blanks in them
    let answer = file["signature"].as_str().unwrap();
    home.write("a signer.sh", format!("cat >asked; test $STK_EPOCH = 2 && echo {answer}\n"));
    let command = sign(&["--signer", "sh 'a signer.sh'", "--oracle", &address]);
    assert_eq!(signed(&home, &command, &[]), file);
    // What it has signed, it is not asked again
    let asked = fs::read_to_string(home.path("asked")).unwrap();
    fs::remove_file(home.path("asked")).unwrap();
    assert_eq!(home.json(&command)["signed"], file);
    assert!(!home.path("asked").exists());
    assert_eq!(asked.len(), 2 * Attestation::LEN + 1);
    assert!(asked.trim_end().chars().all(|digit| "0123456789abcdef".contains(digit)));
    // As configured; paths from the file's folder, and what is said on the command line goes before
    let configured = |section: &str| {
        let text = fs::read_to_string(home.path("oracle.toml")).unwrap();
        let rules = text.lines().next().unwrap();
        fs::write(home.path("oracle.toml"), format!("{rules}\n[oracle_key]\n{section}\n")).unwrap();
    };
    configured("keypair = \"key.json\"");
    assert_eq!(signed(&home, &sign(&[]), &[]), file);
    configured("env = \"STK_TEST_KEY\"");
    assert_eq!(signed(&home, &sign(&[]), &[("STK_TEST_KEY", &base58)]), file);
    assert_eq!(signed(&home, &sign(&["--keypair", "key.json"]), &[]), file);
    let command = format!("command = [\"sh\", \"a signer.sh\"]\noracle = \"{address}\"");
    configured(&command);
    assert_eq!(signed(&home, &sign(&[]), &[]), file);
    let variable = [("STK_ORACLE_KEYPAIR", "key.json")];
    assert_eq!(signed(&home, &sign(&[]), &variable), file);
}

#[test]
fn without_one_good_key_nothing_is_signed_and_no_key_is_shown() {
    let home = closing_home();
    close(&home, "2");
    let key = write_key(&home, "key.json", SEED);
    let (address, base58) = (key.pubkey().to_string(), key.to_base58_string());
    home.write("leaks.sh", "cat key.json\n");
    let torn = &base58[1..];
    let another = Keypair::new_from_array([1; 32]).pubkey().to_string();
    let both = ["--keypair", "key.json", "--key-env", "STK_TEST_KEY"];
    let command = ["--signer", "sh leaks.sh", "--oracle", &address];
    home.write("exact.sh", format!("echo {base58}\n"));
    for (code, arguments, value, because) in [
        (1, vec![], "", "there is no key to sign with: give --keypair"),
        (2, both.to_vec(), &base58, "cannot be used with"),
        (2, [both.as_slice(), &command].concat(), &base58, "cannot be used with"),
        (2, command[..2].to_vec(), "", "--oracle <ADDRESS>"),
        (2, command[2..].to_vec(), "", "--signer <COMMAND ARGS…>"),
        (1, both[2..].to_vec(), "", "the environment variable STK_TEST_KEY is not set"),
        (1, both[2..].to_vec(), torn, "the environment variable STK_TEST_KEY holds no keypair"),
        (1, command.to_vec(), "", "the signer command `sh` answers no signature"),
        (1, vec!["--signer", "sh exact.sh", "--oracle", &another], "", "`sh` answers a signature"),
        (1, vec!["--signer", "sh 'exact.sh", "--oracle", &address], "", "is not closed"),
        (1, vec!["--signer", " ", "--oracle", &address], "", "name a program"),
    ] {
        let run = home.command(&sign(&arguments)).env("STK_TEST_KEY", value).output().unwrap();
        let said = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
        assert_eq!(run.status.code(), Some(code), "{said}");
        assert!(said.contains(because), "{said}");
        assert!(!said.contains(torn) && !said.contains("99,99"), "{said}");
    }
    assert!(!bundles(&home).join("epoch-00000002.signatures").exists());
}

#[test]
fn the_example_names_a_key() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/oracle.toml");
    let key = Config::read(example.as_ref()).unwrap().oracle_key;
    assert!(format!("{key:?}").ends_with("examples/oracle-1.json\"))"), "{key:?}");
}

#[test]
fn what_the_system_would_not_lock_is_told_and_signs_all_the_same() {
    let home = closing_home();
    close(&home, "2");
    write_key(&home, "key.json", SEED);
    let mut command = std::process::Command::new("sh");
    let run = command
        .args(["-c", "ulimit -l 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_stk-oracle")])
        .args(sign(&["--keypair", "key.json"]))
        .current_dir(home.path(""))
        .env_remove("STK_ORACLE_CONFIG")
        .output()
        .unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success(), "{said}");
    assert_eq!(
        said.contains("an oracle's key may get into swap"),
        !locks_without_limit(),
        "{said}"
    );
}

/// Whether this process may lock memory whatever the limit is (`CAP_IPC_LOCK`), as its children then may.
fn locks_without_limit() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:\t")).unwrap();
    u64::from_str_radix(capabilities, 16).unwrap() & (1 << 14) != 0
}
