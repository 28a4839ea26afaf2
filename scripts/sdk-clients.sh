#!/usr/bin/env bash
# Installs PostHog's own clients for Python and Node and the Standard Webhooks library, which the
# oracle's tests let talk to `stk-oracle serve`. Kept in $SYSTEM_TOKEN_CACHE/sdk-clients; repeated
# runs do nothing.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

readonly POSTHOG_PYTHON=posthog==7.91.1
readonly STANDARD_WEBHOOKS=standardwebhooks==1.1.0
readonly POSTHOG_NODE=posthog-node@5.70.0

# shellcheck source=scripts/debian.sh
source scripts/debian.sh

folder=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/sdk-clients
wanted="$POSTHOG_PYTHON $STANDARD_WEBHOOKS $POSTHOG_NODE"
[ "$(cat "$folder/installed" 2>/dev/null)" = "$wanted" ] && exit 0

command -v python3 >/dev/null || install_debian python3
python3 -c 'import venv, ensurepip' 2>/dev/null || install_debian python3-venv
command -v npm >/dev/null || install_debian nodejs npm
echo "installing $wanted …" >&2
rm -rf "$folder"
mkdir -p "$folder"
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check \
  "$POSTHOG_PYTHON" "$STANDARD_WEBHOOKS" >&2
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "$POSTHOG_NODE" >&2
echo "$wanted" >"$folder/installed"
