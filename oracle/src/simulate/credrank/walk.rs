//! Where the walk can go, and with what probabilities: CredRank's graph as a Markov chain.

use super::Parameters;
use super::chain::Transition;
use super::graph::{CredGraph, Endpoint};
use super::weeks::Weeks;

/// The walk's nodes, by number: the contributions, the seed, then for each week its accumulator and
/// its participants.
pub(super) struct Walk<'a> {
    pub(super) graph: &'a CredGraph,
    pub(super) parameters: &'a Parameters,
    pub(super) weeks: Weeks,
}

impl Walk<'_> {
    fn seed(&self) -> usize {
        self.graph.nodes.len()
    }

    pub(super) fn accumulator(&self, week: usize) -> usize {
        self.seed() + 1 + week * (self.graph.participants.len() + 1)
    }

    pub(super) fn participant(&self, participant: usize, week: usize) -> usize {
        self.accumulator(week) + 1 + participant
    }

    pub(super) fn nodes(&self) -> usize {
        self.accumulator(self.weeks.count())
    }

    fn end(&self, end: Endpoint, at_us: i64) -> usize {
        match end {
            Endpoint::Participant(place) => self.participant(place, self.weeks.place(at_us)),
            Endpoint::Contribution(place) => place,
        }
    }

    pub(super) fn transitions(&self, minted: f64) -> Vec<Transition> {
        let mut transitions = self.edge_transitions();
        self.add_participants(&mut transitions);
        self.add_radiation(&mut transitions);
        let minting = self.graph.nodes.iter().enumerate().filter(|(_, node)| node.mint > 0.0);
        transitions.extend(minting.map(|(place, node)| Transition {
            from: self.seed(),
            to: place,
            probability: node.mint / minted,
        }));
        transitions
    }

    /// Along the graph's edges, either way, in proportion to their weights.
    fn edge_transitions(&self) -> Vec<Transition> {
        let mut transitions = Vec::with_capacity(self.graph.edges.len() * 2);
        let mut out_weights = vec![0.0; self.nodes()];
        for edge in &self.graph.edges {
            let (from, to) = (self.end(edge.from, edge.at_us), self.end(edge.to, edge.at_us));
            for (from, to, weight) in [(from, to, edge.forwards), (to, from, edge.backwards)] {
                if weight > 0.0 {
                    out_weights[from] += weight;
                    transitions.push(Transition { from, to, probability: weight });
                }
            }
        }
        for transition in &mut transitions {
            let is_contribution = transition.from < self.seed();
            let all = if is_contribution {
                1.0 - self.parameters.alpha
            } else {
                self.parameters.for_edges()
            };
            transition.probability = transition.probability / out_weights[transition.from] * all;
        }
        transitions
    }

    /// From participants' weeks to the accumulators and to the weeks beside them.
    fn add_participants(&self, transitions: &mut Vec<Transition>) {
        let Parameters { beta, gamma_forward, gamma_backward, .. } = *self.parameters;
        let last = self.weeks.count() - 1;
        for week in 0..=last {
            for participant in 0..self.graph.participants.len() {
                let from = self.participant(participant, week);
                let ways = [
                    (self.accumulator(week), beta),
                    (self.participant(participant, (week + 1).min(last)), gamma_forward),
                    (self.participant(participant, week.saturating_sub(1)), gamma_backward),
                ];
                transitions.extend(ways.map(|(to, probability)| Transition {
                    from,
                    to,
                    probability,
                }));
            }
        }
    }

    /// From everywhere to the seed, with the probability that is left.
    fn add_radiation(&self, transitions: &mut Vec<Transition>) {
        let mut left = vec![1.0; self.nodes()];
        for transition in &*transitions {
            left[transition.from] -= transition.probability;
        }
        let to = self.seed();
        let radiating = left.into_iter().enumerate().filter(|(from, _)| *from != to);
        transitions.extend(radiating.map(|(from, probability)| Transition {
            from,
            to,
            probability,
        }));
    }
}
