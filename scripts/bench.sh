#!/usr/bin/env bash
# Measures, and writes down what was measured. Benchmarks report; the tests assert.
#
#   scripts/bench.sh chain          compute units, bytes and lamports; writes docs/costs.md
#   scripts/bench.sh chain --json   the same as one JSON object on standard output
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/target}

bench_chain() {
  cargo run --quiet --locked --release -p system-token-tests --example bench_chain -- "$@"
}

case "${1:-} ${2:-}" in
  'chain --json') bench_chain --json ;;
  'chain ') bench_chain >docs/costs.md.part && mv docs/costs.md.part docs/costs.md ;;
  *) echo 'bench.sh: usage: scripts/bench.sh chain [--json]' >&2; exit 2 ;;
esac
