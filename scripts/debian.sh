#!/usr/bin/env bash
# Sourced by the other scripts: installs Debian packages that are not there yet.

install_debian() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "installing ${missing[*]} …" >&2
  local run=()
  [ "$(id -u)" -eq 0 ] || run=(sudo)
  local log
  log=$(mktemp)
  if ! { "${run[@]}" apt-get update -qq &&
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "failed to install ${missing[*]}" >&2
    return 1
  fi
  rm -f "$log"
}
