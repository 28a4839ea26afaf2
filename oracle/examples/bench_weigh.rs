//! Measures how long one epoch's weights take: ten million contributions of a hundred thousand members,
//! with twenty million engagements; and, on the real export, how long a year takes beside SourceCred.
//!
//! Prints one JSON object. SourceCred's package has to be there: scripts/sourcecred.sh. Given a folder,
//! the engagements and everybody's voice are written there, for who computes the same from them.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "a benchmark may panic, prints, measures time, and computes ratios"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use solana_address::Address;
use system_token_oracle::clock::SystemClock;
use system_token_oracle::epoch::{Ledger, Schedule};
use system_token_oracle::identity::{Alias, Members};
use system_token_oracle::ingest::Event;
use system_token_oracle::ingest::file::Export;
use system_token_oracle::policy::Policy;
use system_token_oracle::simulate::credrank::CredGraph;
use system_token_oracle::store::Store;
use system_token_oracle::weigh::{
    Dimensions, Engagement, History, NONE, PERSON, Records, Weights, Work, weigh, window_epochs,
};

const MEMBERS: u32 = 100_000;
const CONTRIBUTIONS: u32 = 10_000_000;
const EDGES: u32 = 20_000_000;
const POLICY: &str = include_str!("../../examples/policies/contribution.toml");
const EXPORT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/community-2018.events.jsonl.gz");

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let large = large(std::env::args_os().nth(1).as_deref().map(Path::new));
    let Large { seconds, peak_mib, paid, check } = large;
    let events = events().await;
    let (ours, theirs) = (year(&events), sourcecred(&events));
    println!(
        "{{\"contributions\":{CONTRIBUTIONS},\"members\":{MEMBERS},\"edges\":{EDGES},\
         \"seconds\":{seconds:.2},\"peak_mib\":{peak_mib},\"members_with_points\":{paid},\
         \"check\":{check:?},\
         \"year_seconds\":{ours:.3},\"sourcecred_seconds\":{theirs:.3},\
         \"sourcecred_ratio\":{:.2}}}",
        theirs / ours
    );
}

/// One large epoch.
struct Large {
    seconds: f64,
    peak_mib: u64,
    paid: usize,
    /// Σ E, and Σ E × (work mod 1,009): whoever computes E can compare them.
    check: [u64; 2],
}

/// Weighs it.
fn large(rows: Option<&Path>) -> Large {
    let seeds = (0..5).map(|seed| format!("\"bench:{}\"", seed * 1_000));
    let text = POLICY.replace("posthog:member-", "nobody:");
    let seeds = seeds.collect::<Vec<_>>().join(", ");
    let policy = Policy::parse(&text.replacen("seeds = [", &format!("seeds = [{seeds}, "), 1));
    let policy = policy.unwrap();
    let mut members = Members::default();
    for member in 0..MEMBERS {
        members.add(Alias::new("bench", member.to_string())).unwrap();
    }
    let records = records(&policy);
    let begun = Instant::now();
    let weights = weigh(&policy, &members, &records, 1, &mut History::default(), Dimensions::ALL);
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(weights.contributions.len(), CONTRIBUTIONS as usize);
    let paid = weights.pools.iter().map(|pool| pool.points.len()).max().unwrap_or_default();
    let peak_mib = peak_mib();
    let each = || weights.contributions.iter().map(|one| (one.engagement, one.artifact));
    let check = [
        each().map(|(engagement, _)| engagement).sum(),
        each().map(|(engagement, artifact)| engagement * u64::from(artifact % 1_009)).sum(),
    ];
    if let Some(folder) = rows {
        write_rows(folder, &policy, &records, &weights);
    }
    Large { seconds, peak_mib, paid, check }
}

