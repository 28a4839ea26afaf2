#!/usr/bin/env bash
# Installs a browser and what looks at pages in it, for the tests of the report: Debian's Chromium,
# playwright-core (drives it), html-validate (markup) and axe-core (accessibility). They go to the
# cache, once for each version.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

readonly PLAYWRIGHT=playwright-core@1.65.1
readonly HTML_VALIDATE=html-validate@10.17.0
readonly AXE=axe-core@4.14.1

# shellcheck source=scripts/debian.sh
source scripts/debian.sh

install_debian chromium
folder=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/browser
wanted="$PLAYWRIGHT $HTML_VALIDATE $AXE"
[ "$(cat "$folder/installed" 2>/dev/null)" = "$wanted" ] && exit 0

command -v npm >/dev/null || install_debian nodejs npm
echo "installing $wanted …" >&2
rm -rf "$folder"
mkdir -p "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" \
  "$PLAYWRIGHT" "$HTML_VALIDATE" "$AXE" >&2
echo "$wanted" >"$folder/installed"
