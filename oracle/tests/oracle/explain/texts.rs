//! The texts of explanations: the same in all languages, none left over, none wider than a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use system_token_oracle::explain::Tone;
use system_token_oracle::language::Language;

use super::rule_books::{learning, points, weeks};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Each message of a Fluent file with the arguments that it names.
fn messages(path: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut id = String::new();
    let text = fs::read_to_string(path).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =")
            && !line.starts_with([' ', '}', '*', '['])
        {
            name.clone_into(&mut id);
            assert!(messages.insert(id.clone(), BTreeSet::new()).is_none(), "{id} is there twice");
        }
        for argument in line.split("{ $").skip(1) {
            let name = argument.split([' ', '}']).next().unwrap();
            messages.get_mut(&id).unwrap().insert(name.to_owned());
        }
    }
    messages
}

#[test]
fn every_file_of_texts_has_the_same_messages_and_arguments_in_both_languages() {
    let files = fs::read_dir(root().join("locales/en")).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> = files.collect();
    assert!(files.iter().any(|file| file.ends_with("explain.ftl")));
    for english in files {
        let russian = root().join("locales/ru").join(english.file_name().unwrap());
        assert_eq!(messages(&english), messages(&russian), "{}", english.display());
    }
}

fn source(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .map(|path| if path.is_dir() { source(&path) } else { fs::read_to_string(path).unwrap() })
        .collect()
}

#[test]
fn every_text_of_explanations_is_used() {
    let source = source(&root().join("src/explain/text"));
    let all = messages(&root().join("locales/en/explain.ftl"));
    let unused: Vec<_> = all.keys().filter(|id| !source.contains(&format!("\"{id}\""))).collect();
    assert_eq!(unused, Vec::<&String>::new());
}

#[test]
fn no_line_is_wider_than_a_terminal_and_colours_add_no_letter() {
    let explanations = [
        learning().explain("anna", 1),
        learning().explain("anna", 5),
        points().explain("vera", 5),
        weeks().explain("olga", 4),
    ];
    for explanation in &explanations {
        for language in Language::ALL {
            let plain = explanation.to_text(language, Tone::Plain).unwrap();
            let wide = plain.lines().find(|line| line.chars().count() > 80);
            assert_eq!(wide, None);
            assert!(!plain.contains(['\u{1b}', '{', '}']));
            let coloured = explanation.to_text(language, Tone::Coloured).unwrap();
            assert!(coloured.contains("\u{1b}[1m"));
            let pieces = coloured.split('\u{1b}').enumerate();
            let letters: String = pieces
                .map(|(place, piece)| match place {
                    0 => piece,
                    _ => piece.split_once('m').unwrap().1,
                })
                .collect();
            assert_eq!(letters, plain);
        }
    }
}
