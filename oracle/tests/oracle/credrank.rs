//! CredRank beside the original: SourceCred's package, which scripts/sourcecred.sh installs.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Deserialize;
use system_token_oracle::simulate::credrank::{
    AUTHORS, ContributionEdge, ContributionNode, CredGraph, Endpoint, HAS_PARENT, MERGES,
    PULL_MINT, Parameters, REACTIONS, REFERENCES, REVIEW_MINT, credrank,
};

use crate::real_export;

/// What sourcecred.js prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Original {
    week_starts_ms: Vec<i64>,
    participants: Vec<OriginalCred>,
    weights: PluginWeights,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OriginalCred {
    name: String,
    total: f64,
    by_week: Vec<f64>,
}

/// Weights of the GitHub plugin, by its names.
#[derive(Deserialize)]
struct PluginWeights {
    nodes: BTreeMap<String, f64>,
    edges: BTreeMap<String, EdgeWeights>,
}

#[derive(Deserialize)]
struct EdgeWeights {
    forwards: f64,
    backwards: f64,
}

/// Runs the package's CredRank on a graph.
fn original(graph: &CredGraph) -> Original {
    let cache = std::env::var_os("SYSTEM_TOKEN_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/system-token"),
        PathBuf::from,
    );
    let package = cache.join("sourcecred");
    assert!(package.join("installed").exists(), "run scripts/sourcecred.sh first");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/sourcecred.js");
    let mut node = Command::new("node")
        .args([script.as_ref(), package.as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let graph = serde_json::to_vec(graph).unwrap();
    node.stdin.take().unwrap().write_all(&graph).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every participant's cred of every week is the original's, but for the last bits.
fn assert_same_cred(graph: &CredGraph, original: &Original) {
    let assert_near = |a: f64, b: f64, whose: &str| {
        assert!((a - b).abs() <= 1e-12 * b.abs(), "{whose} has {a}, in the original {b}");
    };
    let ours = credrank(graph, &Parameters::default()).unwrap();
    let starts_us: Vec<_> = original.week_starts_ms.iter().map(|ms| ms * 1_000).collect();
    assert_eq!(ours.week_starts_us, starts_us);
    assert_eq!(ours.participants.len(), original.participants.len());
    for (ours, original) in ours.participants.iter().zip(&original.participants) {
        assert_eq!(ours.participant, original.name);
        assert_eq!(ours.by_week.len(), original.by_week.len());
        for (a, b) in ours.by_week.iter().zip(&original.by_week) {
            assert_near(*a, *b, &original.name);
        }
        assert_near(ours.total, original.total, &original.name);
    }
}

#[tokio::test]
async fn sourcecred_gives_every_member_of_the_real_community_the_same_cred() {
    let graph = CredGraph::from_events(&real_export::events().await);
    assert_eq!(graph.participants.len(), 112);
    // 1,429 issues, 947 pull requests, 739 commits, 5,278 reviews, 10,821 comments, and repositories.
    let repositories = graph.nodes.iter().filter(|node| node.at_us.is_none()).count();
    assert_eq!(graph.nodes.len() - repositories, 1_429 + 947 + 739 + 5_278 + 10_821);
    let minted: f64 = graph.nodes.iter().map(|node| node.mint).sum();
    assert_eq!(minted, 739.0 * PULL_MINT + 5_278.0 * REVIEW_MINT);
    assert_same_cred(&graph, &original(&graph));
}

/// A graph with loops, parallel edges, edges from participant to participant, weeks without anything,
/// times at which a week begins, and members and contributions without edges.
fn any_graph(rng: &mut ChaCha8Rng, participants: u32, nodes: u32, edges: u32) -> CredGraph {
    const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
    // Sunday 2018-01-07, but for a millisecond: the original fails on an edge at the first moment of all.
    const START_US: i64 = 1_515_283_200_000_000;
    let mut below = |limit: u32| rng.next_u32() % limit;
    let node = |place: u32, day: u32| ContributionNode {
        address: format!("node-{place}"),
        at_us: match place {
            0 => Some(START_US + 1_000),
            _ if place.is_multiple_of(5) => None,
            _ => Some(START_US + DAY_US * i64::from(day)),
        },
        mint: f64::from((place + 1) % 3) * 0.7,
    };
    let nodes: Vec<_> = (0..nodes).map(|place| node(place, 1 + below(120))).collect();
    let end = |below: &mut dyn FnMut(u32) -> u32| match below(3) {
        0 => Endpoint::Participant(below(participants) as usize),
        _ => Endpoint::Contribution(below(nodes.len() as u32) as usize),
    };
    let edges = (0..edges).map(|_| ContributionEdge {
        from: end(&mut below),
        to: end(&mut below),
        at_us: START_US + DAY_US * i64::from(1 + below(120)),
        forwards: f64::from(below(4)) / 2.0,
        backwards: f64::from(below(4)) / 3.0,
    });
    let edges = edges.collect();
    let participants = (0..participants).map(|place| format!("member-{place}")).collect();
    CredGraph { participants, nodes, edges }
}

#[test]
fn sourcecred_gives_the_same_cred_on_any_graph() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (participants, nodes, edges) in [(1, 1, 0), (3, 4, 9), (40, 60, 200), (200, 400, 900)] {
        let graph = any_graph(&mut rng, participants, nodes, edges);
        assert_same_cred(&graph, &original(&graph));
    }
}

#[test]
fn the_weights_are_those_of_the_github_plugin() {
    let weights = original(&any_graph(&mut ChaCha8Rng::seed_from_u64(2), 1, 1, 0)).weights;
    let kinds = [AUTHORS, HAS_PARENT, MERGES, REFERENCES];
    for kind in kinds.into_iter().chain(REACTIONS.map(|(_, kind)| kind)) {
        let EdgeWeights { forwards, backwards } = weights.edges[kind.name];
        assert_eq!((kind.forwards, kind.backwards), (forwards, backwards), "{}", kind.name);
    }
    let minting: Vec<_> = weights.nodes.iter().filter(|(_, mint)| **mint > 0.0).collect();
    let pull = ("Pull request", PULL_MINT);
    let review = ("Pull request review", REVIEW_MINT);
    assert_eq!(
        minting.into_iter().map(|(kind, mint)| (kind.as_str(), *mint)).collect::<Vec<_>>(),
        [pull, review]
    );
}
