//! `stk-oracle epoch sign`: an oracle signs what it has rebuilt, once, and its key stays its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{MINT, bundles, close, closing_home};
use crate::import::unzipped;
use crate::policy::{Home, preset};

/// A key as solana-keygen writes it, for its owner alone.
pub(super) fn write_key(home: &Home, name: &str, seed: u8) -> Keypair {
    let key = Keypair::new_from_array([seed; 32]);
    home.write(name, serde_json::to_string(&key.to_bytes().to_vec()).unwrap());
    fs::set_permissions(home.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    key
}

fn arguments<'a>(folder: &'a str, key: &'a str, epoch: &'a str, set: &'a str) -> Vec<&'a str> {
    vec![
        "epoch",
        "sign",
        "--mint",
        MINT,
        "--bundles",
        folder,
        "--keypair",
        key,
        "--epoch",
        epoch,
        "--oracle-set-version",
        set,
    ]
}

#[test]
fn each_oracle_signs_the_same_result_with_nothing_but_the_bundles() {
    let publisher = closing_home();
    close(&publisher, "12");
    let folder = bundles(&publisher);
    let folder = folder.to_str().unwrap();
    let oracle = Home::new();
    let sign = |name: &str, epoch: &str, set: &str| -> Value {
        oracle.json(&arguments(folder, name, epoch, set))["signed"].clone()
    };
    let mut signed = Vec::new();
    for (seed, name) in [(1, "a.json"), (2, "b.json"), (3, "c.json")] {
        let key = write_key(&oracle, name, seed);
        let one = sign(name, "12", "1");
        assert_eq!(one["oracle"], key.pubkey().to_string());
        // Again it is the same, and in the same file
        assert_eq!(sign(name, "12", "1"), one);
        signed.push(one);
    }
    assert!(signed.iter().all(|one| one["digest"] == signed[0]["digest"]));
    assert_ne!(signed[0]["signature"], signed[1]["signature"]);
    let kept = fs::read_dir(bundles(&publisher).join("epoch-00000012.signatures")).unwrap();
    assert_eq!(kept.count(), 3);
    // For another set or another epoch it is another signature, which stands beside the first
    let later = sign("a.json", "12", "2");
    assert_ne!(later["digest"], signed[0]["digest"]);
    assert_ne!(sign("a.json", "11", "1")["digest"], signed[0]["digest"]);
    // Bundles are followed as before
    assert_eq!(super::witness(&bundles(&publisher)).len(), 12);
}

#[test]
fn no_oracle_signs_two_results_of_one_epoch() {
    // Given two oracles' bundles of the same epochs, one of which had read less
    let whole = closing_home();
    close(&whole, "8");
    let less = Home::new();
    less.write("oracle.toml", format!("policy = \"{}\"\n", preset("contribution")));
    let export = String::from_utf8(unzipped()).unwrap();
    let some: Vec<_> = export.lines().step_by(2).collect();
    less.run_well(&["import", less.write("some.jsonl", some.join("\n"))]);
    close(&less, "8");
    let oracle = Home::new();
    write_key(&oracle, "key.json", 1);
    let (whole, less) = (bundles(&whole), bundles(&less));
    let sign = |folder: &std::path::Path| {
        oracle.run(&arguments(folder.to_str().unwrap(), "key.json", "8", "1"))
    };
    // When it has signed one of them, and then the other takes its place
    assert!(sign(&whole).status.success());
    let signatures = "epoch-00000008.signatures";
    fs::rename(whole.join(signatures), less.join(signatures)).unwrap();
    let output = sign(&less);
    // Then it is refused, and the first signature stays
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("this oracle has signed another result of this epoch"), "{error}");
    fs::rename(less.join(signatures), whole.join(signatures)).unwrap();
    assert!(sign(&whole).status.success());
}

#[test]
fn what_is_altered_is_not_signed() {
    let publisher = closing_home();
    close(&publisher, "3");
    let totals = bundles(&publisher).join("epoch-00000003/totals.csv");
    let text = fs::read_to_string(&totals).unwrap();
    let last = text.trim_end().rsplit(',').next().unwrap();
    fs::write(&totals, format!("{}9\n", text.trim_end().strip_suffix(last).unwrap())).unwrap();
    write_key(&publisher, "key.json", 1);
    let error = publisher.run_badly(&arguments("stk-oracle-data/bundles", "key.json", "3", "1"));
    assert!(error.contains(" base units here, and 9 in the bundle. Do not sign it"), "{error}");
    assert!(!bundles(&publisher).join("epoch-00000003.signatures").exists());
}

#[test]
fn a_key_is_its_owners_alone_and_never_shown() {
    let home = closing_home();
    close(&home, "2");
    let key = write_key(&home, "key.json", 99);
    let sign = arguments("stk-oracle-data/bundles", "key.json", "2", "1");
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(home.path("key.json"), fs::Permissions::from_mode(mode)).unwrap();
        let error = home.run_badly(&sign);
        assert!(error.contains("others can read this key"), "{error}");
    }
    fs::set_permissions(home.path("key.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let output = home.run(&sign);
    assert!(output.status.success());
    // What is no key is refused without a word of what it is
    let secret = serde_json::to_string(&key.to_bytes()[..63].to_vec()).unwrap();
    fs::write(home.path("key.json"), &secret).unwrap();
    let error = home.run_badly(&sign);
    assert!(error.contains("key.json: it holds no keypair"), "{error}");
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap() + &error;
    assert!(!printed.contains("99, 99") && !printed.contains("99,99"), "{printed}");
    fs::remove_file(home.path("key.json")).unwrap();
    assert!(home.run_badly(&sign).contains("key.json: No such file"));
    // Oracle sets are counted from 1
    write_key(&home, "key.json", 99);
    let error = home.run_badly(&arguments("stk-oracle-data/bundles", "key.json", "2", "0"));
    assert!(error.contains("oracle sets are counted from 1"), "{error}");
}
