//! CredRank: SourceCred's scores, by the algorithm of its last release, 0.11.
//!
//! Cred flows on a graph as a random walk would. A contribution that mints m of all M gets m/M of
//! what leaves the seed. From a contribution the walk goes to the seed with probability α, else along
//! an edge, in proportion to the edges' weights in that direction. Each participant is one node for
//! each week, which the edges of that week lead to; from it the walk goes
//!
//! - with β to the week's accumulator, and from there to the seed,
//! - with γ₊ to the same participant's next week, with γ₋ to the last, at either end to itself,
//! - with 1 − α − β − γ₊ − γ₋ along an edge of that week, or to the seed if it has none,
//! - with α to the seed.
//!
//! π is where that walk is in the long run, and
//!
//! cred(participant, week) = M × β × π(participant, week) / Σ π(accumulator of a week)
//!
//! so Σ cred = M, up to how far π has converged. `oracle/tests/oracle/credrank.rs` runs the original
//! beside it.

mod chain;
mod graph;
mod walk;
mod weeks;

pub use graph::{
    AUTHORS, ContributionEdge, ContributionNode, CredGraph, EdgeKind, Endpoint, HAS_PARENT, MERGES,
    PULL_MINT, REACTIONS, REFERENCES, REVIEW_MINT,
};

use chain::Chain;
use walk::Walk;
use weeks::Weeks;

/// Where the walk goes, and when it is long enough. The default is SourceCred's.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// α: probability of going back to the seed from anywhere.
    pub alpha: f64,
    /// β: probability of being paid out, from a participant's week.
    pub beta: f64,
    /// γ₊: probability of going on to the participant's next week.
    pub gamma_forward: f64,
    /// γ₋: probability of going back to the participant's last week.
    pub gamma_backward: f64,
    /// A step that changes every component of π by less ends the walk.
    pub convergence_threshold: f64,
    /// The most steps.
    pub max_iterations: u32,
    /// A moment at which a week begins, UTC microseconds.
    pub week_anchor_us: i64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            alpha: 0.1,
            beta: 0.4,
            gamma_forward: 0.1,
            gamma_backward: 0.1,
            convergence_threshold: 1e-7,
            max_iterations: 255,
            week_anchor_us: 3 * 24 * 60 * 60 * 1_000_000, // a Sunday, UTC: 1970-01-04
        }
    }
}

impl Parameters {
    /// What is left at a participant's week for its edges.
    fn for_edges(&self) -> f64 {
        1.0 - (self.alpha + self.beta + self.gamma_forward + self.gamma_backward)
    }
}

/// Who has earned how much cred, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Cred {
    /// When each week begins, UTC microseconds.
    pub week_starts_us: Vec<i64>,
    /// Each participant's cred, in the graph's order.
    pub participants: Vec<ParticipantCred>,
    /// How many steps the walk took.
    pub iterations: u32,
}

/// One participant's cred.
#[derive(Clone, Debug, PartialEq)]
pub struct ParticipantCred {
    /// Who it is.
    pub participant: String,
    /// Cred of each week.
    pub by_week: Vec<f64>,
    /// Cred of all weeks.
    pub total: f64,
}

impl ParticipantCred {
    /// All weeks' cred in millionths, to be ranked or compared.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "cred is not negative, and a cast of what is too large gives the largest"
    )]
    pub fn total_micro(&self) -> u64 {
        (self.total * 1e6).round() as u64
    }
}

/// Why there is no cred.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CredRankError {
    /// A parameter is no probability, or all of them together are none.
    #[error("alpha, beta and the gammas must be 0 or more and add up to 1 at most: {0:?}")]
    BadParameters(Parameters),
    /// A node's weight is no amount.
    #[error("node {address} mints {mint}: give it a finite amount, 0 or more")]
    BadMint {
        /// Which node.
        address: String,
        /// Its weight.
        mint: f64,
    },
    /// An edge's weights are none, or it leads nowhere.
    #[error(
        "edge {place} needs ends that are in the graph and finite weights, 0 or more: {edge:?}"
    )]
    BadEdge {
        /// Its place in the graph.
        place: usize,
        /// What it is.
        edge: ContributionEdge,
    },
    /// Nothing mints cred.
    #[error("nothing mints cred: at least one node needs a mint weight above 0")]
    NothingMinted,
    /// Nothing says which weeks there are.
    #[error("nothing in the graph has a time: at least one node or edge needs one")]
    NoTime,
}

