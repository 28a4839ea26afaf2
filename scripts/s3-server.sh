#!/usr/bin/env bash
# A real S3 server for the tests: moto, in an environment of its own in the cache.
#
#   scripts/s3-server.sh             installs it and names its program
#
# The tests start it themselves; without it, they say that this script must run first.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

# shellcheck source=scripts/debian.sh
source scripts/debian.sh
# shellcheck source=scripts/python-venv.sh
source scripts/python-venv.sh

venv=$(python_venv s3-server 'moto[server]==5.2.5')
echo "$venv/bin/moto_server"
