#!/usr/bin/env bash
# Generates the program's IDL from its source, by the builder that `anchor idl build` uses.
#
#   scripts/build-idl.sh           write idl/system_token.json
#   scripts/build-idl.sh --check   fail unless the committed IDL is what the source generates
set -euo pipefail
cd "$(dirname "$0")/.."

readonly IDL=idl/system_token.json
readonly CACHE=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}

check=false
case ${1:-} in
  '') ;;
  --check) check=true ;;
  *) echo "build-idl.sh: unknown option $1; see the head of this file" >&2; exit 2 ;;
esac

generated=$(mktemp)
trap 'rm -f "$generated"' EXIT
(cd programs && CARGO_TARGET_DIR=$CACHE/idl-target \
  cargo run --quiet --locked -p system-token-idl -- "$PWD/system-token" >"$generated")

if ! $check; then
  mkdir -p "$(dirname "$IDL")"
  cp "$generated" "$IDL"
elif ! diff -u "$IDL" "$generated" >&2; then
  echo "build-idl.sh: $IDL is not what the program generates: run scripts/build-idl.sh and commit it" >&2
  exit 1
else
  echo "$IDL is what the program generates" >&2
fi