/// Computes the cred of every participant in every week.
///
/// # Errors
/// [`CredRankError`] says what is wrong with the graph or the parameters.
pub fn credrank(graph: &CredGraph, parameters: &Parameters) -> Result<Cred, CredRankError> {
    check_parameters(parameters)?;
    check_graph(graph)?;
    let weeks = Weeks::covering(graph, parameters.week_anchor_us).ok_or(CredRankError::NoTime)?;
    let minted: f64 = graph.nodes.iter().map(|node| node.mint).sum();
    if minted <= 0.0 {
        return Err(CredRankError::NothingMinted);
    }
    let walk = Walk { graph, parameters, weeks };
    let chain = Chain::new(walk.nodes(), &walk.transitions(minted));
    let (pi, iterations) =
        chain.stationary(parameters.convergence_threshold, parameters.max_iterations);
    let paid_out: f64 = (0..walk.weeks.count()).map(|week| pi[walk.accumulator(week)]).sum();
    // Nothing is paid out where no walk comes past a participant.
    let scale = if paid_out > 0.0 { minted / paid_out } else { 0.0 };
    let cred_of = |participant: usize, week: usize| {
        pi[walk.participant(participant, week)] * scale * parameters.beta
    };
    let participants = graph.participants.iter().enumerate().map(|(place, participant)| {
        let by_week: Vec<_> = (0..walk.weeks.count()).map(|week| cred_of(place, week)).collect();
        let total = by_week.iter().sum();
        ParticipantCred { participant: participant.clone(), by_week, total }
    });
    let participants = participants.collect();
    Ok(Cred { participants, iterations, week_starts_us: walk.weeks.into_starts_us() })
}

fn check_parameters(parameters: &Parameters) -> Result<(), CredRankError> {
    let Parameters { alpha, beta, gamma_forward, gamma_backward, .. } = parameters;
    let all_valid = [alpha, beta, gamma_forward, gamma_backward]
        .iter()
        .all(|probability| (0.0..=1.0).contains(*probability));
    if all_valid && parameters.for_edges() >= 0.0 {
        return Ok(());
    }
    Err(CredRankError::BadParameters(parameters.clone()))
}

