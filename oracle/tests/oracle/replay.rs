//! `stk-oracle replay`: the same roots however the events lie, and nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use solana_address::Address;
use sqlx::{Connection, SqliteConnection};
use system_token_oracle::clock::ManualClock;
use system_token_oracle::epoch::Replay;
use system_token_oracle::identity::Members;
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Timeline;
use system_token_oracle::segments::{DailyLimits, EventLog, Range};
use system_token_oracle::store::Store;
use system_token_test_databases::TestDatabase;

use crate::import::unzipped;
use crate::log::{NOW_US, import_rules};
use crate::policy::{Home, preset};
use crate::rule_books::{CONTRIBUTION, policy};

/// The root and the bundle of each epoch.
type Roots = Vec<([u8; 32], [u8; 32])>;

/// Closes the first epochs anew.
fn roots(timeline: &Timeline, members: &Members, events: &[Event], epochs: u64) -> Roots {
    let mint = Address::new_from_array([9; 32]);
    let mut replay = Replay::new(timeline.at(1), members.clone(), events, mint);
    let mut close = |epoch| {
        let closed = replay.close(timeline.at(epoch)).unwrap();
        (closed.tree.root(), replay.bundle_hash())
    };
    (1..=epochs).map(&mut close).collect()
}

/// The example's rules, and from epoch 20 on others.
fn timeline() -> Timeline {
    let later = CONTRIBUTION
        .replacen("version = 2\n", "version = 3\nholds_from_epoch = 20\n", 1)
        .replace("share_percent = 15", "share_percent = 25")
        .replace("share_percent = 35", "share_percent = 25");
    Timeline::new(vec![policy(&later), policy(CONTRIBUTION)]).unwrap()
}

#[tokio::test]
async fn every_way_to_deliver_the_events_gives_the_same_roots() {
    let (timeline, limits) = (timeline(), DailyLimits { general: Some(100), ..Default::default() });
    let export = String::from_utf8(unzipped()).unwrap();
    let lines: Vec<&str> = export.lines().collect();
    let mut found: Vec<Roots> = Vec::new();
    // Given the export in one piece, and in pieces of other sizes, the last ones first
    for (lines_of_piece, compacted) in [(usize::MAX, false), (1_999, false), (701, true)] {
        for database in TestDatabase::each() {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(database.url()).await.unwrap();
            let clock = Arc::new(ManualClock::at(NOW_US));
            let log =
                EventLog::open(store.clone(), &folder.path().join("segments"), clock).unwrap();
            for (place, piece) in lines.chunks(lines_of_piece.min(lines.len())).rev().enumerate() {
                // Each piece in an order of its own
                let piece: Vec<_> = (0..piece.len())
                    .map(|line| piece[(line * 1_009 + place) % piece.len()])
                    .collect();
                let path = folder.path().join("piece.jsonl");
                fs::write(&path, piece.join("\n")).unwrap();
                import_rules().read(&log, &path).await.unwrap();
            }
            if compacted {
                assert!(log.compact().await.unwrap().merged > 8);
            }
            // When it is replayed
            let read = Store::open_to_read(database.url()).await.unwrap();
            let members = read.get_members().await.unwrap();
            let apart = log.get_events_apart(Range::ALL, &limits, &members).await.unwrap();
            found.push(roots(&timeline, &members, &apart.counted, 30));
        }
    }
    // Then every epoch has the same root and bundle, and each epoch another bundle than the one before
    assert!(found.iter().all(|roots| *roots == found[0]));
    assert_eq!(found.len(), 6);
    assert!(found[0].is_sorted_by(|(_, before), (_, bundle)| before != bundle));
    let distinct: BTreeSet<_> = found[0].iter().map(|(root, _)| root).collect();
    assert!(distinct.len() > 20, "{}", distinct.len());
}

#[test]
fn what_cannot_be_replayed_is_refused() {
    let home = Home::with_export();
    let policy = preset("contribution");
    let error = home.run_badly(&["replay"]);
    assert!(error.contains("there is no policy: name one by --policy"), "{error}");
    let replay = |more: &[&str]| home.run_badly(&[&["replay", "--policy", &policy], more].concat());
    let error = replay(&["--to", "1000000"]);
    assert!(error.contains("epoch 1000000 has not ended"), "{error}");
    for from in ["0", "6"] {
        let error = replay(&["--from", from, "--to", "5"]);
        assert!(error.contains(&format!("no epoch from {from} to 5 has ended")), "{error}");
    }
    home.write(
        "later.toml",
        CONTRIBUTION.replacen("version = 2", "version = 2\nholds_from_epoch = 2", 1),
    );
    let error = home.run_badly(&["replay", "--policy", "later.toml"]);
    assert!(error.contains("no policy holds from epoch 1"), "{error}");
}

