#!/usr/bin/env bash
# Installs the libraries with which wallets sign, for the tests to hold ours against: PyNaCl (libsodium)
# and @solana/kit. They go to the cache, once for each version.

readonly PYNACL_VERSION=1.6.2
readonly BASE58_VERSION=2.1.1
readonly SOLANA_KIT_VERSION=8.4.0

# Needs install_debian of scripts/debian.sh.
install_wallet_clients() {
  local folder=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/wallet-clients
  local versions="pynacl $PYNACL_VERSION base58 $BASE58_VERSION kit $SOLANA_KIT_VERSION"
  if [ "$(cat "$folder/versions" 2>/dev/null)" = "$versions" ]; then
    return
  fi
  python3 -c 'import ensurepip, venv' 2>/dev/null || install_debian python3-venv
  { command -v node && command -v npm; } >/dev/null || install_debian nodejs npm
  rm -rf "$folder"
  mkdir -p "$folder/node"
  python3 -m venv "$folder/python"
  "$folder/python/bin/pip" install --quiet --disable-pip-version-check \
    "PyNaCl==$PYNACL_VERSION" "base58==$BASE58_VERSION"
  echo '{ "private": true }' >"$folder/node/package.json"
  npm install --prefix "$folder/node" --save-exact --no-audit --no-fund --silent \
    "@solana/kit@$SOLANA_KIT_VERSION"
  echo "$versions" >"$folder/versions"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  cd "$(dirname "$0")/.."
  # shellcheck source=scripts/debian.sh
  source scripts/debian.sh
  install_wallet_clients
fi
