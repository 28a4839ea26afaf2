#!/usr/bin/env bash
# Sourced by the other scripts: Python packages in an environment of their own, in the cache.

# Installs packages of exact versions once, and names the environment's folder.
python_venv() {
  local venv=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/$1
  shift
  if [ "$(cat "$venv/installed" 2>/dev/null)" != "$*" ]; then
    echo "installing $* …" >&2
    rm -rf "$venv"
    python3 -m venv "$venv" 2>/dev/null || { install_debian python3-venv && python3 -m venv "$venv"; }
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
    echo "$*" >"$venv/installed"
  fi
  echo "$venv"
}
