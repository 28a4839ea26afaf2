//! The texts in all languages: the same ones, with the same arguments, none missing and none left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use system_token_oracle::language::Language;
use system_token_oracle::report::write;

use super::sample::{nothing, report, statement};

/// Each message of a Fluent file with the arguments that it names.
fn messages(language: Language, subject: &str) -> BTreeMap<String, BTreeSet<String>> {
    let path = root().join(format!("locales/{language}/{subject}.ftl"));
    let text = fs::read_to_string(path).unwrap();
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut id = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ")
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            name.clone_into(&mut id);
            assert!(messages.insert(id.clone(), BTreeSet::new()).is_none(), "{id} is there twice");
        }
        for argument in line.split('$').skip(1) {
            let name: String =
                argument.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            messages.get_mut(&id).unwrap().insert(name);
        }
    }
    messages
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn source(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: PathBuf| {
        if path.is_dir() { source(&path) } else { fs::read_to_string(path).unwrap() }
    };
    entries.map(text).collect()
}

#[test]
fn every_language_has_the_same_messages_with_the_same_arguments() {
    for subject in ["language", "report"] {
        let english = messages(Language::En, subject);
        assert!(english.len() > 1, "{english:?}");
        assert_eq!(english, messages(Language::Ru, subject), "{subject}");
    }
}

#[test]
fn every_message_of_the_report_is_used() {
    let source = source(&root().join("src/report"));
    let is_used = |id: &String| {
        // A dimension's hint is named after the dimension.
        let name = if id.starts_with("dimension-") { id.trim_end_matches("-hint") } else { id };
        source.contains(&format!("\"{name}\""))
    };
    let unused: Vec<_> =
        messages(Language::En, "report").into_keys().filter(|id| !is_used(id)).collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn no_page_misses_a_text() {
    for language in Language::ALL {
        for report in [report(), nothing()] {
            let folder = tempfile::tempdir().unwrap();
            let statements = [statement(&report)];
            for path in write(&report, &statements, language, folder.path()).unwrap() {
                if path.extension().unwrap() != "html" {
                    continue;
                }
                let page = fs::read_to_string(path).unwrap();
                let (_, body) = page.split_once("</style>").unwrap();
                // What is missing stands in braces.
                assert!(!body.contains('{'), "{}", &body[body.find('{').unwrap()..][..80]);
            }
        }
    }
}
