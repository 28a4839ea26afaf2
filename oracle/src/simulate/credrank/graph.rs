//! The graph that cred flows on: contributions, who made them, and how they refer to one another.
//!
//! It is built as SourceCred's GitHub plugin builds its own, with that plugin's default weights: a
//! merged pull request mints 4 and a review 1, nothing else mints. Commits are what pull requests are
//! merged as; repositories are the events' `space`. References to what no event created are left out,
//! as the plugin leaves them out, and so are reactions other than the four it knows.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use crate::ingest::Event;

/// Contributions, participants and the edges between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CredGraph {
    /// Who can earn cred.
    pub participants: Vec<String>,
    /// What was contributed.
    pub nodes: Vec<ContributionNode>,
    /// What connects them.
    pub edges: Vec<ContributionEdge>,
}

/// One contribution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContributionNode {
    /// What it is called; no two nodes are called the same.
    pub address: String,
    /// When it was made, UTC microseconds; `None` for what has no time.
    pub at_us: Option<i64>,
    /// How much cred it mints.
    pub mint: f64,
}

/// A connection that cred flows along, both ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContributionEdge {
    /// Where it begins.
    pub from: Endpoint,
    /// Where it ends.
    pub to: Endpoint,
    /// When it was made, UTC microseconds: which of a participant's weeks it belongs to.
    pub at_us: i64,
    /// How strongly cred flows from its beginning to its end.
    pub forwards: f64,
    /// How strongly cred flows from its end to its beginning.
    pub backwards: f64,
}

/// One end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// Place in [`CredGraph::participants`].
    Participant(usize),
    /// Place in [`CredGraph::nodes`].
    Contribution(usize),
}

/// A kind of edge, and its weights by default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdgeKind {
    /// Its name in SourceCred's GitHub plugin.
    pub name: &'static str,
    /// How strongly cred flows along it.
    pub forwards: f64,
    /// How strongly cred flows against it.
    pub backwards: f64,
}

/// From a participant to what they wrote.
pub const AUTHORS: EdgeKind = EdgeKind { name: "authors", forwards: 0.5, backwards: 1.0 };
/// From a comment or review to its topic, from an issue or pull request to its repository.
pub const HAS_PARENT: EdgeKind = EdgeKind { name: "has parent", forwards: 1.0, backwards: 0.25 };
/// From a pull request to the commit that it was merged as.
pub const MERGES: EdgeKind = EdgeKind { name: "merges", forwards: 0.5, backwards: 1.0 };
/// From a text to what it refers to.
pub const REFERENCES: EdgeKind = EdgeKind { name: "references", forwards: 1.0, backwards: 0.0 };
/// From a participant to what they reacted to, by the event's `reaction`.
pub const REACTIONS: [(&str, EdgeKind); 4] = [
    ("thumbs_up", EdgeKind { name: "reacted 👍 to", forwards: 1.0, backwards: 0.0 }),
    ("heart", EdgeKind { name: "reacted ❤️ to", forwards: 2.0, backwards: 0.0 }),
    ("hooray", EdgeKind { name: "reacted 🎉 to", forwards: 4.0, backwards: 0.0 }),
    ("rocket", EdgeKind { name: "reacted 🚀 to", forwards: 1.0, backwards: 0.0 }),
];
/// What a merged pull request mints; one that is not merged mints nothing.
pub const PULL_MINT: f64 = 4.0;
/// What a review mints.
pub const REVIEW_MINT: f64 = 1.0;

impl CredGraph {
    /// The graph of a community's events; its participants are their actors, sorted.
    ///
    /// Of two events that create the same artifact the first counts, in the order given. A pull request
    /// that was merged without being opened is its merge's actor's.
    pub fn from_events(events: &[Event]) -> Self {
        let mut builder = Builder::new(events);
        // What is referred to may come later in time than what refers to it.
        for event in events {
            builder.add_contribution(event);
        }
        for event in events {
            builder.add_edges(event);
        }
        builder.graph
    }
}

struct Builder<'a> {
    graph: CredGraph,
    participants: BTreeMap<&'a str, usize>,
    by_address: HashMap<String, usize>,
    known_edges: HashSet<(&'static str, Endpoint, Endpoint)>,
}

impl<'a> Builder<'a> {
    fn new(events: &'a [Event]) -> Self {
        let mut participants: BTreeMap<&str, usize> =
            events.iter().map(|event| (event.actor.as_str(), 0)).collect();
        for (place, (_, participant)) in participants.iter_mut().enumerate() {
            *participant = place;
        }
        let names = participants.keys().map(|name| (*name).to_owned()).collect();
        Self {
            graph: CredGraph { participants: names, ..CredGraph::default() },
            participants,
            by_address: HashMap::new(),
            known_edges: HashSet::new(),
        }
    }

