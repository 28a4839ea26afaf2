//! A Markov chain, and where a walk on it is in the long run.
//!
//! π ← π·P, from π = 1/n everywhere, until no component changes by the threshold or more.

/// One step that a walk can take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transition {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) probability: f64,
}

/// The transitions by where they lead.
pub(super) struct Chain {
    /// Where each node's own transitions begin in the other two; one more than nodes.
    starts: Vec<usize>,
    sources: Vec<usize>,
    probabilities: Vec<f64>,
}

impl Chain {
    pub(super) fn new(nodes: usize, transitions: &[Transition]) -> Self {
        let mut starts = vec![0; nodes + 1];
        for transition in transitions {
            starts[transition.to + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut sources = vec![0; transitions.len()];
        let mut probabilities = vec![0.0; transitions.len()];
        for transition in transitions {
            let place = next[transition.to];
            next[transition.to] += 1;
            sources[place] = transition.from;
            probabilities[place] = transition.probability;
        }
        Self { starts, sources, probabilities }
    }

    /// The distribution that the chain no longer changes, and the steps that it took to see that.
    ///
    /// The distribution is the one before the last step, as SourceCred returns it.
    pub(super) fn stationary(&self, threshold: f64, max_iterations: u32) -> (Vec<f64>, u32) {
        let nodes = self.starts.len() - 1;
        let mut now = vec![1.0 / nodes as f64; nodes];
        let mut next = vec![0.0; nodes];
        for iteration in 1..=max_iterations {
            self.step(&now, &mut next);
            let change = now.iter().zip(&next).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            if change < threshold {
                return (now, iteration);
            }
            std::mem::swap(&mut now, &mut next);
        }
        (now, max_iterations)
    }

    fn step(&self, now: &[f64], next: &mut [f64]) {
        for (ends, value) in self.starts.windows(2).zip(next) {
            let incoming = ends[0]..ends[1];
            let sources = &self.sources[incoming.clone()];
            let probabilities = &self.probabilities[incoming];
            *value = sources.iter().zip(probabilities).map(|(from, p)| now[*from] * p).sum();
        }
    }
}
