#!/usr/bin/env bash
# PostHog's Query API for tests, in front of a real ClickHouse engine: tests/posthog-double.
#
#   scripts/posthog-double.sh             prints `listening on PORT`; stops when standard input ends
#   scripts/posthog-double.sh --install   only installs what it needs, once
#
# The engine (chdb, pinned in tests/posthog-double/requirements.txt) goes to $SYSTEM_TOKEN_CACHE, else
# ~/.cache/system-token.
set -euo pipefail
cd "$(dirname "$0")/../tests/posthog-double"

cache=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}
wanted=$(sha256sum requirements.txt | cut -c 1-16)
venv=$cache/posthog-double-$wanted

if [ ! -e "$venv/installed" ]; then
  mkdir -p "$cache"
  (
    flock 9
    [ ! -e "$venv/installed" ] || exit 0
    echo 'installing the ClickHouse engine …' >&2
    rm -rf "$venv"
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r requirements.txt >&2
    touch "$venv/installed"
  ) 9>"$cache/posthog-double.lock"
fi

[ "${1:-}" = --install ] || exec "$venv/bin/python" -B server.py