    fn add_contribution(&mut self, event: &Event) {
        let Some(artifact) = event.text("artifact") else {
            return;
        };
        match event.name.as_str() {
            "issue_opened" | "comment_created" => self.add_post(event, artifact, 0.0),
            "pull_opened" => self.add_post(event, artifact, 0.0),
            "review_submitted" => self.add_post(event, artifact, REVIEW_MINT),
            "pull_merged" => {
                self.add_post(event, artifact, 0.0);
                self.graph.nodes[self.by_address[&post(artifact)]].mint = PULL_MINT;
                self.add_authored(event, commit(artifact), 0.0);
            }
            _ => {}
        }
    }

    fn add_post(&mut self, event: &Event, artifact: &str, mint: f64) {
        self.add_authored(event, post(artifact), mint);
    }

    /// Adds what the event's actor wrote, unless it is known.
    fn add_authored(&mut self, event: &Event, address: String, mint: f64) {
        if let Some(node) = self.add_node(address, Some(event.at_us), mint) {
            let author = self.actor(event);
            self.add_edge(&AUTHORS, author, node, event.at_us);
        }
    }

    /// Adds a node, unless it is known.
    fn add_node(&mut self, address: String, at_us: Option<i64>, mint: f64) -> Option<Endpoint> {
        if self.by_address.contains_key(&address) {
            return None;
        }
        let place = self.graph.nodes.len();
        self.by_address.insert(address.clone(), place);
        self.graph.nodes.push(ContributionNode { address, at_us, mint });
        Some(Endpoint::Contribution(place))
    }

    fn add_edges(&mut self, event: &Event) {
        match event.name.as_str() {
            "issue_opened" | "pull_opened" => self.add_repository(event),
            "pull_merged" => {
                self.add_repository(event);
                let artifact = event.text("artifact").unwrap_or_default();
                let ends = (self.find(&post(artifact)), self.find(&commit(artifact)));
                self.add_edge_between(&MERGES, ends, event);
            }
            "review_submitted" | "comment_created" => {
                self.add_edge_between(&HAS_PARENT, self.artifact_and_target(event), event);
            }
            "reference_created" => {
                self.add_edge_between(&REFERENCES, self.artifact_and_target(event), event);
            }
            "reaction_added" => {
                let reaction = event.text("reaction");
                if let Some((_, kind)) = REACTIONS.iter().find(|(name, _)| Some(*name) == reaction)
                {
                    let (_, target) = self.artifact_and_target(event);
                    self.add_edge_between(kind, (Some(self.actor(event)), target), event);
                }
            }
            _ => {}
        }
    }

    /// Puts a topic into its repository.
    fn add_repository(&mut self, event: &Event) {
        let (Some(artifact), Some(space)) = (event.text("artifact"), event.text("space")) else {
            return;
        };
        let address = format!("repository/{space}");
        self.add_node(address.clone(), None, 0.0);
        let ends = (self.find(&post(artifact)), self.find(&address));
        self.add_edge_between(&HAS_PARENT, ends, event);
    }

    /// Adds an edge if both of its ends are known.
    fn add_edge_between(
        &mut self,
        kind: &EdgeKind,
        ends: (Option<Endpoint>, Option<Endpoint>),
        event: &Event,
    ) {
        if let (Some(from), Some(to)) = ends {
            self.add_edge(kind, from, to, event.at_us);
        }
    }

    /// Adds an edge; one of its kind between two ends counts once.
    fn add_edge(&mut self, kind: &EdgeKind, from: Endpoint, to: Endpoint, at_us: i64) {
        if self.known_edges.insert((kind.name, from, to)) {
            let EdgeKind { forwards, backwards, .. } = *kind;
            self.graph.edges.push(ContributionEdge { from, to, at_us, forwards, backwards });
        }
    }

    fn actor(&self, event: &Event) -> Endpoint {
        Endpoint::Participant(self.participants[event.actor.as_str()])
    }

    fn artifact_and_target(&self, event: &Event) -> (Option<Endpoint>, Option<Endpoint>) {
        let find = |property| self.find(&post(event.text(property)?));
        (find("artifact"), find("target"))
    }

    fn find(&self, address: &str) -> Option<Endpoint> {
        self.by_address.get(address).copied().map(Endpoint::Contribution)
    }
}

/// The address of an issue, pull request, review or comment.
fn post(artifact: &str) -> String {
    format!("post/{artifact}")
}

