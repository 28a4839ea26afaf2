#!/usr/bin/env bash
# Installs what the tests need and runs them all: format, lints, the program's artifact and IDL,
# licences and advisories, unit, program and end-to-end tests.
#
#   scripts/test.sh              everything, as CI runs it
#   scripts/test.sh STEP …       some of it: format, scripts, program, idl, lint, docs, deny, tests
#
# Builds go to a cache outside the checkout ($SYSTEM_TOKEN_CACHE, else ~/.cache/system-token), which
# makes repeated runs fast and is never needed.
set -euo pipefail
cd "$(dirname "$0")/.."

export SYSTEM_TOKEN_CACHE=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$SYSTEM_TOKEN_CACHE/target}
readonly CARGO_DENY_VERSION=0.20.2
readonly STEPS=(format scripts program idl lint docs deny tests)

# shellcheck source=scripts/debian.sh
source scripts/debian.sh

# Runs a command on the on-chain program's workspace, which has an own target folder.
in_programs() {
  (cd programs && CARGO_TARGET_DIR=$SYSTEM_TOKEN_CACHE/idl-target "$@")
}

step_format() {
  cargo fmt --all --check
  (cd programs && cargo fmt --all --check -- --config-path ../rustfmt.toml)
}

step_scripts() {
  install_debian shellcheck
  shellcheck --external-sources scripts/*.sh .ci/run
}

step_program() {
  scripts/build-program.sh --check
}

step_idl() {
  scripts/build-idl.sh --check
}

step_lint() {
  cargo clippy --quiet --locked --release --workspace --all-targets -- --deny warnings
  in_programs cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings
}

step_docs() {
  RUSTDOCFLAGS='--deny warnings' cargo doc --quiet --locked --release --workspace --no-deps
}

step_deny() {
  local deny=$SYSTEM_TOKEN_CACHE/cargo-deny-$CARGO_DENY_VERSION/bin/cargo-deny manifest
  if [ ! -x "$deny" ]; then
    echo "building cargo-deny $CARGO_DENY_VERSION …" >&2
    CARGO_TARGET_DIR=$SYSTEM_TOKEN_CACHE/cargo-deny-target cargo install --quiet --locked \
      cargo-deny --version "$CARGO_DENY_VERSION" --no-default-features \
      --root "$SYSTEM_TOKEN_CACHE/cargo-deny-$CARGO_DENY_VERSION"
    rm -rf "$SYSTEM_TOKEN_CACHE/cargo-deny-target"
  fi
  for manifest in Cargo.toml programs/Cargo.toml; do
    "$deny" --manifest-path "$manifest" --config deny.toml --locked check \
      --hide-inclusion-graph licenses bans sources
  done
  # The advisories live in a Git repository: where that cannot be reached, say so and fail only if
  # they are asked for.
  if "$deny" fetch db >/dev/null 2>&1; then
    for manifest in Cargo.toml programs/Cargo.toml; do
      "$deny" --manifest-path "$manifest" --config deny.toml --locked check \
        --hide-inclusion-graph advisories
    done
  else
    echo 'ADVISORIES NOT CHECKED: the RustSec database cannot be fetched from here' >&2
    [ "${REQUIRE_ADVISORIES:-}" != 1 ]
  fi
}

step_tests() {
  # No system library is needed: pkg-config would find none.
  PKG_CONFIG_LIBDIR=/nonexistent cargo test --quiet --locked --release --workspace
  in_programs cargo test --quiet --locked -p system-token
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
