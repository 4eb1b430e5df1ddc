#!/bin/sh
# run-long.sh BUILD [ASAN [TSAN]]: what takes too long for every change. The full fault sweep, a power cut at every writing
# command of a card, the page's long scenes, 200 kills on both back ends, and the whole suite once more, built by clang
# with AddressSanitizer and UBSan; the server once more with ThreadSanitizer. Closes with "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
build=$(realpath "$1")
asan=${2:-build-asan}
tsan=${3:-build-tsan}
export CAPBU_BUILD="$build"
# Smaller ones try the script itself: make test-long FAULTS_STEP=25 KILLS=5 IMPORT_ROWS=20000
: "${FAULTS_STEP:=1}" "${KILLS:=200}" "${RESTORES:=20}" "${IMPORT_ROWS:=1000000}"
passed=0 failed=0

with_pg=
for path in "$build"/with-pg "$build"/tests/lib/with-pg; do [ ! -x "$path" ] || with_pg=$path; done

many=
for path in "$build"/test_server_http_many "$build"/tests/unit/server/test_server_http_many; do [ ! -x "$path" ] || many=$path; done

part() { # part NAME COMMAND...
    name=$1
    shift
    echo "== $name"
    began=$(date +%s)
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
    fi
    echo "== $name: $(($(date +%s) - began)) s"
}

sanitized() {
    [ -f "$asan/build.ninja" ] || CC=${CC:-clang-14} meson setup "$asan" -Db_sanitize=address,undefined -Db_lundef=false >/dev/null || return 1
    ninja -C "$asan" --quiet || return 1
    # SoftHSM throws and catches C++ exceptions inside itself: the runtime must know libstdc++ from the start.
    env -u FAULTS_STEP -u KILLS -u RESTORES -u IMPORT_ROWS LD_PRELOAD="$(gcc -print-file-name=libstdc++.so.6)" \
        UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1 tests/run.sh "$asan" --timeout-multiplier 4
}

# Under ThreadSanitizer: the server's unit tests, and its load over API, CMP and import, with keys in files and on tokens. What
# is not built with it is named in tsan.supp, with the reason.
threads() {
    [ -f "$tsan/build.ninja" ] || CC=${CC:-clang-14} meson setup "$tsan" -Db_sanitize=thread -Db_lundef=false >/dev/null || return 1
    ninja -C "$tsan" --quiet || return 1
    tsan_options="suppressions=$PWD/tests/tsan.supp halt_on_error=0 exitcode=66"
    # shellcheck disable=SC2046 # names of tests
    TSAN_OPTIONS=$tsan_options meson test -C "$tsan" --no-rebuild --timeout-multiplier 10 \
        $(meson test -C "$tsan" --no-rebuild --list 2>/dev/null | sed -n 's,.* / ,,p' | grep -E '^(store|server|service|pki|client)/') || return 1
    for script in main cmp catoken import crash; do
        TSAN_OPTIONS=$tsan_options CAPBU_BUILD=$(realpath "$tsan") BACKEND=sqlite KILLS=5 IMPORT_ROWS=20000 \
            bash tests/integration/$script.sh || return 1
    done
}

power_cuts() { # it says why when it is skipped
    BACKEND=sqlite CARD_SWEEP=full bash tests/card/cuts.sh
    status=$?
    [ "$status" = 0 ] || [ "$status" = 77 ]
}

page() { # every theme that has more to play than `make test` does
    for theme in tokens network; do E2E=full bash tests/e2e/run.sh "$theme" || return 1; done
}

windows() {
    tools/deps.sh windows && tools/windows.sh build-windows &&
        FAULTS_STEP="$FAULTS_STEP" tests/windows/run.sh "$build" build-windows
}

part "every fault of renew and clean, in steps of $FAULTS_STEP" env BACKEND=sqlite FAULTS_STEP="$FAULTS_STEP" bash tests/integration/faults.sh
part 'every two odd behaviours of a driver together' env BACKEND=sqlite ODD_PAIRS=1 bash tests/integration/odd.sh
part 'every odd behaviour by every command' env BACKEND=sqlite ODD_MATRIX=1 bash tests/integration/odd.sh
part 'a driver that crashes, hangs or ends in each of its functions' env BACKEND=sqlite DRIVERS_STEP=1 bash tests/integration/drivers.sh
part 'capbu.exe under Wine, with the same faults' windows
part 'a power cut at every writing command of a card' power_cuts
part 'the page: a token pulled, a server killed at every step' page
part "$KILLS kills, SQLite" env BACKEND=sqlite KILLS="$KILLS" bash tests/integration/crash.sh
part "$KILLS kills, PostgreSQL" env BACKEND=pg KILLS="$KILLS" "$with_pg" bash tests/integration/crash.sh
part "$KILLS kills with $RESTORES restores, SQLite" env BACKEND=sqlite KILLS="$KILLS" RESTORES="$RESTORES" bash tests/integration/crash.sh
part "$KILLS kills with $RESTORES restores, PostgreSQL" env BACKEND=pg KILLS="$KILLS" RESTORES="$RESTORES" "$with_pg" bash tests/integration/crash.sh
part 'every key on a token, 2,000 renewals' env BACKEND=sqlite RENEWALS=2000 bash tests/integration/hsm.sh
part 'a flood from who has certificates and no key' env BACKEND=sqlite FLOOD=60 RENEWALS=400 bash tests/integration/flood.sh
part "$IMPORT_ROWS rows" env BACKEND=sqlite IMPORT_ROWS="$IMPORT_ROWS" bash tests/integration/import.sh
part '10,000 silent connections' env HTTP_MANY=10000 "$many"
part 'the whole suite under ASan and UBSan' sanitized
part 'the server under TSan, with keys in files and on tokens' threads
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
