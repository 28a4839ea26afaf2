//! `stk-oracle members`, as an operator types it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use solana_signer::Signer;
use system_token_oracle::store::Store;
use tempfile::TempDir;

use super::town::key;

/// A folder with a database and a configuration, where the binary runs.
struct Office {
    folder: TempDir,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = "database_url = \"sqlite://oracle.db?mode=rwc\"\n\
                      [personal_data]\nsalt_env = \"SALT\"\n";
        std::fs::write(folder.path().join("oracle.toml"), config).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &str) -> Output {
        let mut oracle = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        oracle.current_dir(self.path()).env_remove("DATABASE_URL").env("SALT", "0123456789abcdef");
        oracle.arg("members").args(arguments.split_whitespace()).output().unwrap()
    }

    /// What a command prints as JSON.
    fn json(&self, arguments: &str) -> Value {
        let output = self.run(&format!("{arguments} --output json"));
        assert!(output.status.success(), "{arguments}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn text(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Five members by a file: anna, ben, carl, a bot, and somebody known by an address.
    fn import(&self) -> Value {
        let csv = "member,source,external_id,roles\n\
                   anna,club,17,master;curator\n\
                   anna,telegram,123,\n\
                   ben,club,18,\n\
                   carl,club,17,\n\
                   carl,club,19,\n\
                   bot,git,bot,\n\
                   dora,lms,dora@example.org,\n";
        std::fs::write(self.path().join("members.csv"), csv).unwrap();
        self.json("import members.csv")
    }
}

#[test]
fn what_cannot_be_done_is_one_clear_error() {
    let office = Office::new();
    office.import();
    for (arguments, error) in [
        ("import nowhere.csv", "failed to read nowhere.csv"),
        ("show 9", "there is no member 9"),
        ("show anna", "`anna` names no member: expected an index or SOURCE:ID"),
        ("show club:99", "nobody is known as 99 in the source club"),
        ("merge 0 0", "failed to merge: member 0 cannot be merged into itself"),
        ("role grant 0 agent", "name its owner with stk-oracle members owner"),
        ("role revoke 0 admin", "member 0 does not have the role admin"),
        ("owner 0 0", "member 0 cannot own itself"),
        ("code 9", "there is no member 9"),
    ] {
        let refused = office.refused(arguments);
        assert!(refused.starts_with("stk-oracle: ") && refused.contains(error), "{refused}");
    }
    assert_eq!(office.run("role grant 0 king").status.code(), Some(2));
}

#[test]
fn members_are_imported_merged_owned_and_shown() {
    let office = Office::new();
    let first = office.import();
    assert_eq!([&first["read"], &first["members_added"], &first["rejected"]], [7, 5, 1]);
    let again = office.import();
    assert_eq!([&again["members_added"], &again["lines_changed"], &again["rejected"]], [0, 0, 1]);
    let wrong = String::from_utf8(office.run("import members.csv").stderr).unwrap();
    assert_eq!(
        wrong,
        "members.csv:5: rejected: club:17 is member 0 already: if both are one person, merge them\n"
    );

    office.text("merge key:carl club:17");
    office.text("owner git:bot key:ben");
    office.text("role grant 1 admin");
    office.text("role revoke 1 admin");
    let listed = office.json("list");
    assert_eq!(listed.as_array().unwrap().len(), 5);
    assert_eq!(listed[2]["merged_into"], 0);
    assert_eq!(listed[3]["owner"], 1);
    assert_eq!(listed[3]["roles"], json!(["agent"]));
    // Who was merged is found by its ids, and shown among the survivor's
    let anna = office.json("show club:19");
    assert_eq!(anna["member"], 0);
    let known_as = anna["known_as"].as_array().unwrap();
    assert!(known_as.contains(&json!(["club", "19"])), "{anna}");
    assert_eq!(anna["role_history"].as_array().unwrap().len(), 2);
    let ben = office.json("show 1");
    assert!(ben["role_history"][0]["revoked_at"].is_string(), "{ben}");
    let text = office.text("show 0");
    assert!(text.starts_with("member 0: master, curator, no wallet yet\n"), "{text}");
    assert!(text.contains("known as club:19 as member 2\n"), "{text}");
    // An address finds who is kept by its hash
    assert_eq!(office.json("show lms:dora@example.org")["member"], 4);
    assert!(!office.text("list").contains('@'));
}

#[test]
fn a_code_is_printed_alone_and_kept_as_its_hash() {
    let office = Office::new();
    office.import();
    let output = office.run("code key:ben");
    let code = String::from_utf8(output.stdout).unwrap();
    assert!((21..=22).contains(&code.trim().len()) && code.ends_with('\n'), "{code}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("a code for member 1, good once and until "), "{told}");
    let json = office.json("code 1");
    assert_ne!(json["code"], code.trim());
    let database = std::fs::read(office.path().join("oracle.db")).unwrap();
    let kept = json["code"].as_str().unwrap().as_bytes();
    assert!(!database.windows(kept.len()).any(|window| window == kept));
    office.text("owner 3 1");
    assert!(office.refused("code 3").contains("member 3 is an agent"));
}

#[tokio::test]
async fn wallets_are_shown_with_what_they_signed() {
    let office = Office::new();
    office.import();
    let url = format!("sqlite://{}", office.path().join("oracle.db").display());
    let linking = super::town::linking(
        &Store::open(&url).await.unwrap(),
        &std::sync::Arc::new(system_token_oracle::clock::ManualClock::at(crate::log::NOW_US)),
        5,
    );
    let code = linking.issue_code(0).await.unwrap();
    let wallet = key(1).pubkey().to_string();
    let challenge = linking.challenge(code.reveal(), &wallet).await.unwrap();
    let signature = super::town::sign(&key(1), &challenge.message);
    linking.link(&challenge.nonce, &signature).await.unwrap();
    let shown = office.json("show 0");
    assert_eq!(shown["paid_to"], wallet);
    let history = json!([{
        "wallet": wallet,
        "linked_at": "2027-01-15T08:00:00Z",
        "unlinked_at": null,
        "message": challenge.message,
        "signature": signature,
    }]);
    assert_eq!(shown["wallet_history"], history);
    assert!(office.text("list").contains(&wallet));
}