fn check_graph(graph: &CredGraph) -> Result<(), CredRankError> {
    let is_weight = |weight: f64| weight.is_finite() && weight >= 0.0;
    if let Some(node) = graph.nodes.iter().find(|node| !is_weight(node.mint)) {
        return Err(CredRankError::BadMint { address: node.address.clone(), mint: node.mint });
    }
    let is_there = |end| match end {
        Endpoint::Participant(place) => place < graph.participants.len(),
        Endpoint::Contribution(place) => place < graph.nodes.len(),
    };
    let is_good = |edge: &ContributionEdge| {
        is_there(edge.from)
            && is_there(edge.to)
            && is_weight(edge.forwards)
            && is_weight(edge.backwards)
    };
    match graph.edges.iter().enumerate().find(|(_, edge)| !is_good(edge)) {
        Some((place, edge)) => Err(CredRankError::BadEdge { place, edge: edge.clone() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2018-01-07, a Sunday.
    const START_US: i64 = 1_515_283_200_000_000;
    const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

    fn edge(from: Endpoint, to: Endpoint, day: i64, weights: (f64, f64)) -> ContributionEdge {
        let (forwards, backwards) = weights;
        ContributionEdge { from, to, at_us: START_US + day * DAY_US, forwards, backwards }
    }

    fn node(address: &str, day: i64, mint: f64) -> ContributionNode {
        let at_us = Some(START_US + day * DAY_US);
        ContributionNode { address: address.to_owned(), at_us, mint }
    }

    /// Ann's merged pull request, and Bob's review of it a week later; Eve did nothing.
    fn graph() -> CredGraph {
        use Endpoint::{Contribution, Participant};
        CredGraph {
            participants: ["ann", "bob", "eve"].map(str::to_owned).into(),
            nodes: vec![node("pull", 1, 4.0), node("review", 8, 1.0)],
            edges: vec![
                edge(Participant(0), Contribution(0), 1, (0.5, 1.0)),
                edge(Participant(1), Contribution(1), 8, (0.5, 1.0)),
                edge(Contribution(1), Contribution(0), 8, (1.0, 0.25)),
            ],
        }
    }

    fn cred(graph: &CredGraph) -> Cred {
        credrank(graph, &Parameters::default()).unwrap()
    }

    fn assert_near(a: f64, b: f64, relative: f64) {
        assert!((a - b).abs() <= relative * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn parameters_and_graphs_that_make_no_sense_are_refused() {
        let refuse = |parameters| credrank(&graph(), &parameters).unwrap_err();
        for bad in [-0.1, 0.5, 1.1, f64::NAN] {
            let parameters = Parameters { alpha: bad, ..Parameters::default() };
            assert!(matches!(refuse(parameters), CredRankError::BadParameters(_)), "{bad}");
        }
        let refuse = |change: fn(&mut CredGraph)| {
            let mut changed = graph();
            change(&mut changed);
            credrank(&changed, &Parameters::default()).unwrap_err()
        };
        let error = refuse(|graph| graph.nodes[1].mint = -1.0);
        assert_eq!(error, CredRankError::BadMint { address: "review".to_owned(), mint: -1.0 });
        let error = refuse(|graph| graph.edges[2].forwards = f64::INFINITY);
        assert!(matches!(error, CredRankError::BadEdge { place: 2, .. }), "{error}");
        let error = refuse(|graph| graph.edges[1].from = Endpoint::Participant(3));
        assert!(matches!(error, CredRankError::BadEdge { place: 1, .. }), "{error}");
        let error = refuse(|graph| graph.nodes.iter_mut().for_each(|node| node.mint = 0.0));
        assert_eq!(error, CredRankError::NothingMinted);
        let refused = credrank(&CredGraph::default(), &Parameters::default());
        assert_eq!(refused, Err(CredRankError::NoTime));
    }

    /// The figures are those of SourceCred 0.11.2.
    #[test]
    fn sourcecred_finds_the_same() {
        let cred = cred(&graph());
        assert_eq!(cred.week_starts_us, [START_US, START_US + 7 * DAY_US]);
        let expected = [
            [3.628_326_541_069_683_7, 0.403_147_563_028_811_4],
            [0.096_852_436_971_188_64, 0.871_672_045_031_138_4],
            [1.053_699_005_118_896_7e-32; 2],
        ];
        for (participant, expected) in cred.participants.iter().zip(expected) {
            assert_near(participant.by_week[0], expected[0], 1e-12);
            assert_near(participant.by_week[1], expected[1], 1e-12);
            assert_near(participant.total, expected[0] + expected[1], 1e-12);
        }
        let micro = cred.participants.iter().map(ParticipantCred::total_micro);
        assert_eq!(micro.collect::<Vec<_>>(), [4_031_474, 968_524, 0]);
    }

    #[test]
    fn where_no_walk_comes_there_is_no_cred() {
        let mut idle = graph();
        idle.edges.clear();
        let parameters =
            Parameters { gamma_forward: 0.0, gamma_backward: 0.0, ..Parameters::default() };
        let cred = credrank(&idle, &parameters).unwrap();
        assert!(cred.participants.iter().all(|participant| participant.total == 0.0));
    }

    #[test]
    fn the_anchor_says_when_weeks_begin() {
        let week_anchor_us = DAY_US * 4; // a Monday
        let monday = Parameters { week_anchor_us, ..Parameters::default() };
        let starts_us = credrank(&graph(), &monday).unwrap().week_starts_us;
        assert_eq!(starts_us, [START_US + DAY_US, START_US + 8 * DAY_US]);
    }

    prop_compose! {
        /// A graph in which everything has an author.
        fn graphs()(
            nodes in prop::collection::vec((0i64..30, 0u8..5, 0usize..6), 1..30),
            links in prop::collection::vec(
                (0usize..1000, 0usize..1000, 0i64..30, 0u8..5, 0u8..5), 0..60,
            ),
        ) -> CredGraph {
            use Endpoint::{Contribution, Participant};
            let mut graph = CredGraph {
                participants: (0..6).map(|i| i.to_string()).collect(),
                nodes: vec![node("minting", 0, 1.0)],
                edges: vec![edge(Participant(0), Contribution(0), 0, (0.5, 1.0))],
            };
            for (i, (day, mint, author)) in nodes.into_iter().enumerate() {
                graph.nodes.push(node(&i.to_string(), day, f64::from(mint)));
                let to = Contribution(i + 1);
                graph.edges.push(edge(Participant(author), to, day, (0.5, 1.0)));
            }
            for (from, to, day, forwards, backwards) in links {
                let end = |place: usize| match place % (graph.nodes.len() + 6) {
                    place if place < 6 => Participant(place),
                    place => Contribution(place - 6),
                };
                let weights = (f64::from(forwards), f64::from(backwards));
                graph.edges.push(edge(end(from), end(to), day, weights));
            }
            graph
        }
    }

    proptest! {
        #[test]
        fn all_that_is_minted_is_earned(graph in graphs()) {
            let parameters = Parameters {
                convergence_threshold: 1e-15,
                max_iterations: 10_000,
                ..Parameters::default()
            };
            let cred = credrank(&graph, &parameters).unwrap();
            let minted: f64 = graph.nodes.iter().map(|node| node.mint).sum();
            let earned: f64 = cred.participants.iter().map(|participant| participant.total).sum();
            prop_assert!((earned / minted - 1.0).abs() < 1e-9, "{} of {}", earned, minted);
            prop_assert!(cred.participants.iter().all(|participant| participant.total >= 0.0));
        }

        #[test]
        fn the_order_of_nodes_and_edges_makes_no_difference(graph in graphs()) {
            let mut other = graph.clone();
            other.nodes.reverse();
            other.edges.reverse();
            let last = graph.nodes.len() - 1;
            let turn = |end: &mut Endpoint| {
                if let Endpoint::Contribution(place) = end {
                    *place = last - *place;
                }
            };
            other.edges.iter_mut().for_each(|edge| { turn(&mut edge.from); turn(&mut edge.to) });
            let (a, b) = (cred(&graph), cred(&other));
            prop_assert_eq!(a.iterations, b.iterations);
            for (a, b) in a.participants.iter().zip(&b.participants) {
                prop_assert!((a.total - b.total).abs() <= 1e-12 * b.total.abs());
            }
        }
    }
}
