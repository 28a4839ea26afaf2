#!/usr/bin/env bash
# Installs what the tests need and runs them all: format, lints, the program's artifact and IDL,
# licences and advisories, unit, program and end-to-end tests, the binary on a network that speaks
# real JSON-RPC, and a short run of the fuzzer.
#
#   scripts/test.sh              everything, as CI runs it
#   scripts/test.sh STEP …       some of it: format, scripts, program, idl, lint, docs, deny,
#                                counterparts, tests, rpc, fuzz
#
# FUZZ_RUNS is the number of inputs for each fuzz target, 200,000 unless set.
#
# Builds go to a cache outside the checkout ($SYSTEM_TOKEN_CACHE, else ~/.cache/system-token), which
# makes repeated runs fast and is never needed.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

export SYSTEM_TOKEN_CACHE=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$SYSTEM_TOKEN_CACHE/target}
readonly CARGO_DENY_VERSION=0.20.2
readonly CARGO_FUZZ_VERSION=0.13.2
readonly STEPS=(format scripts program idl lint docs deny counterparts tests rpc fuzz)

# shellcheck source=scripts/debian.sh
source scripts/debian.sh

# Runs a command on the on-chain program's workspace, which has an own target folder.
in_programs() {
  (cd programs && CARGO_TARGET_DIR=$SYSTEM_TOKEN_CACHE/idl-target "$@")
}

# Runs a command on the network's tests, a workspace of their own too.
in_rpc() {
  (cd tests/rpc && CARGO_TARGET_DIR=$SYSTEM_TOKEN_CACHE/rpc-target "$@")
}

# Installs a cargo command into the cache, once for each version, and names its binary.
cargo_tool() {
  local name=$1 version=$2 root=$SYSTEM_TOKEN_CACHE/$1-$2
  shift 2
  if [ ! -x "$root/bin/$name" ]; then
    echo "building $name $version …" >&2
    CARGO_TARGET_DIR=$SYSTEM_TOKEN_CACHE/$name-target cargo install --quiet --locked "$name" \
      --version "$version" "$@" --root "$root" >&2
    rm -rf "$SYSTEM_TOKEN_CACHE/$name-target"
  fi
  echo "$root/bin/$name"
}

step_format() {
  cargo fmt --all --check
  (cd programs && cargo fmt --all --check -- --config-path ../rustfmt.toml)
  (cd programs/system-token/fuzz && cargo fmt --check -- --config-path ../../../rustfmt.toml)
  (cd tests/rpc && cargo fmt --check -- --config-path ../../rustfmt.toml)
}

