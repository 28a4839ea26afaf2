//! The JSON Schema of rule books, tried by a validator that knows nothing of this code: Python's
//! `jsonschema`, which scripts/schema-validator.sh installs, over TOML as Python reads it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Home, PRESETS, preset};
use crate::rule_books::{CONTRIBUTION, VERSION_1};

const COMMITTED: &str = include_str!("../../../../examples/policies/policy.schema.json");
/// Prints what is wrong with each of several rule books, an empty line where nothing is.
const VALIDATE: &str = "
import json, sys, tomllib
from jsonschema import Draft7Validator

schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
validator = Draft7Validator(schema)
for path in sys.argv[2:]:
    errors = validator.iter_errors(tomllib.load(open(path, 'rb')))
    print('; '.join(f'{error.json_path}: {error.message}' for error in errors))
";

fn python() -> PathBuf {
    let cache = std::env::var_os("SYSTEM_TOKEN_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/system-token"),
        PathBuf::from,
    );
    let python = cache.join("schema-validator/bin/python");
    assert!(python.exists(), "{} is missing: scripts/schema-validator.sh", python.display());
    python
}

/// What the validator says of each file.
fn validate(files: &[PathBuf]) -> Vec<String> {
    let schema = Path::new(&preset("policy.schema")).with_extension("json");
    let mut command = Command::new(python());
    let output = command.args(["-c", VALIDATE]).arg(schema).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let printed = Home::new().run_well(&["policy", "schema"]);
    assert!(
        printed == COMMITTED,
        "stk-oracle policy schema >examples/policies/policy.schema.json brings it up to date"
    );
}

#[test]
fn every_rule_book_fits_the_schema() {
    let home = Home::new();
    home.write("version-1.toml", VERSION_1);
    let mut files = PRESETS.map(|name| PathBuf::from(preset(name))).to_vec();
    files.push(home.path("version-1.toml"));
    assert_eq!(validate(&files), [""; 5]);
}

#[test]
fn wrong_keys_and_types_do_not_fit_the_schema() {
    let home = Home::new();
    let changes = [
        ("length_days = 7", "lenght_days = 7", "'lenght_days' was unexpected"),
        (
            "length_days = 7",
            "length_days = \"7\"",
            "$.epoch.length_days: '7' is not of type 'integer'",
        ),
        (
            "length_days = 7",
            "length_days = -7",
            "$.epoch.length_days: -7 is less than the minimum of 0",
        ),
        ("length_days = 7", "", "$.epoch: 'length_days' is a required property"),
        ("base = 20", "base = \"twenty\"", "$.kind[0].base: 'twenty' is not valid"),
        ("base = 20", "base = -1", "$.kind[0].base: -1 is not valid"),
        ("roles = [\"master\"]", "roles = [\"boss\"]", "'boss' is not one of"),
        ("brackets = [[0, 50]", "brackets = [[0, \"50\"]", "'50' is not of type 'integer'"),
        (
            "where = { verdict",
            "where = { verdict = \"x\" }\nwhat = { verdict",
            "'what' was unexpected",
        ),
        ("[allocation]", "[payout]\nmode = \"gift\"\n[allocation]", "$.payout.mode: 'gift'"),
    ];
    let mut files = Vec::new();
    for (place, (from, to, _)) in changes.iter().enumerate() {
        assert!(CONTRIBUTION.contains(from), "{from}");
        let path = home.path(&format!("{place}.toml"));
        std::fs::write(&path, CONTRIBUTION.replacen(from, to, 1)).unwrap();
        files.push(path);
    }
    for ((_, to, expected), said) in changes.iter().zip(validate(&files)) {
        assert!(said.contains(expected), "{to}: {said}");
    }
}

#[test]
fn every_key_is_described_in_the_schema_and_in_the_docs() {
    let schema: Value = serde_json::from_str(COMMITTED).unwrap();
    let docs = include_str!("../../../../docs/policy.md");
    let definitions = schema["definitions"].as_object().unwrap();
    let mut tables: Vec<(&str, &Value)> = vec![("the rule book", &schema)];
    tables.extend(definitions.iter().map(|(name, table)| (name.as_str(), table)));
    for (table, definition) in tables {
        for (key, described) in definition["properties"].as_object().into_iter().flatten() {
            assert!(described["description"].is_string(), "{table}.{key} is not described");
            let is_there = [
                format!("`{key}`"),
                format!(".{key}`"),
                format!("`[{key}]`"),
                format!("`[[{key}]]`"),
            ];
            let is_there = is_there.iter().any(|written| docs.contains(written));
            assert!(is_there, "docs/policy.md says nothing of {table}.{key}");
        }
    }
}

#[test]
fn editors_find_the_schema() {
    for name in PRESETS {
        let text = std::fs::read_to_string(preset(name)).unwrap();
        assert!(text.starts_with("#:schema ./policy.schema.json\n"), "{name}");
    }
}
