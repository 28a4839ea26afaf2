//! A number that is changed is found: the rest does not make it any more.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::OnceLock;
use system_token_oracle::explain::{Explainer, Explanation};
use system_token_oracle::identity::Members;
use system_token_oracle::policy::Timeline;

use super::rule_books::{learning, points, weeks};
use crate::rule_books::{CONTRIBUTION, VERSION_1, policy};

/// What only names something, or is compared with and not computed from.
const NAMES: [&str; 6] = ["member", "epoch", "paid_to", "version", "decimals", "needed"];
/// What goes into a number that is rounded, so that a small change may change nothing.
const ROUNDED: [&str; 17] = [
    "sum_micro",
    "weight_percent",
    "half_saturation_micro",
    "trust_pico_persons",
    "greatest_pico_persons",
    "capacity_micro_points",
    "value_micro",
    "base_micro_points",
    "action_micro_points",
    "all_weights",
    "weights",
    "budget_base_units",
    "share_percent",
    "tokens_per_point_micro",
    "percent",
    "spend_limit_percent",
    "diminishing_percent",
];

/// Explanations of all sorts, as JSON.
fn samples() -> &'static [Value] {
    static SAMPLES: OnceLock<Vec<Value>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let events = runtime.block_on(crate::real_export::events());
        let mut samples = vec![
            learning().explain("anna", 1),
            learning().explain("anna", 5),
            points().explain("vera", 5),
            weeks().explain("olga", 4),
        ];
        for (rules, epoch) in [(CONTRIBUTION, 12), (CONTRIBUTION, 40), (VERSION_1, 40)] {
            let timeline = Timeline::new(vec![policy(rules)]).unwrap();
            let explainer =
                Explainer::new(&timeline, Members::default(), &events, epoch, i64::MAX / 4);
            let explainer = explainer.unwrap();
            let members = 0..explainer.members().len().min(12);
            samples.extend(members.map(|member| explainer.explain(member).unwrap()));
        }
        samples.iter().map(|sample| serde_json::to_value(sample).unwrap()).collect()
    })
}

/// Where the numbers are, by JSON pointer; amounts are texts of digits.
fn numbers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                numbers(value, &format!("{pointer}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                numbers(value, &format!("{pointer}/{place}"), found);
            }
        }
        Value::Number(_) => found.push(pointer.to_owned()),
        Value::String(_) if pointer.ends_with("base_units") => found.push(pointer.to_owned()),
        _ => {}
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap()
}

fn key(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap()
}

/// Whether nothing depends on a number, because what it goes into is nothing.
fn goes_into_nothing(sample: &Value, pointer: &str) -> bool {
    let beside = |key: &str| {
        let (outer, _) = pointer.rsplit_once('/').unwrap();
        sample.pointer(&format!("{outer}/{key}"))
    };
    match key(pointer) {
        // Engagement that is too little to add anything.
        "weight_percent" | "half_saturation_micro" | "steepness" => {
            beside("part_micro").is_some_and(|part| number(part) == 0)
        }
        // What is multiplied by 0 at once.
        "base_micro_points" => beside("factors/0/value_micro").is_some_and(|by| number(by) == 0),
        // Ranks beyond the first are what the exponent changes.
        _ => false,
    }
}

fn tampered(sample: &Value, pointer: &str, number: u64) -> Option<Explanation> {
    let mut changed = sample.clone();
    let place = changed.pointer_mut(pointer).unwrap();
    *place = if place.is_string() { json!(number.to_string()) } else { json!(number) };
    serde_json::from_value(changed).ok()
}

#[test]
fn an_explanation_reads_back_from_its_json_and_checks() {
    for sample in samples() {
        let read: Explanation = serde_json::from_value(sample.clone()).unwrap();
        read.check().unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), *sample);
    }
}

#[test]
fn every_number_that_is_computed_with_is_found_when_it_is_doubled() {
    let mut found = 0;
    for sample in samples() {
        let mut all = Vec::new();
        numbers(sample, "", &mut all);
        for pointer in all.iter().filter(|pointer| !NAMES.contains(&key(pointer))) {
            if goes_into_nothing(sample, pointer) || key(pointer) == "to_micro_points" {
                continue;
            }
            let before = number(sample.pointer(pointer).unwrap());
            let small = ["percent", "steepness", "rank", "limit"];
            let step =
                if small.iter().any(|name| key(pointer).ends_with(name)) { 1 } else { 1_000_000 };
            let Some(changed) = tampered(sample, pointer, before * 2 + step) else { continue };
            assert!(changed.check().is_err(), "{pointer} was {before}");
            found += 1;
        }
    }
    assert!(found > 2_500, "{found}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn every_number_that_is_not_rounded_is_found_whatever_it_is_changed_to(
        sample in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        other in prop_oneof![0u64..3, 0u64..2_000_000, any::<u32>().prop_map(u64::from)],
        add in any::<bool>(),
    ) {
        let sample = sample.get(samples());
        let mut all = Vec::new();
        numbers(sample, "", &mut all);
        all.retain(|pointer| {
            let key = key(pointer);
            !NAMES.contains(&key) && !ROUNDED.contains(&key)
                && key != "to_micro_points" && key != "steepness"
        });
        let pointer = place.get(&all);
        let before = number(sample.pointer(pointer).unwrap());
        let other = if add { before.saturating_add(other + 1) } else { other };
        prop_assume!(other != before);
        if let Some(changed) = tampered(sample, pointer, other) {
            prop_assert!(changed.check().is_err(), "{pointer}: {before} → {other}");
        }
    }
}
