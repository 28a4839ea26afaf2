//! Bundles that somebody altered: none is followed, and each is told by the file and what is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{MINT, bundles, close, closing_home};
use crate::policy::Home;

/// Replaces text in a file of a bundle.
fn alter(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no {from}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// The value of a key of a manifest.
fn said(manifest: &Path, key: &str) -> String {
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    manifest[key].as_str().unwrap().to_owned()
}

/// Makes a manifest say the hash that a file has now.
fn say_hash_of(file: &Path, key: &str) {
    let manifest = file.with_file_name("manifest.json");
    let hash: String =
        Sha256::digest(fs::read(file).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
    alter(&manifest, &said(&manifest, key), &hash);
}

/// An altered copy of the bundles, and what a witness says of it.
struct Altered {
    home: Home,
    epoch: PathBuf,
}

impl Altered {
    fn of(original: &Path) -> Self {
        let home = Home::new();
        for epoch in fs::read_dir(original).unwrap() {
            let epoch = epoch.unwrap().path();
            let copy = home.path("bundles").join(epoch.file_name().unwrap());
            fs::create_dir_all(&copy).unwrap();
            for file in fs::read_dir(&epoch).unwrap() {
                let file = file.unwrap().path();
                fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
            }
        }
        let epoch = home.path("bundles/epoch-00000012");
        Self { home, epoch }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.epoch.join(name)
    }

    #[track_caller]
    fn is_refused(&self, because: &str) {
        let error = self.home.run_badly(&["witness", "--mint", MINT, "--bundles", "bundles"]);
        assert!(error.contains(because), "{error}\nis not: {because}");
    }
}

#[test]
fn an_altered_bundle_is_refused_and_told_by_file_and_number() {
    let home = closing_home();
    close(&home, "12");
    let original = bundles(&home);
    let altered = || Altered::of(&original);

    // A member's total, and where a member is paid
    let one = altered();
    let totals = fs::read_to_string(one.file("totals.csv")).unwrap();
    let line = totals.lines().skip(1).find(|line| !line.ends_with(",0")).unwrap();
    let (member, total) = (line.split(',').next().unwrap(), line.rsplit(',').next().unwrap());
    alter(&one.file("totals.csv"), line, &line.replace(total, "5000000"));
    let expected = format!(
        "member {member}: its total is {total} base units here, and 5000000 in the bundle. Do not sign"
    );
    one.is_refused(&expected);
    let one = altered();
    alter(&one.file("totals.csv"), line, &line.replacen(",,", &format!(",{MINT},"), 1));
    one.is_refused(&format!("member {member}: it is paid to nowhere here, and to {MINT} in"));
    let one = altered();
    alter(&one.file("totals.csv"), &format!("{line}\n"), "");
    one.is_refused("expected ");
    let one = altered();
    let last = totals.lines().last().unwrap();
    alter(&one.file("totals.csv"), &format!("{last}\n"), "");
    one.is_refused(" members here, and ");

    // Files that are not what the manifest says
    for (file, from, to) in [
        ("members.jsonl", "\"roles\":[]", "\"roles\":[\"master\"]"),
        ("policy.toml", "share_percent = 15", "share_percent = 16"),
    ] {
        let one = altered();
        alter(&one.file(file), from, to);
        one.is_refused(&format!("{file}: the manifest says SHA-256 "));
    }
    let one = altered();
    fs::copy(
        one.epoch.with_file_name("epoch-00000011").join("events.jsonl.zst"),
        one.file("events.jsonl.zst"),
    )
    .unwrap();
    one.is_refused("events.jsonl.zst: the manifest says SHA-256 ");
    let one = altered();
    fs::write(one.file("events.jsonl.zst"), "no zstd").unwrap();
    one.is_refused("events.jsonl.zst: ");
    fs::remove_file(one.file("events.jsonl.zst")).unwrap();
    one.is_refused("events.jsonl.zst: No such file");

    // The manifest goes along with the file: then its own hash is another
    let one = altered();
    alter(&one.file("members.jsonl"), "\"roles\":[]", "\"roles\":[\"master\"]");
    say_hash_of(&one.file("members.jsonl"), "members_sha256");
    one.is_refused("manifest.json: bundle_hash: it says ");

    // The manifest itself
    let manifest = |key: &str| said(&altered().file("manifest.json"), key);
    for (from, to, because) in [
        (manifest("root"), "0".repeat(64), "the root of their leaves is "),
        (manifest("root"), "root".to_owned(), "root: expected 64 hexadecimal digits"),
        (manifest("previous_bundle_hash"), "1".repeat(64), "bundle_hash: it says "),
        ("\"cumulative_total\": ".to_owned(), "\"cumulative_total\": 1".to_owned(), "add up to "),
        ("\"leaf_count\": ".to_owned(), "\"leaf_count\": 1".to_owned(), " members here, and "),
        ("STK_BUNDLE_V2".to_owned(), "STK_BUNDLE_V1".to_owned(), "its format is `STK_BUNDLE_V1`"),
        ("\"epoch\": 12".to_owned(), "\"epoch\": 13".to_owned(), "it is of epoch 13"),
        (MINT.to_owned(), MINT.replace("112", "111"), "its members are paid in the mint"),
        ("\"format\"".to_owned(), "\"more\": 1,\n  \"format\"".to_owned(), "unknown field `more`"),
    ] {
        let one = altered();
        alter(&one.file("manifest.json"), &from, &to);
        one.is_refused(because);
    }

    // One bundle in another's place, and a history with a bundle left out
    let one = altered();
    fs::remove_dir_all(&one.epoch).unwrap();
    fs::rename(one.epoch.with_file_name("epoch-00000011"), &one.epoch).unwrap();
    one.home.run_well(&["witness", "--mint", MINT, "--bundles", "bundles"]);
    fs::rename(&one.epoch, one.epoch.with_file_name("epoch-00000011")).unwrap();
    fs::rename(
        one.epoch.with_file_name("epoch-00000010"),
        one.epoch.with_file_name("epoch-00000012"),
    )
    .unwrap();
    fs::rename(
        one.epoch.with_file_name("epoch-00000011"),
        one.epoch.with_file_name("epoch-00000010"),
    )
    .unwrap();
    one.is_refused("it is of epoch 11");
}
