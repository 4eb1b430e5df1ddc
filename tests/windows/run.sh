#!/usr/bin/env bash
# run.sh BUILD WINDOWS: capbu.exe under wine against a Linux capbud: its commands, its page, and every fault of every PKCS#11 call
# (FAULTS_STEP=1; a greater one takes fewer). Closes with "N passed, N failed".
set -u
CAPBU_BUILD=$(realpath "$1") CAPBU_WINDOWS=$(realpath "$2")
cd "$(dirname "$0")" || exit 1
BACKEND=sqlite FAULTS_STEP=${FAULTS_STEP:-1} FAULTS_WORLD=$PWD/world.sh
WINEPREFIX=$(mktemp -d "${TMPDIR:-/tmp}/capbu-wine.XXXXXX")
export CAPBU_BUILD CAPBU_WINDOWS BACKEND FAULTS_STEP FAULTS_WORLD WINEPREFIX
export WINEDEBUG=-all DISPLAY='' WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe='
passed=0 failed=0

tidy() {
    wineserver -k 2>/dev/null # of this WINEPREFIX only
    wineserver -w 2>/dev/null
    rm -rf "$WINEPREFIX"
}
trap tidy EXIT
trap 'exit 1' INT TERM HUP

part() { # part NAME COMMAND...
    local began=$SECONDS
    echo "== $1"
    if "${@:2}"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
    fi
    echo "== $1: $((SECONDS - began)) s"
}

wine wineboot -i >/dev/null 2>&1
wineserver -p600 2>/dev/null || true # stays between two programs
wine "$CAPBU_WINDOWS/capbu.exe" --version >/dev/null || { echo 'capbu.exe does not start under wine' && exit 1; }
part 'one static program' bash static.sh
part 'commands' bash main.sh
part 'the page' bash ui.sh
part 'every fault of renew and clean' bash ../integration/faults.sh
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
