#!/bin/sh
# Pin every dependency with its hashes, for all platforms and without naming a registry.
#   requirements.lock      what the product runs on
#   requirements-dev.lock  the same versions, and what checks and tests need besides
#   scripts/installer.lock what puts the others in place (uv, and hatchling for the editable install)
# Versions already pinned stay as they are; `scripts/lock.sh --upgrade` moves them.
set -eu
cd "$(dirname "$0")/.."
uv=${VENV:-.venv}/bin/uv

pin() {
    "$uv" pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
        --no-annotate --no-header --quiet "$@"
}

pin pyproject.toml --output-file requirements.lock "$@"
pin pyproject.toml --extra dev --constraints requirements.lock --output-file requirements-dev.lock "$@"
sed -n '/^installer = /s/.*\[\(.*\)\].*/\1/p' pyproject.toml | tr -d '" ' | tr ',' '\n' |
    pin - --output-file scripts/installer.lock "$@"