/// Writes the engagements with their weights, and what everybody's voice counts.
fn write_rows(folder: &Path, policy: &Policy, records: &Records, weights: &Weights) {
    let signals = &policy.rules().signals;
    let column = |of: &dyn Fn(&Engagement) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(records.engagements.iter().map(of)))
    };
    let engagements = [
        ("event", column(&|one| one.event.into())),
        ("actor", column(&|one| one.actor.into())),
        ("author", column(&|one| one.author.into())),
        ("artifact", column(&|one| one.artifact.into())),
        ("weight", column(&|one| signals[usize::from(one.signal)].weight.into())),
    ];
    let voices = weights.trust.members.iter().map(|trust| {
        let voice = trust.min(&PERSON) / 1_000_000;
        voice.cast_signed()
    });
    let voices = [
        ("person", Arc::new(Int64Array::from_iter_values(0..i64::from(MEMBERS))) as ArrayRef),
        ("voice", Arc::new(Int64Array::from_iter_values(voices))),
    ];
    write_parquet(&folder.join("engagements.parquet"), RecordBatch::try_from_iter(engagements));
    write_parquet(&folder.join("voices.parquet"), RecordBatch::try_from_iter(voices));
}

fn write_parquet(path: &Path, rows: Result<RecordBatch, ArrowError>) {
    let rows = rows.unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}

/// What was done, the same in every run. Few members do most of it, as in every community.
fn records(policy: &Policy) -> Records {
    let mut random = SplitMix(1);
    let kinds = policy.rules().kinds.len() as u32;
    let signals = policy.rules().signals.len() as u32;
    let works: Vec<Work> = (0..CONTRIBUTIONS)
        .map(|event| Work {
            event,
            member: random.member(),
            artifact: event,
            newcomer: NONE,
            day: random.below(7).cast_signed(),
            epoch: 1,
            effort: 0,
            kind: random.below(kinds) as u16,
            difficulty_percent: 50 + random.below(200) as u16,
        })
        .collect();
    let mut engagements = Vec::with_capacity(EDGES as usize);
    while engagements.len() < EDGES as usize {
        let artifact = random.below(CONTRIBUTIONS);
        let (author, actor) = (works[artifact as usize].member, random.member());
        if author != actor {
            engagements.push(Engagement {
                event: CONTRIBUTIONS + engagements.len() as u32,
                actor,
                author,
                artifact,
                epoch: 1,
                signal: random.below(signals) as u16,
            });
        }
    }
    Records { works, engagements, persons: MEMBERS, artifacts: CONTRIBUTIONS, ..Records::default() }
}

struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// The smaller of two: the first hundredth of the members does a fiftieth of everything.
    fn member(&mut self) -> u32 {
        self.below(MEMBERS).min(self.below(MEMBERS))
    }
}

/// Seconds that all epochs of the real export take, from events in memory to totals.
fn year(events: &[Event]) -> f64 {
    let policy = Policy::parse(POLICY).unwrap();
    let schedule = Schedule::new(&policy);
    let mut members = Members::default();
    members.observe(events).unwrap();
    let begun = Instant::now();
    let mut ledger = Ledger::new(&policy, Address::default());
    for epoch in 1..=schedule.last_ended(events.last().unwrap().at_us) {
        let window = schedule.window_of(events, epoch, window_epochs(&policy));
        ledger.close(&policy, &members, window).unwrap();
    }
    begun.elapsed().as_secs_f64()
}

/// Seconds that SourceCred's CredRank takes for the graph of the same events, without start and reading.
fn sourcecred(events: &[Event]) -> f64 {
    let cache = std::env::var_os("SYSTEM_TOKEN_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/system-token"),
        PathBuf::from,
    );
    let package = cache.join("sourcecred");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/sourcecred.js");
    let mut node = Command::new("node")
        .args([script.as_ref(), package.as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(node.stdin.take().unwrap(), &CredGraph::from_events(events)).unwrap();
    let output = node.wait_with_output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["seconds"].as_f64().unwrap()
}

async fn events() -> Vec<Event> {
    let store = Store::open("sqlite::memory:").await.unwrap();
    Export::read(store, Arc::new(SystemClock), Path::new(EXPORT)).await.unwrap().events
}

/// The most memory that the process ever had, MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}
