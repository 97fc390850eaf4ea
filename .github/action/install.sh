#!/usr/bin/env bash
# Installs the suite from its hashed lock into an environment of its own, and says where its commands are.
set -euo pipefail

venv="$RUNNER_TEMP/conformance-venv"
"$PYTHON" -m venv "$venv"
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
"${pip[@]}" --require-hashes --requirement "$GITHUB_ACTION_PATH/requirements-run.lock"
"${pip[@]}" --no-deps --no-build-isolation "$GITHUB_ACTION_PATH"
printf 'bin=%s\n' "$venv/bin" >>"$GITHUB_OUTPUT"
