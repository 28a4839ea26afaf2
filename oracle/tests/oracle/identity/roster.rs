//! Files of members and their ids.

use std::path::PathBuf;

use system_token_oracle::identity::{Members, Role, Roster, RosterError};
use system_token_oracle::ingest::{PersonalData, Salt};

use super::members_of_club;

fn read(name: &str, text: impl AsRef<[u8]>) -> Result<Roster, RosterError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    Roster::read(&path, &personal_data())
}

fn personal_data() -> PersonalData {
    let salt = Salt::new([7; 16]).unwrap();
    PersonalData::new(PersonalData::default_fields(), Some(salt)).unwrap()
}

/// Makes members of the lines; gives the numbers of those that are wrong, and why.
fn apply(roster: &Roster, members: &mut Members) -> Vec<(u64, String)> {
    let lines = roster.lines.iter().map(|line| {
        let row = line.row.clone();
        let applied = row.and_then(|row| row.apply(members).map_err(|error| error.to_string()));
        (line.line, applied)
    });
    lines.filter_map(|(line, applied)| applied.err().map(|error| (line, error))).collect()
}

#[test]
fn a_file_that_is_no_roster_is_refused_whole() {
    assert!(matches!(read("members.txt", ""), Err(RosterError::Format)));
    let header = read("members.csv", "name,source\n").unwrap_err().to_string();
    assert!(header.contains("it is name,source"), "{header}");
    let missing = Roster::read(&PathBuf::from("/nowhere.csv"), &personal_data());
    assert!(matches!(missing, Err(RosterError::Io(_))));
}

#[test]
fn lines_that_are_wrong_are_named_and_the_others_count() {
    let csv = "member,source,external_id,roles\n\
               anna,club,17,master;curator\n\
               anna,club\n\
               ,club,18,\n\
               ben,key,18,\n\
               ben,club,18,king\n\
               bot,club,19,agent\n\
               carl,club,17,\n\
               carl,club,20,\n\
               \"a,\"\"b\",club,21,trainee\n";
    let mut members = Members::default();
    let wrong = apply(&read("members.csv", csv).unwrap(), &mut members);
    let expected = [
        (3, "it has 2 columns, and the header has 4"),
        (4, "its member is empty"),
        (5, "the source `key` is that of the member keys themselves"),
        (6, "`king` is no role: expected one of trainee, master, curator, admin, agent"),
        (
            7,
            "nobody is made an agent by a role alone: name its owner with stk-oracle members owner",
        ),
        (8, "key:anna is member 0 already: if both are one person, merge them"),
    ];
    assert_eq!(wrong, expected.map(|(line, error)| (line, error.to_owned())));
    assert_eq!(members.len(), 3);
    assert_eq!(members.get(0).unwrap().roles, [Role::Master, Role::Curator].into());
    assert_eq!(members.find("club", "21"), members.find("key", "a,\"b"));

    let long = format!("{{\"member\":\"{}\"}}", "x".repeat(70_000));
    let json = format!(
        "{{\"member\":\"anna\",\"source\":\"club\",\"external_id\":\"17\",\"roles\":[\"admin\"]}}\n\
         \n{{\"member\":1}}\n{long}\n[]\n\
         {{\"member\":\"anna\",\"source\":\"lms\",\"external_id\":\"5\"}}"
    );
    let mut members = Members::default();
    let wrong = apply(&read("members.jsonl", json).unwrap(), &mut members);
    let lines: Vec<_> = wrong.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 5], "{wrong:?}");
    assert_eq!((members.len(), members.find("lms", "5")), (1, Some(0)));
}

#[test]
fn the_same_file_twice_changes_nothing_and_events_meet_it_either_way() {
    let csv = "member,source,external_id,roles\n\
               anna,club,b,master\n\
               anna,telegram,123,\n\
               ben,lms,7,\n";
    let roster = read("members.csv", csv).unwrap();
    // Given somebody who is known by events already
    let mut members = members_of_club(&["a", "b"]);
    assert_eq!(apply(&roster, &mut members), []);
    let once = members.clone();
    assert_eq!(apply(&roster, &mut members), []);
    assert_eq!(members, once);
    assert_eq!(members.len(), 3);
    assert_eq!(members.find("telegram", "123"), Some(1));
    assert_eq!(members.find("key", "anna"), Some(1));
    assert_eq!(members.find("lms", "7"), Some(2));
    // Two members that a file says are one are merged by people, not by a file
    let other = read("more.csv", "member,source,external_id\nanna,club,a\n").unwrap();
    let wrong = apply(&other, &mut members);
    let error = "club:a is member 0 already: if both are one person, merge them";
    assert_eq!(wrong, [(2, error.to_owned())]);
    members.merge(0, 1).unwrap();
    assert_eq!(apply(&other, &mut members), []);
}

#[test]
fn an_e_mail_address_is_kept_as_its_hash_alone() {
    let csv = "member,source,external_id\nanna@example.org,club,anna@example.org\n";
    let mut members = Members::default();
    apply(&read("members.csv", csv).unwrap(), &mut members);
    let kept = format!("{members:?}");
    assert_eq!(members.len(), 1);
    assert!(!kept.contains('@'), "{kept}");
}
