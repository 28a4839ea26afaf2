#!/usr/bin/env bash
# Installs Python's jsonschema, which the tests let read the rule books' schema: an implementation
# that knows nothing of ours. Kept in $SYSTEM_TOKEN_CACHE/schema-validator; repeated runs do nothing.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

readonly JSONSCHEMA=jsonschema==4.26.0

# shellcheck source=scripts/debian.sh
source scripts/debian.sh
# shellcheck source=scripts/python-venv.sh
source scripts/python-venv.sh

# Python 3.11 or later: its tomllib reads the rule books.
command -v python3 >/dev/null || install_debian python3
python_venv schema-validator "$JSONSCHEMA" >/dev/null
