//! Nobody delivers events into the source of statements but who signs them.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use solana_signer::Signer;
use system_token_oracle::config::{Config, ConfigError};
use system_token_oracle::ingest::file::{FileError, FileImport};
use system_token_oracle::ingest::replay::ReplaySource;
use system_token_oracle::ingest::{Integrity, PersonalData};
use system_token_oracle::segments::Range;

use super::{MASTER, assessment, signed};
use crate::identity::town::key;
use crate::log::TestLog;

/// A statement's event as a row of an export.
fn row() -> String {
    let event = signed(MASTER, assessment("t/1")).to_event();
    json!({
        "uuid": event.external_id,
        "event": event.name,
        "distinct_id": event.actor,
        "timestamp": "2027-01-15T08:00:00Z",
        "properties": event.properties,
    })
    .to_string()
}

fn run(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stk-oracle"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .env("T", "0123456789abcdef0123456789abcdef")
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_file_is_not_read_as_statements_though_their_signatures_are_good() {
    let log = TestLog::new().await;
    let path = log.folder.path().join("export.jsonl");
    std::fs::write(&path, row()).unwrap();
    let import = FileImport::new("statements", Integrity::default(), PersonalData::default());
    let refused = import.read(&log.log, &path).await.unwrap_err();
    assert!(matches!(refused, FileError::ReservedSource), "{refused}");
    let config = Config::without_file();
    let refused = ReplaySource::new("statements", &config).unwrap_err();
    assert!(matches!(refused, ConfigError::ReservedSource(_)), "{refused}");
    assert_eq!(log.log.get_events(Range::ALL).await.unwrap(), []);
}

#[test]
fn no_command_reads_a_source_of_that_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.jsonl"), row()).unwrap();
    let refused = |arguments: &str| {
        let output = run(folder.path(), arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = refused("import a.jsonl --source statements");
    assert!(said.contains("the source `statements` is kept for what members sign"), "{said}");
    for kind in [
        "nocodb\"\nsecret_env = \"T\"\nactor_column = \"Member",
        "posthog_webhook\"\nsecret_env = \"T",
        "capture\"\ntoken_env = \"T",
        "files\"\nlocation = \".",
    ] {
        let config = format!("[[source]]\nname = \"statements\"\nkind = \"{kind}\"\n");
        std::fs::write(folder.path().join("oracle.toml"), config).unwrap();
        for command in ["serve --listen 127.0.0.1:0", "ingest --once", "import a.jsonl"] {
            let said = refused(command);
            assert!(said.contains("source `statements`: this name is kept for"), "{said}");
        }
    }
}

#[test]
fn a_file_of_members_cannot_say_whose_a_wallet_is() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = key(MASTER).pubkey();
    let csv = format!("member,source,external_id\nanna,statements,{wallet}\nben,club,18\n");
    std::fs::write(folder.path().join("members.csv"), csv).unwrap();
    let output = run(folder.path(), "members import members.csv");
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = "members.csv:2: rejected: an id in the source `statements` is a wallet";
    assert!(said.starts_with(expected), "{said}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("1 new members") && printed.contains("1 rejected"), "{printed}");
}
