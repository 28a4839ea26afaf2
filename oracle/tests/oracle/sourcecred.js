// SourceCred's own CredRank, by the package that scripts/sourcecred.sh installs.
//
//   node sourcecred.js FOLDER <graph.json >cred.json
//
// FOLDER is the package's; the graph is a CredGraph of oracle/src/simulate as JSON. It prints:
//
//   weekStartsMs   when each week begins, milliseconds
//   participants   { name, total, byWeek } of each participant, in the graph's order
//   apiSeconds     what the package's API took: CredRank, and what it does before and after
//   seconds        what CredRank alone took, once the code is warm: from the graph to the Markov
//                  process, to a Markov chain, to its stationary distribution
//   weights        the GitHub plugin's weights: of its kinds of nodes and of edges, by name
"use strict";
const fs = require("fs");
const path = require("path");
const { performance } = require("perf_hooks");

// The build for browsers needs no other package.
const sourcecred = require(path.resolve(process.argv[2], "dist/client/api.js"));
const { Graph, NodeAddress, EdgeAddress } = sourcecred.core.graph;
const { Ledger } = sourcecred.ledger.ledger;

const input = JSON.parse(fs.readFileSync(0, "utf8"));

// No address begins with another one: weights hold for all that an address begins.
const nodeAddress = (place) => NodeAddress.fromParts(["system-token", String(place)]);
const edgeAddress = (place) => EdgeAddress.fromParts(["system-token", String(place)]);

function ledgerOf(names) {
  const ledger = new Ledger();
  names.forEach((_, place) => ledger.createIdentity("USER", `participant-${place}`));
  return { ledger, identities: ledger.accounts().map((account) => account.identity) };
}

function weightedGraphOf({ nodes, edges }, identities) {
  const graph = new Graph();
  const weights = sourcecred.core.weights.empty();
  const toMs = (us) => (us === null ? null : Math.floor(us / 1000));
  identities.forEach(({ address, name }) => {
    graph.addNode({ address, description: name, timestampMs: null });
  });
  nodes.forEach(({ address, at_us, mint }, place) => {
    graph.addNode({ address: nodeAddress(place), description: address, timestampMs: toMs(at_us) });
    weights.nodeWeights.set(nodeAddress(place), mint);
  });
  const end = ({ participant, contribution }) =>
    participant === undefined ? nodeAddress(contribution) : identities[participant].address;
  edges.forEach(({ from, to, at_us, forwards, backwards }, place) => {
    const address = edgeAddress(place);
    graph.addEdge({ address, src: end(from), dst: end(to), timestampMs: toMs(at_us) });
    weights.edgeWeights.set(address, { forwards, backwards });
  });
  return { graph, weights };
}

async function timed(work) {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

// What core/credrank/compute.js does. The package does not export it: its class comes from a result.
async function credrankAlone(weightedGraph, credGraph) {
  const MarkovProcessGraph = credGraph._mpg.constructor;
  const markovProcess = MarkovProcessGraph.new({
    weightedGraph,
    participants: credGraph._mpg.participants(),
    parameters: credGraph._mpg.parameters(),
    intervals: credGraph.intervals(),
    personalAttributions: [],
  });
  const { chain, nodeOrder } = markovProcess.toMarkovChain();
  const uniform = new Float64Array(nodeOrder.length).fill(1 / nodeOrder.length);
  return sourcecred.core.algorithm.markovChain.findStationaryDistribution(
    { chain, pi0: uniform, seed: uniform, alpha: 0 },
    { maxIterations: 255, convergenceThreshold: 1e-7, yieldAfterMs: 30, verbose: false }
  );
}

function pluginWeights() {
  const { nodeTypes, edgeTypes } = sourcecred.plugins.github.declaration.declaration;
  const byName = (types, name) => Object.fromEntries(types.map((t) => [t[name], t.defaultWeight]));
  return { nodes: byName(nodeTypes, "name"), edges: byName(edgeTypes, "forwardName") };
}

(async () => {
  const { ledger, identities } = ledgerOf(input.participants);
  const weightedGraph = weightedGraphOf(input, identities);
  const [{ credGraph }, apiSeconds] = await timed(() =>
    sourcecred.api.credrank.credrank({
      pluginGraphs: [weightedGraph],
      ledger,
      dependencies: [],
      weightOverrides: sourcecred.core.weights.empty(),
      pluginsBudget: null,
      personalAttributions: [],
    })
  );
  const [, seconds] = await timed(() => credrankAlone(weightedGraph, credGraph));
  const cred = new Map(Array.from(credGraph.participants()).map((p) => [p.id, p]));
  const participants = identities.map(({ id }, place) => ({
    name: input.participants[place],
    total: cred.get(id).cred,
    byWeek: cred.get(id).credPerInterval,
  }));
  const weekStartsMs = credGraph.intervals().map((interval) => interval.startTimeMs);
  console.log(
    JSON.stringify({ weekStartsMs, participants, apiSeconds, seconds, weights: pluginWeights() })
  );
})();
