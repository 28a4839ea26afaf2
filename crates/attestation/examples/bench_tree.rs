//! Measures how long the tree of an epoch takes, beside rs_merkle and beside bare hashing.
//!
//! `--json` prints one object, `--page FILE` writes the figures between that page's marks.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rs_merkle::{algorithms::Sha256, Hasher, MerkleTree};
use system_token_attestation::{Hash, Lanes, Leaf, Padded, Tree, QUAD_LEAVES};

const SMALL: usize = 1_000_000;
const LARGE: usize = 10_000_000;

/// Each is measured so many times, in turns, and the fastest counts: the rest is other work.
const TURNS: usize = 7;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let figures = figures();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--json"] => {
            let fields: Vec<_> =
                figures.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            println!("{{{}}}", fields.join(","));
        }
        ["--page", page] => write_page(&figures, page),
        _ => panic!("usage: bench_tree --json | --page FILE"),
    }
}

/// Puts the figures between the page's marks.
fn write_page(figures: &[(&str, String)], page: &str) {
    let text = std::fs::read_to_string(page).expect("the page can be read");
    let (head, rest) = text.split_once("<!-- figures -->\n").expect("the page has a first mark");
    let (_, foot) = rest.split_once("<!-- end -->").expect("the page has a last mark");
    let rows: String =
        figures.iter().map(|(name, value)| format!("| `{name}` | {value} |\n")).collect();
    let table = format!("| figure | value |\n|---|---|\n{rows}");
    let text = format!("{head}<!-- figures -->\n{table}<!-- end -->{foot}");
    std::fs::write(page, text).expect("the page can be written");
}

fn figures() -> Vec<(&'static str, String)> {
    // The large tree first: a process's peak never falls.
    let leaves = leaves(LARGE);
    let large = (0..TURNS).map(|_| timed(|| build(&leaves))).min().unwrap_or_default();
    let peak = peak_mib();
    let leaves = &leaves[..SMALL];
    let (nodes, quads) = (messages::<65, 2>(SMALL / 4 - 1), messages::<165, 3>(SMALL / 4));
    let mut hashes = vec![[0; 32]; SMALL / 4];
    let mut best = [Duration::MAX; 6];
    for _ in 0..TURNS {
        let mut bare = |lanes| timed(|| hash_all(lanes, &quads, &nodes, &mut hashes));
        let (floor, floor_one) = (bare(Lanes::best()), bare(Lanes::ONE));
        let tree = build(leaves);
        let times = [
            timed(|| build(leaves)),
            timed(|| rs_merkle(leaves, 1)),
            timed(|| rs_merkle(leaves, QUAD_LEAVES)),
            floor,
            floor_one,
            timed(|| read_proofs(&tree)),
        ];
        best.iter_mut().zip(times).for_each(|(best, time)| *best = time.min(*best));
    }
    let [ours, theirs, theirs_quads, floor, floor_one, proofs] = best;
    vec![
        ("threads", threads().to_string()),
        ("lanes", Lanes::best().count().to_string()),
        ("tree_1m_seconds", seconds(ours)),
        ("tree_10m_seconds", seconds(large)),
        ("peak_mib_10m", peak.to_string()),
        ("proofs_1m_seconds", seconds(proofs)),
        ("rs_merkle_1m_seconds", seconds(theirs)),
        ("rs_merkle_ratio_1m", ratio(theirs, ours)),
        ("rs_merkle_quads_1m_seconds", seconds(theirs_quads)),
        ("rs_merkle_quads_ratio_1m", ratio(theirs_quads, ours)),
        ("hash_floor_1m_seconds", seconds(floor)),
        ("hash_floor_ratio_1m", ratio(ours, floor)),
        ("one_lane_floor_1m_seconds", seconds(floor_one)),
    ]
}

/// Members with accounts and totals that are the same in every run (SplitMix64).
fn leaves(count: usize) -> Vec<Leaf> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    };
    let leaf = |_| {
        let mut token_account = [0; 32];
        token_account.as_chunks_mut().0.iter_mut().for_each(|part| *part = next().to_le_bytes());
        Leaf { token_account, cumulative_total: next() >> 32 }
    };
    (0..count).map(leaf).collect()
}

fn build(leaves: &[Leaf]) -> Tree {
    Tree::new(leaves).expect("few leaves with small totals")
}

/// Reads the proof of each quad, which every member is in.
fn read_proofs(tree: &Tree) {
    for start in (0..tree.leaf_count()).step_by(QUAD_LEAVES) {
        black_box(tree.proof(start, QUAD_LEAVES).expect("whole quads"));
    }
}

/// rs_merkle's tree, whose leaves are the hashes of so many members together.
///
/// By ones, it is what that crate's documentation does. By fours, each hash covers as much as ours.
fn rs_merkle(leaves: &[Leaf], together: usize) -> MerkleTree<Sha256> {
    let mut bytes = Vec::new();
    let hashes: Vec<Hash> = leaves
        .chunks(together)
        .zip((0u32..).step_by(together))
        .map(|(members, index)| {
            bytes.clear();
            bytes.push(0);
            bytes.extend_from_slice(&index.to_le_bytes());
            members.iter().for_each(|leaf| bytes.extend_from_slice(&leaf.token_account));
            let totals = members.iter().map(|leaf| leaf.cumulative_total.to_le_bytes());
            totals.for_each(|total| bytes.extend_from_slice(&total));
            Sha256::hash(&bytes)
        })
        .collect();
    MerkleTree::from_leaves(&hashes)
}

/// So many messages, one after the other in memory.
fn messages<const BYTES: usize, const BLOCKS: usize>(count: usize) -> Vec<Padded<BYTES, BLOCKS>> {
    let mut messages = vec![Padded::new(); count];
    for (message, number) in messages.iter_mut().zip(0u64..) {
        message.bytes_mut()[..8].copy_from_slice(&number.to_le_bytes());
    }
    messages
}

/// The floor: what the tree hashes, on all cores, already lying there.
fn hash_all(lanes: Lanes, quads: &[Padded<165, 3>], nodes: &[Padded<65, 2>], hashes: &mut [Hash]) {
    hash_flat(lanes, quads, hashes);
    hash_flat(lanes, nodes, hashes);
}

fn hash_flat<const BYTES: usize, const BLOCKS: usize>(
    lanes: Lanes,
    messages: &[Padded<BYTES, BLOCKS>],
    hashes: &mut [Hash],
) {
    let share = messages.len().div_ceil(threads());
    std::thread::scope(|scope| {
        for (messages, hashes) in messages.chunks(share).zip(hashes.chunks_mut(share)) {
            scope.spawn(move || lanes.hash(messages, &mut hashes[..messages.len()]));
        }
    });
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

#[expect(clippy::disallowed_methods, reason = "durations are what this measures")]
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let made = black_box(work());
    let time = start.elapsed();
    drop(made);
    time
}

/// The most memory that this process ever had, MiB, as Linux tells it.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells the peak");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of KiB");
    kib.div_ceil(1024)
}

/// Seconds with four digits after the point.
fn seconds(time: Duration) -> String {
    format!("{}.{:04}", time.as_secs(), time.subsec_micros() / 100)
}

/// One time divided by another, with two digits after the point.
fn ratio(time: Duration, by: Duration) -> String {
    let hundredths = time.as_nanos() * 100 / by.as_nanos().max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