step_scripts() {
  install_debian shellcheck systemd
  shellcheck --external-sources scripts/*.sh .ci/run
  # The units, with something in the place of what they start. Whatever is said of them is a fault.
  local units said
  units=$(mktemp -d)
  cp examples/systemd/* "$units"
  sed -i 's|/usr/local/bin/stk-oracle|/bin/true|' "$units"/*.service
  said=$(systemd-analyze verify --man=no "$units"/* 2>&1) || true
  rm -rf "$units"
  [ -z "$said" ] || { echo "$said" >&2; return 1; }
}

step_program() {
  scripts/build-program.sh --check
}

step_idl() {
  scripts/build-idl.sh --check
}

step_lint() {
  cargo clippy --quiet --locked --release --workspace --all-targets -- --deny warnings
  # The oracle's library without its service, as the network's tests have it, and with the log alone.
  local features
  for features in '' store; do
    cargo clippy --quiet --locked --release -p system-token-oracle --lib --no-default-features \
      --features "$features" -- --deny warnings
  done
  in_programs cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings
  install_debian g++ # the fuzzer's runtime is C++
  in_programs cargo clippy --quiet --locked --manifest-path system-token/fuzz/Cargo.toml \
    -- --deny warnings
}

step_docs() {
  RUSTDOCFLAGS='--deny warnings' cargo doc --quiet --locked --release --workspace --no-deps
}

step_deny() {
  local deny manifest manifests=(Cargo.toml programs/Cargo.toml programs/system-token/fuzz/Cargo.toml)
  deny=$(cargo_tool cargo-deny "$CARGO_DENY_VERSION" --no-default-features)
  for manifest in "${manifests[@]}" tests/rpc/Cargo.toml; do
    "$deny" --manifest-path "$manifest" --config deny.toml --locked check \
      --hide-inclusion-graph --allow unused-wrapper licenses bans sources
  done
  # The advisories live in a Git repository: where that cannot be reached, say so and fail only if
  # they are asked for. The network of tests/rpc, which nothing that is shipped contains, is not asked
  # about: its crates are not ours to replace.
  if "$deny" fetch db >/dev/null 2>&1; then
    for manifest in "${manifests[@]}"; do
      "$deny" --manifest-path "$manifest" --config deny.toml --locked check \
        --hide-inclusion-graph advisories
    done
  else
    echo 'ADVISORIES NOT CHECKED: the RustSec database cannot be fetched from here' >&2
    [ "${REQUIRE_ADVISORIES:-}" != 1 ]
  fi
}

# What the oracle's tests talk to, each as its users have it: a PostgreSQL server, a ClickHouse engine
# behind PostHog's Query API, PostHog's clients, an S3 server, libraries that wallets sign with;
# SourceCred, which its scoring is compared with; and the browser that opens the report.
step_counterparts() {
  install_debian postgresql
  scripts/posthog-double.sh --install
  scripts/sdk-clients.sh
  scripts/wallet-clients.sh
  scripts/schema-validator.sh
  scripts/sourcecred.sh
  scripts/s3-server.sh >/dev/null
  scripts/browser.sh
}

step_tests() {
  # No system library is needed: pkg-config would find none.
  PKG_CONFIG_LIBDIR=/nonexistent cargo test --quiet --locked --release --workspace
  in_programs cargo test --quiet --locked -p system-token
}

step_rpc() {
  # The whole workspace, so that its crates are built with the features that the tests had.
  PKG_CONFIG_LIBDIR=/nonexistent cargo build --quiet --locked --release --workspace --bin stk \
    --bin stk-oracle
  install_debian make perl # the network verifies secp256r1 too, by OpenSSL
  echo 'building the network, a thousand crates …' >&2
  # Clippy as the compiler of the test alone: a check of its own would build the thousand again.
  STK=$CARGO_TARGET_DIR/release/stk STK_ORACLE_BIN=$CARGO_TARGET_DIR/release/stk-oracle \
    RUSTC_WORKSPACE_WRAPPER=clippy-driver in_rpc cargo test --quiet --locked
}

step_fuzz() {
  install_debian g++
  local fuzz target grown runs=${FUZZ_RUNS:-200000}
  fuzz=$(cargo_tool cargo-fuzz "$CARGO_FUZZ_VERSION")
  # Inputs of one run are never kept for the next, so the same seed makes the same run.
  grown=$(mktemp -d)
  (
    cd programs/system-token
    cargo fetch --quiet --locked --manifest-path fuzz/Cargo.toml
    # Without the address sanitizer, which needs a nightly compiler: debug assertions and overflow
    # checks are on.
    local options=(--sanitizer none --target-dir "$SYSTEM_TOKEN_CACHE/fuzz-target")
    echo 'building the fuzz targets …' >&2
    "$fuzz" build "${options[@]}" 2>"$grown/log" || { cat "$grown/log" >&2; exit 1; }
    for target in $("$fuzz" list); do
      mkdir "$grown/$target"
      # 1,232 bytes: no transaction is longer.
      if ! "$fuzz" run "${options[@]}" "$target" "$grown/$target" "fuzz/corpus/$target" -- \
          -runs="$runs" -seed=1 -max_len=1232 >"$grown/log" 2>&1; then
        cat "$grown/log" >&2
        exit 1
      fi
      echo "$target: $runs inputs, $(find "$grown/$target" -type f | wc -l) of them reach new code" >&2
    done
  )
  rm -rf "$grown"
}

for step in "${@:-${STEPS[@]}}"; do
  case " ${STEPS[*]} " in
    *" $step "*) ;;
    *) echo "test.sh: no step $step; there are ${STEPS[*]}" >&2; exit 2 ;;
  esac
  echo "== $step" >&2
  SECONDS=0
  "step_$step"
  echo "== $step passed in ${SECONDS} s" >&2
done
