//! Bundles: what one oracle closes an epoch over, another one comes to the same root with.

mod attacks;
mod keys;
mod remote;
mod signing;
mod succession;

use std::fs;
use std::path::Path;

use serde_json::Value;
use sqlx::{Connection, SqliteConnection};

use crate::import::unzipped;
use crate::policy::{Home, preset};

const MINT: &str = "So11111111111111111111111111111111111111112";

/// An oracle with the real export in its log, and the example's rules.
fn closing_home() -> Home {
    let home = Home::with_export();
    home.write("oracle.toml", format!("policy = \"{}\"\n", preset("contribution")));
    home
}

fn close(home: &Home, epoch: &str) -> Vec<Value> {
    let closed = home.json(&["epoch", "close", "--mint", MINT, "--epoch", epoch]);
    closed["epochs"].as_array().unwrap().clone()
}

/// What another oracle, which has nothing but the bundles, finds.
fn witness(bundles: &Path) -> Vec<Value> {
    let arguments = ["witness", "--mint", MINT, "--bundles", bundles.to_str().unwrap()];
    Home::new().json(&arguments)["epochs"].as_array().unwrap().clone()
}

fn bundles(home: &Home) -> std::path::PathBuf {
    home.path("stk-oracle-data/bundles")
}

#[test]
fn another_oracle_comes_to_the_same_roots_with_nothing_but_the_bundles() {
    let home = closing_home();
    let replayed = home.json(&["replay", "--to", "12", "--mint", MINT]);
    let closed = close(&home, "12");
    assert_eq!(closed.len(), 12);
    assert_eq!(witness(&bundles(&home)), closed);
    // They are those of a replay, for nothing came late
    let replayed = replayed["epochs"].as_array().unwrap();
    for key in ["root", "bundle_hash", "cumulative_total", "members"] {
        let of = |epochs: &[Value]| epochs.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
        assert_eq!(of(replayed), of(&closed), "{key}");
    }
    // Again there is nothing to close, and later it goes on from the bundles
    assert_eq!(close(&home, "12"), Vec::<Value>::new());
    let later = close(&home, "14");
    assert_eq!(later.len(), 2);
    assert_eq!(witness(&bundles(&home)), [closed, later].concat());
}

#[test]
fn what_comes_late_is_in_the_next_bundle_and_rewrites_none() {
    let home = Home::new();
    home.write("oracle.toml", format!("policy = \"{}\"\n", preset("contribution")));
    // Every ninth event comes after epoch 8 was closed
    let export = String::from_utf8(unzipped()).unwrap();
    let lines: Vec<_> = export.lines().collect();
    let part = |late: bool| {
        let lines = lines.iter().enumerate().filter(|(place, _)| (place % 9 == 0) == late);
        lines.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
    };
    home.run_well(&["import", home.write("first.jsonl", part(false))]);
    let early = close(&home, "8");
    home.run_well(&["import", home.write("rest.jsonl", part(true))]);
    let later = close(&home, "10");
    let found = witness(&bundles(&home));
    assert_eq!(found, [early.clone(), later].concat());
    // Each event is in one of the bundles, as many as there are until then
    let events = |epochs: &[Value]| -> u64 {
        epochs.iter().map(|one| one["events"].as_u64().unwrap()).sum()
    };
    let whole = closing_home();
    let on_time = close(&whole, "10");
    assert_eq!(events(&found), events(&on_time));
    assert!(events(&found[..8]) < events(&on_time[..8]));
    // And what was closed stays as it was
    assert_ne!(found[7]["root"], on_time[7]["root"]);
    assert_eq!(witness(&bundles(&home))[..8], early);
}

#[tokio::test]
async fn what_a_crash_left_undone_is_done_by_the_next_close() {
    let home = closing_home();
    let closed = close(&home, "6");
    // Given a bundle that was written when the database was not, and half of the next one
    let url = format!("sqlite://{}", home.path("stk-oracle.db").display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    for table in ["allocations", "pool_budgets", "epochs"] {
        let delete = format!("DELETE FROM {table} WHERE epoch > 4");
        sqlx::query(sqlx::AssertSqlSafe(delete)).execute(&mut database).await.unwrap();
    }
    let half = bundles(&home).join("epoch-00000007.part");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("manifest.json"), "{").unwrap();
    // When it closes on
    let next = close(&home, "7");
    // Then every epoch is in the database, and the bundles are whole
    let epochs: (i64, i64) = sqlx::query_as("SELECT COUNT(*), MAX(epoch) FROM epochs")
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(epochs, (7, 7));
    assert!(!half.exists());
    assert_eq!(witness(&bundles(&home)), [closed, next].concat());
}

#[test]
fn an_epoch_waits_for_its_sources() {
    let home = closing_home();
    let config = format!(
        "policy = \"{}\"\n[[source]]\nname = \"notes\"\nkind = \"files\"\nlocation = \"notes\"\n",
        preset("contribution")
    );
    home.write("oracle.toml", config);
    let close = ["epoch", "close", "--mint", MINT, "--epoch", "2"];
    let output = home.run(&close);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{error}");
    let expected = "epoch 1 waits for the source notes: nothing says how far it was read";
    assert!(error.contains(expected), "{error}");
    assert!(!bundles(&home).exists());
    home.run_well(&[close.as_slice(), &["--force"]].concat());
    assert_eq!(witness(&bundles(&home)).len(), 2);
}

#[test]
fn what_has_not_ended_is_not_closed() {
    let home = closing_home();
    let error = home.run_badly(&["epoch", "close", "--mint", MINT, "--epoch", "1000000"]);
    assert!(error.contains("epoch 1000000 has not ended: the last one that has is "), "{error}");
    let error = home.run_badly(&["witness", "--mint", MINT]);
    assert!(error.contains("there is no bundle"), "{error}");
}
