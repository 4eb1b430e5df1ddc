#!/bin/sh
# Builds the libFuzzer targets and runs each for so many seconds, two at a time. Exit 1 on a finding; the input that made it stays in BUILD.
set -eu
build=$1
seconds=$2
[ -f "$build/build.ninja" ] || CC=clang-14 meson setup "$build" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false -Db_pie=false \
    -Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined' >/dev/null
targets='csv json http campaign cmp exchange cert der devices cms'
# shellcheck disable=SC2086 # the list is words
meson compile -C "$build" $(for t in $targets; do echo "fuzz_$t"; done)
run() {
    mkdir -p "$build/corpus/$1"
    if "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="$build/finding-$1-" "$build/corpus/$1" "tests/fuzz/seeds/$1" >"$build/fuzz-$1.log" 2>&1; then
        echo "fuzz $1: no finding in $seconds s, $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/fuzz-$1.log") runs"
    else
        echo "fuzz $1: FINDING, see $build/fuzz-$1.log"
        return 1
    fi
}
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
bad=0
set -- $targets
while [ $# -gt 0 ]; do
    run "$1" & one=$!
    shift
    two=
    if [ $# -gt 0 ]; then run "$1" & two=$!; shift; fi
    wait "$one" || bad=1
    [ -z "$two" ] || wait "$two" || bad=1
done
exit "$bad"
