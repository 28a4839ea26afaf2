//! What a report refuses to be written from, or into.

use std::fs;
use std::path::Path;

use system_token_oracle::language::Language;
use system_token_oracle::report::{CSV_FILE, EpochReport, MemberStatement, PAGE_FILE, write};

use super::sample::{report, statement};

/// Tries to write a report whose data were changed, and says why it was not written; nothing was.
fn refusal(change: impl FnOnce(&mut EpochReport, &mut Vec<MemberStatement>)) -> String {
    let mut report = report();
    let mut statements = vec![statement(&report)];
    change(&mut report, &mut statements);
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("report");
    let error = write(&report, &statements, Language::En, &folder).unwrap_err();
    assert!(!folder.exists(), "nothing is written");
    error.to_string()
}

#[test]
fn a_pool_that_does_not_add_up_is_refused() {
    assert_eq!(
        refusal(|report, _| report.pools[1].carried_out += 1),
        "the pool community: share + carried in is 37400000000, but allocated + carried out is \
         37400000001: the report is not written"
    );
    assert_eq!(
        refusal(|report, _| {
            report.pools[2].allocated -= 1;
            report.pools[2].carried_out += 1;
        }),
        "the pool world: allocated is 99999999999, but the sum of the members' amounts is \
         100000000000: the report is not written"
    );
}

#[test]
fn a_member_who_does_not_add_up_is_refused() {
    assert_eq!(
        refusal(|report, _| report.members[0].amount += 5),
        "member 0: the amount is 5, but the sum over the pools is 0: the report is not written"
    );
    assert_eq!(
        refusal(|report, _| report.members[3].amounts.push(0)),
        "member 3: the number of amounts is 4, but the number of pools is 3: the report is not \
         written"
    );
}

#[test]
fn statistics_of_another_epoch_are_refused() {
    assert_eq!(
        refusal(|report, _| report.statistics.granted = 1),
        "the statistics: granted is 1, but what the pools allocated is 152400000000: the report is \
         not written"
    );
}

#[test]
fn nobody_in_the_report_is_named_elsewhere() {
    let of = |place| format!("{place} is of member 900, who is not among the report's members");
    let refused = refusal(|_, statements| statements[0].member = 900);
    assert_eq!(refused, of("a statement"));
    let refused = refusal(|report, _| report.contributions[4].member = 900);
    assert_eq!(refused, of("a contribution"));
    let refused = refusal(|report, _| report.dimensions[2].amounts.push((900, 1)));
    assert_eq!(refused, of("an amount without a dimension"));
}

#[test]
fn a_member_twice_is_refused() {
    let refused = refusal(|report, _| report.members[1].member = 0);
    assert_eq!(refused, "member 0 is there twice, among the members");
    let refused = refusal(|_, statements| statements.push(statements[0].clone()));
    assert!(refused.ends_with("is there twice, among the statements"), "{refused}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("taken");
    fs::write(&file, "").unwrap();
    let folder = file.join("report");
    let error = write(&report(), &[], Language::En, &folder).unwrap_err().to_string();
    let expected = format!("failed to create the folder {}: ", folder.display());
    assert!(error.starts_with(&expected), "{error}");
    assert!(error.ends_with(": choose one that can be written"), "{error}");
}

#[test]
fn a_file_that_cannot_be_replaced_is_named_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join(CSV_FILE);
    fs::create_dir(&taken).unwrap();
    let error = write(&report(), &[], Language::En, folder.path()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("failed to write {}: ", taken.display())), "{error}");
    assert_eq!(names(folder.path()), [CSV_FILE, PAGE_FILE], "no unfinished file stays");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
