//! What the pages say, and that nothing gets into them but text.

use std::fs;

use system_token_oracle::language::Language;
use system_token_oracle::report::{
    Dimension, DimensionOff, EpochReport, MemberStatement, StatementLine, write,
};

use super::files::three;
use super::sample::{hostile, nothing, report, statement};

/// The page for everybody and the statements.
fn pages(
    report: &EpochReport,
    statements: &[MemberStatement],
    language: Language,
) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(report, statements, language, folder.path()).unwrap();
    let pages = paths.iter().filter(|path| path.extension().unwrap() == "html");
    let mut pages: Vec<_> = pages.map(|path| fs::read_to_string(path).unwrap()).collect();
    (pages.remove(0), pages)
}

/// A page's text: without the style sheet, the tags and what spaces there are between words.
fn text(page: &str) -> String {
    let (_, page) = page.split_once("</style>").unwrap();
    let parts = page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text = parts.collect::<Vec<_>>().join(" ").replace('\u{a0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_says(page: &str, expected: &[&str]) {
    let text = text(page);
    for expected in expected {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
}

#[test]
fn markup_in_any_name_is_text() {
    for language in Language::ALL {
        let (report, statement) = hostile();
        let (page, statements) = pages(&report, &[statement], language);
        for page in statements.iter().chain([&page]) {
            let (head, body) = page.split_once("</style>").unwrap();
            assert_eq!(page.matches("</style>").count(), 1);
            for tag in ["<script", "<img", "<b>STK"] {
                assert!(!head.contains(tag) && !body.contains(tag), "{tag}: {page}");
            }
            assert!(body.contains("&lt;script src=&quot;https://evil.example/x.js&quot;&gt;"));
        }
    }
}

#[test]
fn a_page_asks_nobody_for_anything() {
    for language in Language::ALL {
        let report = report();
        let (page, statements) = pages(&report, &[statement(&report)], language);
        for page in statements.iter().chain([&page]) {
            for elsewhere in ["http:", "https:", "src=", "url(", "@import", "<script"] {
                assert!(!page.contains(elsewhere), "{elsewhere}: {page}");
            }
            assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'"));
            let links: Vec<_> = page.split(" href=\"").skip(1).collect();
            let here = |link: &&str| {
                ["#", "data:,", "members.csv\"", "statistics.json\""]
                    .iter()
                    .any(|start| link.starts_with(start))
            };
            assert!(links.iter().all(here), "{links:?}");
        }
    }
}

#[test]
fn the_page_says_who_got_how_much() {
    // 10, 30 and 60 of 100 tokens: Gini = (2·20 + 2·30) / (3·100).
    let (english, _) = pages(&three(), &[], Language::En);
    assert_says(
        &english,
        &[
            "11 February 2019 – 17 February 2019, UTC",
            "3 members got 100 STK for 7 contributions.",
            "Gini 0.333",
            "The best-paid tenth of the paid members got 60.0% of the epoch",
            "Smallest 10 STK Median 30 STK Mean 33.33 STK Largest 60 STK",
            "10 – 20 1 20 – 50 1 50 – 100 1",
            "member 7 60.00 =member 3 30.00 member 12 10.00",
            "Carried in 5.00 Could spend 15,000.00 Allocated 30.00 Carried on 15.00",
            "2 members contributed for the first time. Together they got 90 STK, 90.0% of the epoch.",
            "Supply 12,345,678,901.23 STK",
            "Net \u{2212}0.00 STK",
            "There is no earlier epoch",
        ],
    );
    let (russian, _) = pages(&three(), &[], Language::Ru);
    assert_says(
        &russian,
        &[
            "11 февраля 2019 г. – 17 февраля 2019 г., UTC",
            "3 участника получили 100 STK за 7 вкладов.",
            "Джини 0,333",
            "получила 60,0 % начисленного",
            "2 участника внесли вклад впервые. Вместе они получили 90 STK, 90,0 % начисленного.",
            "Всего в обращении 12 345 678 901,23 STK",
        ],
    );
}

#[test]
fn the_page_says_what_a_dimension_gave_and_took() {
    let mut report = three();
    let of = |label: &str| report.members.iter().find(|m| m.label == label).unwrap().member;
    // Without it: 7 would have 45, 3 would have 55, and 12 nothing.
    let amounts = vec![(of("member 7"), 45_000_000), (of("=member 3"), 55_000_000)];
    report.dimensions = vec![
        DimensionOff { dimension: Dimension::Engagement, amounts },
        DimensionOff {
            dimension: Dimension::Influence,
            amounts: report.members.iter().map(|m| (m.member, m.amount)).collect(),
        },
    ];
    let (page, _) = pages(&report, &[], Language::En);
    assert_says(
        &page,
        &[
            "Engagement 25.0% 25.00 Influence 0.0% 0.00",
            "2 members got more, 1 less.",
            "member 7 +15.00 member 12 +10.00 =member 3 \u{2212}25.00",
            "Nobody got more or less because of it.",
        ],
    );
}

#[test]
fn an_epoch_in_which_nothing_happened_is_a_page_too() {
    let (page, _) = pages(&nothing(), &[], Language::En);
    assert_says(&page, &["Nobody was paid in this epoch.", "No contribution earned anything."]);
    assert!(!text(&page).contains("NaN"));
}

#[test]
fn a_statement_has_all_decimals_and_every_line() {
    let report = three();
    let member = report.members.iter().find(|member| member.label == "member 7").unwrap().member;
    let line = |label: &str, points, amount| StatementLine {
        label: label.to_owned(),
        detail: format!("why {label}"),
        points,
        amount,
    };
    let statement = MemberStatement {
        member,
        contributions: vec![line("work", Some(1_500_000), Some(60_000_001))],
        factors: vec![line("limit", None, Some(-1))],
    };
    let (_, english) = pages(&report, std::slice::from_ref(&statement), Language::En);
    assert_says(
        &english[0],
        &[
            "member 7 · Epoch 71",
            "You got 60.000000 STK in this epoch.",
            "personal 20.000000 community 40.000000 In all 60.000000",
            "work why work 60.000001 1.50 points",
            "limit why limit \u{2212}0.000001",
        ],
    );
    let (_, russian) = pages(&report, &[statement], Language::Ru);
    assert_says(&russian[0], &["В этой эпохе вы получили 60,000000 STK.", "60,000001 1,50 балла"]);
}
