#!/bin/sh
# Make the virtual environment and install the pinned dependencies: `scripts/setup.sh [dev]`.
# Does nothing when what is installed still matches the pins.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
lock=requirements.lock
[ "${1:-}" = dev ] && lock=requirements-dev.lock

suitable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if suitable "$name"; then
            echo "$name"
            return
        fi
    done
    echo "Python 3.11 or newer is needed. Install it, or name it: make setup PYTHON=/path/to/python3.11" >&2
    exit 1
}

make_venv() {
    python=$(find_python)
    echo "Making $venv with $("$python" --version)" >&2
    if ! "$python" -m venv --clear "$venv"; then
        echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
}

# uv takes seconds; pip, which may know a mirror that uv does not, takes a minute.
install() {
    if ! "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --require-hashes \
        --compile-bytecode --requirement "$1"; then
        echo "uv could not install everything, trying pip" >&2
        "$venv/bin/pip" install --quiet --no-deps --require-hashes --requirement "$1"
    fi
}

state() {
    cat "$1" scripts/installer.lock pyproject.toml | sha256sum
}

is_installed() {
    [ -f "$venv/.installed-$1" ] && [ "$(cat "$venv/.installed-$1")" = "$(state "$1")" ]
}

suitable "$venv/bin/python" || make_venv
# What tests need includes what the product needs.
{ is_installed "$lock" || is_installed requirements-dev.lock; } && exit 0

echo "Installing the packages of $lock" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --requirement scripts/installer.lock
install "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
state "$lock" >"$venv/.installed-$lock"