/// The address of the commit that a pull request was merged as.
fn commit(pull: &str) -> String {
    format!("commit/{pull}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(at_us: i64, actor: &str, name: &str, properties: serde_json::Value) -> Event {
        Event {
            at_us,
            source: "tool".into(),
            external_id: at_us.to_string(),
            name: name.into(),
            actor: actor.into(),
            properties: serde_json::from_value(properties).unwrap(),
        }
    }

    /// An issue, a pull request that refers to it and is merged, a review, a comment and a reaction.
    fn story() -> Vec<Event> {
        vec![
            event(1, "ann", "issue_opened", json!({ "artifact": "x#1", "space": "x" })),
            event(2, "bob", "pull_opened", json!({ "artifact": "x#2", "space": "x" })),
            event(2, "bob", "reference_created", json!({ "artifact": "x#2", "target": "x#1" })),
            event(3, "eve", "review_submitted", json!({ "artifact": "x#2/r", "target": "x#2" })),
            event(4, "bob", "comment_created", json!({ "artifact": "x#2/r/c", "target": "x#2/r" })),
            event(5, "ann", "reaction_added", json!({ "target": "x#2/r/c", "reaction": "hooray" })),
            event(6, "bob", "pull_merged", json!({ "artifact": "x#2", "space": "x" })),
        ]
    }

    /// The edges by the names of their ends.
    fn edges(graph: &CredGraph) -> Vec<(&str, &str, i64, f64, f64)> {
        let name = |end| match end {
            Endpoint::Participant(place) => graph.participants[place].as_str(),
            Endpoint::Contribution(place) => graph.nodes[place].address.as_str(),
        };
        let named = graph.edges.iter();
        named.map(|e| (name(e.from), name(e.to), e.at_us, e.forwards, e.backwards)).collect()
    }

    #[test]
    fn a_communitys_events_become_its_graph() {
        let graph = CredGraph::from_events(&story());
        assert_eq!(graph.participants, ["ann", "bob", "eve"]);
        let nodes: Vec<_> =
            graph.nodes.iter().map(|n| (n.address.as_str(), n.at_us, n.mint)).collect();
        let expected = [
            ("post/x#1", Some(1), 0.0),
            ("post/x#2", Some(2), 4.0),
            ("post/x#2/r", Some(3), 1.0),
            ("post/x#2/r/c", Some(4), 0.0),
            ("commit/x#2", Some(6), 0.0),
            ("repository/x", None, 0.0),
        ];
        assert_eq!(nodes, expected);
        let expected = [
            ("ann", "post/x#1", 1, 0.5, 1.0),
            ("bob", "post/x#2", 2, 0.5, 1.0),
            ("eve", "post/x#2/r", 3, 0.5, 1.0),
            ("bob", "post/x#2/r/c", 4, 0.5, 1.0),
            ("bob", "commit/x#2", 6, 0.5, 1.0),
            ("post/x#1", "repository/x", 1, 1.0, 0.25),
            ("post/x#2", "repository/x", 2, 1.0, 0.25),
            ("post/x#2", "post/x#1", 2, 1.0, 0.0),
            ("post/x#2/r", "post/x#2", 3, 1.0, 0.25),
            ("post/x#2/r/c", "post/x#2/r", 4, 1.0, 0.25),
            ("ann", "post/x#2/r/c", 5, 4.0, 0.0),
            ("post/x#2", "commit/x#2", 6, 0.5, 1.0),
        ];
        assert_eq!(edges(&graph), expected);
    }

    #[test]
    fn what_leads_nowhere_or_comes_again_adds_nothing() {
        let graph = CredGraph::from_events(&story());
        let mut more = story();
        more.extend([
            event(7, "eve", "issue_opened", json!({ "artifact": "x#1", "space": "x" })),
            event(8, "ann", "reaction_added", json!({ "target": "x#2/r/c", "reaction": "hooray" })),
            event(9, "ann", "reaction_added", json!({ "target": "x#2", "reaction": "laugh" })),
            event(10, "ann", "reaction_added", json!({ "target": "y#1", "reaction": "heart" })),
            event(11, "bob", "reference_created", json!({ "artifact": "x#2", "target": "y#1" })),
            event(12, "bob", "comment_created", json!({ "target": "x#1" })),
            event(13, "bob", "pull_merged", json!({ "artifact": 2 })),
            event(14, "eve", "page_viewed", json!({ "artifact": "x#1" })),
        ]);
        assert_eq!(CredGraph::from_events(&more), graph);
    }

    #[test]
    fn what_is_referred_to_may_come_later() {
        let graph = CredGraph::from_events(&[
            event(1, "bob", "reference_created", json!({ "artifact": "x#2", "target": "x#1" })),
            event(2, "bob", "pull_merged", json!({ "artifact": "x#2" })),
            event(3, "ann", "issue_opened", json!({ "artifact": "x#1" })),
        ]);
        let expected = [
            ("bob", "post/x#2", 2, 0.5, 1.0),
            ("bob", "commit/x#2", 2, 0.5, 1.0),
            ("ann", "post/x#1", 3, 0.5, 1.0),
            ("post/x#2", "post/x#1", 1, 1.0, 0.0),
            ("post/x#2", "commit/x#2", 2, 0.5, 1.0),
        ];
        assert_eq!(edges(&graph), expected);
    }
}
