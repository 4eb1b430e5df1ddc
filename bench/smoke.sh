#!/bin/sh
# smoke.sh bench PROGRAM | smoke.sh limits FOLDER: a short round of what measures, in what is built already: it ends well and prints a
# line for each figure. No figure is looked at.
set -eu
what=$1 built=$2
out=$(mktemp "${TMPDIR:-/tmp}/capbu-smoke.XXXXXX")
trap 'rm -f "$out"' EXIT
case $what in
bench)
    BENCH_SMOKE=1 "$built" >"$out"
    figures='bench import |bench screening |bench import+screening |bench issuing |bench exchange |bench kur |bench certconf '
    ;;
limits)
    BUILT=$built ROWS=60 RENEWALS=6 CLIENTS=2 "$(dirname "$0")/limits.sh" >"$out"
    figures='limits init |limits population-60 |limits import-60 |limits import-again-60 |limits screen-60 |limits report-60 |load |'
    figures=${figures}'limits capbud |limits export-6 |limits exported rows=6$|limits audit-verify |limits audit lines=[0-9]|limits database '
    ;;
esac
cat "$out"
IFS='|'
for figure in $figures; do
    [ "$(grep -c "^$figure" "$out")" = 1 ] || { echo "no line or several: $figure" >&2; exit 1; }
done
