//! The community's own published figures, from event rows by `stk demo` down to what the chain minted.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write as _;
use std::process::Command;

use serde_json::{Value, json};

const DAY: i64 = 86_400;
/// A token, base units.
const STK: u64 = 1_000_000;

/// A community's event rows.
#[derive(Clone, Default)]
struct Rows(Vec<Value>);

impl Rows {
    /// Something that anna does, seconds after 1970.
    fn add(&mut self, at: i64, event: &str, properties: &Value) {
        let number = self.0.len() + 1;
        let at = jiff::Timestamp::from_second(at + i64::try_from(number).unwrap()).unwrap();
        self.0.push(json!({
            "uuid": format!("00000000-0000-4000-8000-{number:012}"),
            "event": event,
            "distinct_id": "anna",
            "timestamp": at.to_string(),
            "properties": properties,
        }));
    }

    fn times(&mut self, count: usize, at: i64, event: &str) {
        for _ in 0..count {
            self.add(at, event, &json!({ "target": "t", "target_author": "a stranger" }));
        }
    }

    fn qualified(at: i64, stage: u64) -> Self {
        let mut rows = Self::default();
        let expires = jiff::Timestamp::from_second(at + 365 * DAY).unwrap().to_string();
        let grant = json!({ "target_author": "anna", "stage": stage, "expires_at": expires });
        rows.add(at, "qualification_granted", &grant);
        rows
    }

    /// What the chain has minted by the end of the epoch in which nothing but a visit happens.
    fn minted(&self, policy: &str, visit_at: i64) -> u64 {
        let mut rows = self.clone();
        rows.add(visit_at, "$pageview", &json!({}));
        let mut events = tempfile::NamedTempFile::with_suffix(".jsonl").unwrap();
        for row in &rows.0 {
            writeln!(events, "{row}").unwrap();
        }
        let mut book = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        // The council's grants are rows here, which nobody signed.
        let unsigned = policy.replace("sources = [\"statements\"]", "sources = [\"posthog\"]");
        assert_ne!(unsigned, policy);
        book.write_all(unsigned.as_bytes()).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_stk"))
            .args(["demo", "--json", "--events"])
            .arg(events.path())
            .arg("--policy")
            .arg(book.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(figures["supply_base_units"], figures["allocated_base_units"]);
        figures["supply_base_units"].as_u64().unwrap()
    }
}

mod stk_v3 {
    use super::*;

    const POLICY: &str = include_str!("../../examples/policies/stk-v3.toml");
    /// Monday, 2026-01-05.
    const START: i64 = 1_767_571_200;
    const WEEK: i64 = 7 * DAY;

    #[test]
    fn a_week_of_960_at_qualification_1_5_in_its_fourth_week_mints_1584_stk() {
        // Given three weeks with something in them, at the third stage
        let mut rows = Rows::qualified(START, 2);
        for week in 0..3 {
            rows.times(1, START + week * WEEK, "section_completed");
        }
        let before = rows.minted(POLICY, START + 3 * WEEK);
        // 50 × 1.5 × (1.00 + 1.02 + 1.05)
        assert_eq!(before, 230_250_000);
        // When the fourth week has 50 × (5 + 1) + 100 × 4 + 200 + 50 + 10 = 960
        let monday = START + 3 * WEEK;
        rows.times(7, monday, "section_completed"); // five count
        rows.times(1, monday + DAY, "section_completed");
        rows.times(4, monday + 2 * DAY, "exercise_completed");
        rows.times(2, monday + 3 * DAY, "topic_created"); // one counts
        rows.times(1, monday + 4 * DAY, "post_created");
        rows.times(1, monday + 5 * DAY, "post_liked");
        // Then 960 × 1.5 × 1.10
        assert_eq!(rows.minted(POLICY, monday + WEEK) - before, 1_584 * STK);
    }

    #[test]
    fn emission_scales_a_week_down_and_mints_exactly_its_budget() {
        let small = POLICY.replace("budget = 9_589_041", "budget = 100");
        let mut rows = Rows::qualified(START, 7);
        rows.times(5, START, "exercise_completed");
        // 5 × 100 × 3.6 would be 1,800
        assert_eq!(rows.minted(&small, START + WEEK), 100 * STK);
    }
}

mod points_v4 {
    use super::*;

    const POLICY: &str = include_str!("../../examples/policies/points-v4.toml");
    /// Monday, 2026-05-04.
    const START: i64 = 1_777_852_800;
    const WEEK: i64 = 7 * DAY;

    /// Points minted by what anna does on the Monday after so many weeks of daily activity, and by two
    /// comments that she gets.
    fn monday(policy: &str, stage: u64, weeks: i64, acts: &[(&str, usize)]) -> u64 {
        let mut rows = Rows::qualified(START, stage);
        for day in 0..7 * weeks {
            rows.times(1, START + day * DAY, "pack_updated");
        }
        let monday = START + weeks * WEEK;
        let before = rows.minted(policy, monday);
        for (act, count) in acts {
            rows.times(*count, monday, act);
        }
        for _ in 0..2 {
            rows.add(monday, "post_created", &json!({ "target": "t", "target_author": "anna" }));
            rows.0.last_mut().unwrap()["distinct_id"] = json!("boris");
        }
        rows.minted(policy, monday + WEEK) - before
    }

    #[test]
    fn the_published_day_at_qualification_1_0_is_85_4() {
        let acts = [
            ("lesson_completed", 3), // two count
            ("self_development_slot_completed", 2),
            ("coding_hour_completed", 1),
            ("pack_updated", 1),
        ];
        assert_eq!(monday(POLICY, 4, 1, &acts), 85_400_000);
    }

    #[test]
    fn the_published_day_of_a_master_is_572_and_1016_before_caps() {
        let acts = [
            ("lesson_completed", 2),
            ("self_development_slot_completed", 2),
            ("content_published", 1),
            ("coding_hour_completed", 1),
            ("knowledge_extracted", 1),
        ];
        assert_eq!(monday(POLICY, 9, 4, &acts), 572 * STK);
        let uncapped = POLICY.replace("action = 25", "action = 1_000");
        assert_eq!(monday(&uncapped, 9, 4, &acts), 1_016 * STK);
    }

    #[test]
    fn a_day_is_cut_off_at_eight_caps_of_an_action() {
        let acts: Vec<(&str, usize)> = [
            "lesson_completed",
            "self_development_slot_completed",
            "content_published",
            "coding_hour_completed",
            "knowledge_extracted",
            "work_product_published",
            "distinction_added",
            "ai_session_completed",
        ]
        .map(|act| (act, 3))
        .into();
        // 8 × 88, of more
        assert_eq!(monday(POLICY, 9, 4, &acts), 704 * STK);
    }
}
