#!/bin/sh
# Runs every suite of a build folder and closes with "N passed, N failed, N skipped".
set -u
build=$1
shift
# One more at a time than there are cores: many of them wait.
meson test -C "$build" --no-rebuild --print-errorlogs --num-processes $(($(nproc) + 1)) "$@" || true
log=$build/meson-logs/testlog.json
[ -s "$log" ] || { echo 'no test ran'; exit 1; }
count() { jq -s "[.[] | select($1)] | length" "$log"; }
passed=$(count '.result == "OK"')
skipped=$(count '.result == "SKIP"')
failed=$(count '.result != "OK" and .result != "SKIP"')
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
