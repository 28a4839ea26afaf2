//! Whatever happens in a small community, whenever it comes, and whichever rules follow: the laws hold.

use proptest::prelude::*;
use serde_json::json;
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::{Policy, Timeline};

use super::community::{BOOK, Community, PEOPLE, event};

/// Epochs that are closed.
const EPOCHS: u64 = 8;
const HOURS: u32 = 8 * 7 * 24;

/// Something that somebody does, and how many epochs late it comes.
fn deed() -> impl Strategy<Value = (Event, u64)> {
    let work = 0..10u32;
    (0..HOURS, 0..PEOPLE.len(), 0..7u8, work, 0..PEOPLE.len(), 0..6u64, 0..5u64).prop_map(
        |(hour, actor, what, work, other, score, late)| {
            let (artifact, author) = (format!("work-{work}"), PEOPLE[other]);
            let toward = json!({ "artifact": format!("word-{hour}"), "target": artifact,
                                 "target_author": author });
            let (name, properties) = match what {
                0 | 1 => ("work_done", json!({ "artifact": artifact })),
                2 => ("project_done", json!({ "artifact": artifact })),
                3 => ("comment_created", toward),
                4 => ("liked", toward),
                5 => ("artifact_assessed", json!({ "artifact": artifact, "score": score })),
                _ => ("artifact_withdrawn", json!({ "artifact": artifact })),
            };
            let actor = if what == 5 { "anna" } else { PEOPLE[actor] };
            (event(hour, actor, name, properties), late)
        },
    )
}

/// The first rules, and others that follow from an epoch on: other pools, kinds and multiples.
fn timeline(from: u64) -> Timeline {
    let head = format!("version = 2\nholds_from_epoch = {from}\n");
    let later = BOOK
        .replacen("version = 1\n", &head, 1)
        .replace("name = \"care\"", "name = \"new\"")
        .replace("pool = \"care\"", "pool = \"new\"")
        .replace("share_percent = 60", "share_percent = 25")
        .replace("share_percent = 40", "share_percent = 75")
        .replace("base = 10", "base = 30")
        .replace("holding_days = 14", "holding_days = 7")
        .replace("epochs = 3\n", "epochs = 2\n");
    let policies = [BOOK, &later].map(|text| Policy::parse(text).unwrap());
    Timeline::new(policies.into()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_comes_late_and_whichever_rules_follow(
        deeds in prop::collection::vec(deed(), 0..80), from in 2..EPOCHS, merged in 0..EPOCHS,
    ) {
        let timeline = timeline(from);
        let mut community = Community::new(timeline.at(1));
        let schedule = system_token_oracle::epoch::Schedule::new(timeline.at(1));
        for epoch in 1..=EPOCHS {
            if epoch == merged {
                community.members.merge(4, 1).unwrap();
            }
            let comes = |(event, late): &&(Event, u64)| schedule.epoch_at(event.at_us) + late == epoch;
            community.events.extend(deeds.iter().filter(comes).map(|(event, _)| event.clone()));
            community.close(timeline.at(epoch));
        }
    }
}