#[test]
fn the_year_pays_and_carries_its_budgets() {
    let home = Home::with_export();
    home.write("oracle.toml", format!("policy = \"{}\"\n", preset("contribution")));
    let year = home.json(&["replay"]);
    let epochs = year["epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 71);
    // 52 weeks of 100,000 STK and 19 of 90,000
    let of = |key: &str| epochs[70][key].as_u64().unwrap();
    assert_eq!(of("cumulative_total") + of("carried"), 6_910_000_000_000);
    let granted = epochs.iter().map(|epoch| epoch["granted"].as_u64().unwrap());
    assert_eq!(granted.sum::<u64>(), of("cumulative_total"));
    // A range has the same epochs, and the same every time
    let part = home.json(&["replay", "--from", "60", "--to", "65"]);
    assert_eq!(part["epochs"].as_array().unwrap()[..], epochs[59..65]);
    // Another mint pays other accounts: nobody has linked a wallet, so nothing changes
    let mint = "So11111111111111111111111111111111111111112";
    let other = home.json(&["replay", "--from", "60", "--to", "65", "--mint", mint]);
    assert_eq!(other, part);
    let text = home.run_well(&["replay", "--from", "71"]);
    let root = epochs[70]["root"].as_str().unwrap();
    assert!(text.contains(&format!(" STK paid in all, root {root}, bundle ")), "{text}");
}

#[test]
fn rules_that_follow_each_other_hold_each_in_its_epochs() {
    let home = Home::with_export();
    let later = CONTRIBUTION
        .replacen("version = 2\n", "version = 3\nholds_from_epoch = 11\n", 1)
        .replace("budget = 100_000 ", "budget = 70_000 ");
    home.write("later.toml", later);
    home.write("first.toml", CONTRIBUTION);
    home.write("oracle.toml", "policies = [\"later.toml\", \"first.toml\"]\n");
    let both = home.json(&["replay", "--to", "12"]);
    let of = |key: &str| -> Vec<u64> {
        both["epochs"].as_array().unwrap().iter().map(|one| one[key].as_u64().unwrap()).collect()
    };
    assert_eq!(of("policy_version"), [[2; 10].as_slice(), &[3; 2]].concat());
    let budgets = of("budget");
    assert_eq!((budgets[9], budgets[10]), (100_000_000_000, 70_000_000_000));
    // What the first rules granted is the same
    let first = home.json(&["replay", "--policy", "first.toml", "--to", "10"]);
    assert_eq!(first["epochs"].as_array().unwrap()[..], both["epochs"].as_array().unwrap()[..10]);
    let granted: u64 = of("granted").iter().sum();
    assert_eq!(granted + of("carried")[11], budgets.iter().sum::<u64>());
    // And the status knows the epochs by either
    assert!(home.run_well(&["status"]).contains("epoch "));
}

#[test]
fn events_in_quarantine_do_not_count() {
    let home = Home::with_export();
    let policy = preset("contribution");
    let replay = || home.json(&["replay", "--policy", &policy, "--to", "40"])["epochs"].clone();
    let all = replay();
    home.write("oracle.toml", "integrity = { max_events_per_day = 3 }\n");
    let few = replay();
    assert_ne!(all[39]["root"], few[39]["root"]);
    assert_ne!(all[39]["bundle_hash"], few[39]["bundle_hash"]);
}

/// Every file of a folder with its bytes, without what readers of SQLite share while they read.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
            continue;
        }
        let (name, bytes) = (path.display().to_string(), fs::read(&path).unwrap());
        let is_shared = name.ends_with("-shm") || (name.ends_with("-wal") && bytes.is_empty());
        if !is_shared {
            found.insert(name, bytes);
        }
    }
    found
}

#[tokio::test]
async fn nothing_is_written() {
    let home = Home::with_export();
    let policy = preset("contribution");
    home.write(
        "members.csv",
        "member,source,external_id,roles\nanna,posthog,member-9d11926144,master\n",
    );
    home.run_well(&["members", "import", "members.csv"]);
    // Given that all is in the database's file
    let url = format!("sqlite://{}", home.path("stk-oracle.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = files(&home.path(""));
    assert!(before.len() > 3);
    // When everything is asked that replays
    for command in [
        ["replay", "--policy", &policy, "--to", "3"].as_slice(),
        &["policy", "diff", &policy, &policy, "--epoch", "3", "--last", "2"],
        &["policy", "check", "--log", &policy],
    ] {
        home.run_well(command);
    }
    // Then no byte of any file is another
    let after = files(&home.path(""));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after);
}
