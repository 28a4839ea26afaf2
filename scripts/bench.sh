#!/usr/bin/env bash
# Measures, and writes down what was measured. Benchmarks report; the tests assert.
#
#   scripts/bench.sh chain          compute units, bytes and lamports; writes docs/costs.md
#   scripts/bench.sh chain --json   the same as one JSON object on standard output
#   scripts/bench.sh claim          an epoch of 100,000 members paid on the embedded chain; writes into
#                                   docs/costs.md
#   scripts/bench.sh claim --json   the same as one JSON object on standard output
#   scripts/bench.sh ingest         a large export imported, beside DuckDB; writes into docs/ingest.md
#   scripts/bench.sh ingest --json  the same as one JSON object on standard output
#   scripts/bench.sh tree           an epoch's Merkle tree, beside rs_merkle; writes into docs/tree.md
#   scripts/bench.sh tree --json    the same as one JSON object on standard output
#   scripts/bench.sh weigh          a large epoch's weights, a year beside SourceCred, and the tree; writes
#                                   into docs/weigh.md
#   scripts/bench.sh weigh --json   the same as one JSON object on standard output
#
# INGEST_ROWS is the number of rows of that export, 5,000,000 unless set; it needs 4 GB of disk, and is
# kept in the cache for the next run.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/target}

bench_chain() {
  cargo run --quiet --locked --release -p system-token-tests --example bench_chain -- "$@"
}

bench_claim() {
  # The whole workspace, so that its crates are built with the features that the tests had.
  cargo build --quiet --locked --release --workspace --example bench_claim
  "$CARGO_TARGET_DIR/release/examples/bench_claim"
}

bench_ingest() {
  # shellcheck source=scripts/debian.sh
  source scripts/debian.sh
  # shellcheck source=scripts/python-venv.sh
  source scripts/python-venv.sh
  local venv
  venv=$(python_venv duckdb 'duckdb==2.0.0')
  # The whole workspace, so that its crates are built with the features that the tests had.
  cargo build --quiet --locked --release --workspace --bin stk-oracle
  "$venv/bin/python" -B scripts/ingest/bench.py run --rows "${INGEST_ROWS:-5000000}" \
    --binary "$CARGO_TARGET_DIR/release/stk-oracle" \
    --folder "${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/bench-ingest" "$@"
}

bench_tree() {
  cargo run --quiet --locked --release -p system-token-attestation --example bench_tree -- "$@"
}

# One object of both benchmarks' figures.
bench_weigh() {
  # shellcheck source=scripts/debian.sh
  source scripts/debian.sh
  # shellcheck source=scripts/python-venv.sh
  source scripts/python-venv.sh
  scripts/sourcecred.sh >/dev/null
  local weigh datafusion tree venv rows
  venv=$(python_venv datafusion 'datafusion==55.0.0')
  # The whole workspace, so that its crates are built with the features that the tests had.
  cargo build --quiet --locked --release --workspace --example bench_weigh
  rows=$(mktemp -d)
  weigh=$("$CARGO_TARGET_DIR/release/examples/bench_weigh" "$rows")
  datafusion=$("$venv/bin/python" -B scripts/weigh/datafusion_rows.py "$rows")
  rm -rf "$rows"
  if ! [[ $weigh =~ \"check\":(\[[0-9, ]+\]), && ${datafusion// /} == *"${BASH_REMATCH[1]// /}"* ]]; then
    echo "bench.sh: DataFusion does not find the same: $weigh $datafusion" >&2
    return 1
  fi
  weigh=$(sed -E 's/"check":\[[^]]*\],//' <<<"$weigh")
  datafusion=$(sed -E 's/,"check":\[[^]]*\]//' <<<"$datafusion")
  tree=$(bench_tree --json)
  echo "${weigh%\}},${datafusion:1:-1},${tree#\{}"
}

# Puts the figures of an object between the marks of a page.
write_figures() {
  local page=$1 figures=$2 rows
  rows=$(tr -d '{}"' <<<"$figures" | tr ',' '\n' | awk -F: '{ printf "| `%s` | %s |\n", $1, $2 }')
  awk -v rows="$rows" '
    /^<!-- figures -->$/ { print; print "| figure | value |"; print "|---|---|"; print rows; skip = 1 }
    /^<!-- end -->$/ { skip = 0 }
    !skip && !/^<!-- figures -->$/ { print }
  ' "$page" >"$page.part"
  mv "$page.part" "$page"
}

case "${1:-} ${2:-}" in
  'chain --json') bench_chain --json ;;
  'chain ')
    # The end of the page is the claim benchmark's.
    { bench_chain && echo && sed -n '/^## A whole epoch/,$p' docs/costs.md; } >docs/costs.md.part
    mv docs/costs.md.part docs/costs.md
    ;;
  'claim --json') bench_claim ;;
  'claim ') figures=$(bench_claim) && write_figures docs/costs.md "$figures" ;;
  'ingest --json') bench_ingest --json ;;
  'ingest ') bench_ingest --page docs/ingest.md ;;
  'tree --json') bench_tree --json ;;
  'tree ') bench_tree --page docs/tree.md ;;
  'weigh --json') bench_weigh ;;
  'weigh ') figures=$(bench_weigh) && write_figures docs/weigh.md "$figures" ;;
  *) echo 'bench.sh: usage: scripts/bench.sh chain|claim|ingest|tree|weigh [--json]' >&2; exit 2 ;;
esac
