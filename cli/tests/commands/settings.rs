//! Where cluster, keypair and mint come from: the binary itself, with an environment of its own.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::town::{Town, address};

/// Runs the binary with a home folder and variables, and no others.
fn stk(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut stk = Command::new(env!("CARGO_BIN_EXE_stk"));
    stk.env_clear().env("HOME", home).envs(variables.iter().copied()).args(arguments);
    stk.output().unwrap()
}

fn config(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Value {
    let output = stk(home, variables, &[&["config", "--output", "json"], arguments].concat());
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A home folder with a configuration file as `solana config set` writes it.
fn home(keypair: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/solana/cli");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "---\njson_rpc_url: https://rpc.example.org\nwebsocket_url: ''\nkeypair_path: {keypair}\n\
         address_labels:\n  '11111111111111111111111111111111': System Program\n\
         commitment: finalized\n"
    );
    std::fs::write(folder.join("config.yml"), text).unwrap();
    home
}

#[test]
fn an_option_goes_before_the_environment_before_the_file_before_the_default() {
    let town = Town::empty();
    let home = home(&town.path("admin"));
    let file = config(home.path(), &[], &[]);
    assert_eq!(file["url"], "https://rpc.example.org");
    assert_eq!(file["url_from"], "the configuration file");
    assert_eq!(file["address"], address("admin").to_string());
    assert_eq!(file["commitment"], "finalized");
    assert!(file["mint"].is_null());

    let payer = town.path("payer");
    let mint = address("mint").to_string();
    let variables = [
        ("STK_URL", "devnet"),
        ("STK_KEYPAIR", payer.as_str()),
        ("STK_COMMITMENT", "processed"),
        ("STK_MINT", mint.as_str()),
    ];
    let environment = config(home.path(), &variables, &[]);
    assert_eq!(environment["url"], "https://api.devnet.solana.com");
    assert_eq!(environment["url_from"], "STK_URL");
    assert_eq!(environment["address"], address("payer").to_string());
    assert_eq!(environment["commitment"], "processed");
    assert_eq!(environment["mint"], mint);
    assert_eq!(environment["mint_from"], "STK_MINT");

    let stranger = town.path("stranger");
    let options = ["-u", "l", "-k", &stranger, "--commitment", "confirmed"];
    let option = config(home.path(), &variables, &options);
    assert_eq!(option["url"], "http://localhost:8899");
    assert_eq!(option["url_from"], "--url");
    assert_eq!(option["address"], address("stranger").to_string());
    assert_eq!(option["commitment"], "confirmed");

    let nothing = tempfile::tempdir().unwrap();
    let default = config(nothing.path(), &[], &[]);
    assert_eq!(default["url"], "https://api.mainnet-beta.solana.com");
    assert_eq!(default["url_from"], "the default");
    assert_eq!(default["commitment"], "confirmed");
    assert!(default["address"].is_null());
    let id = nothing.path().join(".config/solana/id.json");
    assert_eq!(default["keypair"], id.to_str().unwrap());
}

#[test]
fn another_configuration_file_is_read() {
    let town = Town::empty();
    let nothing = tempfile::tempdir().unwrap();
    let file = nothing.path().join("other.yml");
    std::fs::write(&file, "json_rpc_url: http://localhost:1\n").unwrap();
    let other = config(nothing.path(), &[], &["-C", file.to_str().unwrap()]);
    assert_eq!(other["url"], "http://localhost:1");
    assert_eq!(other["commitment"], "confirmed");
    let folder = town.folder().to_str().unwrap();
    for wrong in ["/nowhere.yml", folder] {
        let output = stk(nothing.path(), &[], &["config", "-C", wrong]);
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(&format!("failed to read the configuration {wrong}")), "{error}");
    }
    std::fs::write(&file, "json_rpc_url: [1, 2\n").unwrap();
    let output = stk(nothing.path(), &[], &["config", "-C", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_understood_has_its_own_exit_code() {
    let home = tempfile::tempdir().unwrap();
    for wrong in [
        &["frobnicate"] as &[&str],
        &["pause", "--mint", "no-address"],
        &["epoch", "veto", "--digest", "00"],
        &["windows", "queue", "--challenge", "2"],
        &["config", "--commitment", "surely"],
    ] {
        assert_eq!(stk(home.path(), &[], wrong).status.code(), Some(2), "{wrong:?}");
    }
    let cluster = stk(home.path(), &[], &["config", "--url", "nowhere"]);
    assert_eq!(cluster.status.code(), Some(1));
    let error = String::from_utf8(cluster.stderr).unwrap();
    assert!(error.contains("neither a URL nor one of m (mainnet-beta)"), "{error}");
}

#[test]
fn a_cluster_that_does_not_answer_is_one_clear_error() {
    let home = tempfile::tempdir().unwrap();
    let mint = address("mint").to_string();
    // Nothing listens on the discard port; the key in the URL must not be repeated.
    let status = ["status", "--mint", &mint, "--url", "http://localhost:9/secret-key"];
    let output = stk(home.path(), &[], &[&status as &[&str], &["--output", "json"]].concat());
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("failed to read an account"), "{message}");
    assert!(!message.contains("secret-key"), "{message}");
    assert!(error["error"]["hint"].as_str().unwrap().contains("--url"), "{error}");
    let text = String::from_utf8(stk(home.path(), &[], &status).stderr).unwrap();
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn shells_are_told_what_can_be_completed() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output = stk(home.path(), &[], &["completion", shell]);
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("print-unsigned"), "{shell}");
    }
}

#[test]
fn a_keypair_comes_from_standard_input() {
    let home = tempfile::tempdir().unwrap();
    let keypair = std::fs::File::open(Town::empty().path("admin")).unwrap();
    let mut stk = Command::new(env!("CARGO_BIN_EXE_stk"));
    let output = stk.env("HOME", home.path()).args(["config", "-k", "-"]).stdin(keypair).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.contains(&address("admin").to_string()), "{text}");
}

#[test]
fn no_mint_is_a_clear_error() {
    let home = tempfile::tempdir().unwrap();
    let output = stk(home.path(), &[], &["status", "--url", "l"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("stk: no mint was named\nhint: "), "{error}");
}
