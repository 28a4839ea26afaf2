#!/usr/bin/env bash
# Installs SourceCred's package, whose CredRank the oracle's tests run beside ours. Kept in
# $SYSTEM_TOKEN_CACHE/sourcecred; repeated runs do nothing.
#
# Only its build for browsers is unpacked, which needs no other package. Some of what the package
# depends on for its server and its site comes from Git repositories, so a whole install needs more
# than the registry.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

readonly SOURCECRED=sourcecred@0.11.2

# shellcheck source=scripts/debian.sh
source scripts/debian.sh

folder=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/sourcecred
[ "$(cat "$folder/installed" 2>/dev/null)" = "$SOURCECRED" ] && exit 0

{ command -v node && command -v npm; } >/dev/null || install_debian nodejs npm
echo "installing $SOURCECRED …" >&2
rm -rf "$folder"
mkdir -p "$folder"
archive=$(npm pack --silent --pack-destination "$folder" "$SOURCECRED")
tar -xzf "$folder/$archive" -C "$folder" --strip-components=1 package/package.json package/dist/client
rm "$folder/$archive"
echo "$SOURCECRED" >"$folder/installed"
