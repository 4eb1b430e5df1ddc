#!/usr/bin/env bash
# run.sh BUILD WINDOWS: capbu.exe under wine against a Linux capbud: its commands, its page, proxies, and faults of PKCS#11 calls:
# every twentieth, or every one with FAULTS_STEP=1. Closes with "N passed, N failed".
set -u
CAPBU_BUILD=$(realpath "$1") CAPBU_WINDOWS=$(realpath "$2")
cd "$(dirname "$0")" || exit 1
BACKEND=sqlite FAULTS_STEP=${FAULTS_STEP:-20} FAULTS_WORLD=$PWD/world.sh
scratch=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || scratch=/dev/shm # Windows is 700 MB of small files
scratch=$(mktemp -d "$scratch/capbu-wine.XXXXXX")
WINEPREFIX=$scratch/windows TMPDIR=$scratch
export CAPBU_BUILD CAPBU_WINDOWS BACKEND FAULTS_STEP FAULTS_WORLD WINEPREFIX TMPDIR
# A program that cannot start ends with the low byte of an NTSTATUS, and the library that refused is told on stderr.
export WINEDEBUG=-all,err+module DISPLAY='' WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe='
passed=0 failed=0

tidy() {
    wineserver -k 2>/dev/null # of this WINEPREFIX only
    wineserver -w 2>/dev/null
    rm -rf "$scratch"
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

# One wineserver from first to last: one that has started cannot be told to stay, and without it each program after a
# pause boots Windows anew.
mkdir "$WINEPREFIX" && mkfifo "$scratch/stay"
wineserver -p600 || exit 1
wine wineboot -i >/dev/null 2>&1
exec 8<>"$scratch/stay"
wine "$CAPBU_WINDOWS/tests/windows/stay.exe" <"$scratch/stay" 8<&- >"$scratch/stay.out" &
for _ in $(seq 300); do grep -q ready "$scratch/stay.out" && break || sleep 0.1; done
wine "$CAPBU_WINDOWS/capbu.exe" --version >/dev/null || { echo 'capbu.exe does not start under wine' && exit 1; }
part 'one static program' bash static.sh
part 'commands' bash main.sh
part 'the page' bash ui.sh
part 'proxies' bash proxy.sh
part "faults of renew and clean, in steps of $FAULTS_STEP" bash ../integration/faults.sh
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
