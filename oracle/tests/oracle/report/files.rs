//! The files for programs, and that every file is written as a whole and the same each time.

use std::fs;

use system_token_oracle::language::Language;
use system_token_oracle::report::{
    CSV_FILE, EpochReport, PAGE_FILE, PublicStatistics, STATISTICS_FILE, write,
};

use super::sample::{report, statement};

/// Three members, two pools: 60, 30 and 10 tokens.
pub(super) fn three() -> EpochReport {
    let mut report = report();
    report.members.truncate(3);
    let figures = [
        ("member 12", vec![10_000_000, 0], 410_000_000, 1, false),
        ("=member 3", vec![0, 30_000_000], 30_000_000, 2, true),
        ("member 7", vec![20_000_000, 40_000_000], 60_000_000, 4, true),
    ];
    for (member, (label, amounts, lifetime, contributions, is_newcomer)) in
        report.members.iter_mut().zip(figures)
    {
        member.label = label.to_owned();
        (member.amount, member.amounts) = (amounts.iter().sum(), amounts);
        (member.lifetime, member.contributions, member.is_newcomer) =
            (lifetime, contributions, is_newcomer);
        member.points = u64::from(contributions) * 1_500_000;
    }
    report.members.swap(0, 2);
    report.pools.truncate(2);
    for (pool, (share, allocated)) in report.pools.iter_mut().zip([(40, 30), (65, 70)]) {
        (pool.share, pool.carried_in) = (share * 1_000_000, 5_000_000);
        (pool.allocated, pool.carried_out) =
            (allocated * 1_000_000, (share + 5 - allocated) * 1_000_000);
    }
    report.contributions.clear();
    report.dimensions.clear();
    report.history.clear();
    report.statistics = PublicStatistics {
        supply: 12_345_678_901_234_567,
        active_wallets: 2,
        granted: 100_000_000,
        burned: 100_000_001,
    };
    report
}

fn written(report: &EpochReport, file: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(report, &[], Language::Ru, folder.path()).unwrap();
    fs::read_to_string(folder.path().join(file)).unwrap()
}

#[test]
fn the_table_has_a_row_a_member_by_index_whatever_the_language() {
    insta::assert_snapshot!("table", written(&three(), CSV_FILE).replace('\r', ""));
}

#[test]
fn the_statistics_have_figures_and_no_member() {
    let statistics = written(&three(), STATISTICS_FILE);
    assert!(!statistics.contains("member "), "{statistics}");
    insta::assert_snapshot!("statistics", statistics);
}

#[test]
fn amounts_of_any_size_and_decimals_are_written() {
    for decimals in [0, 1, 9, 19, 20, u8::MAX] {
        let mut report = three();
        report.token.decimals = decimals;
        report.members[0].lifetime = u64::MAX;
        report.members[1].points = u64::MAX;
        report.statistics.supply = u64::MAX;
        report.statistics.burned = u64::MAX;
        let table = written(&report, CSV_FILE);
        assert!(table.contains(",18446744073709551615,"), "{table}");
        written(&report, PAGE_FILE);
    }
}

#[test]
fn two_runs_write_the_same_bytes_and_name_what_they_wrote() {
    let report = report();
    let statements = [statement(&report)];
    let run = || {
        let folder = tempfile::tempdir().unwrap();
        let paths = write(&report, &statements, Language::Ru, &folder.path().join("a/b")).unwrap();
        let named = paths.iter().map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        });
        named.collect::<Vec<_>>()
    };
    let first = run();
    let names: Vec<_> = first.iter().map(|(name, _)| name.as_str()).collect();
    let statement = format!("statement-{}.html", statements[0].member);
    assert_eq!(names, [PAGE_FILE, CSV_FILE, STATISTICS_FILE, &statement]);
    assert_eq!(first, run());
}

#[test]
fn a_second_report_takes_the_place_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    write(&report(), &[], Language::En, folder.path()).unwrap();
    write(&three(), &[], Language::Ru, folder.path()).unwrap();
    let page = fs::read_to_string(folder.path().join(PAGE_FILE)).unwrap();
    assert!(page.contains("<html lang=\"ru\">"), "{page}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}
