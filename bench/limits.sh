#!/bin/bash
# Measures what doc/limits.md says of times and memory: a drill of ROWS subscribers through the programs as they are, and
# RENEWALS renewals over HTTPS by CLIENTS at a time. One line each: seconds, CPU seconds, most memory.
set -eu
cd "$(dirname "$0")/.."
: "${ROWS:=100000}" "${RENEWALS:=3000}" "${CLIENTS:=16}"
build=${BUILT:-${BUILD:-$PWD/build-bench}}
[ -n "${BUILT:-}" ] || bench/build.sh capbuctl capbud peak capbu-load # BUILT: a folder that has them
tmp=$(mktemp -d "${TMPDIR:-/tmp}/capbu-limits.XXXXXX")
server=
tidy() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait
    rm -rf "$tmp"
}
trap tidy EXIT
TIMEFORMAT='%R %U %S'

# cost NAME ARGS...: capbuctl ARGS, measured. Exit 3, some rows refused, is as it should be in no case here.
cost() {
    local name=$1 real user sys
    shift
    { time "$build/tests/integration/peak" "$tmp/peak" "$build/capbuctl" --dir "$tmp/site" "$@" >"$tmp/out" 2>"$tmp/err"; } 2>"$tmp/time" ||
        { cat "$tmp/err" >&2; exit 1; }
    read -r real user sys <"$tmp/time"
    awk -v n="$name" -v r="$real" -v u="$user" -v s="$sys" -v p="$(cat "$tmp/peak")" \
        'BEGIN { printf "limits %-22s seconds=%.2f cpu=%.2f peak_mib=%.0f\n", n, r, u + s, p / 1024 }'
}

echo "cores $(nproc), load before $(cut -d' ' -f1 /proc/loadavg)"
cost init init --drill --clock 2020-03-15T09:00:00+07:00 --listen 127.0.0.1:0
echo 'requests_per_minute = 1000000' >>"$tmp/site/capbud.conf" # all clients are one address here
cost "population-$ROWS" drill population --count "$ROWS" --seed 1311 --csv "$tmp/people.csv"
cost "import-$ROWS" import "$tmp/people.csv"
cost "import-again-$ROWS" import "$tmp/people.csv"
cost "screen-$ROWS" screen --csv "$tmp/screen.csv"
cost "report-$ROWS" report --csv "$tmp/report.csv"
: >"$tmp/ready"
"$build/capbud" --dir "$tmp/site" >"$tmp/ready" 2>"$tmp/log" &
server=$!
until grep -q '^ready' "$tmp/ready"; do sleep 0.1; done
"$build/bench/capbu-load" "$tmp/site" "$(sed -n 's/^ready //p' "$tmp/ready")" "$server" "$CLIENTS" "$RENEWALS"
awk '/^VmHWM/ { printf "limits capbud peak_mib=%.0f\n", $2 / 1024 }' "/proc/$server/status"
kill "$server"
wait "$server" || true
server=
cost "export-$RENEWALS" export --csv "$tmp/export.csv"
echo "limits exported rows=$(($(wc -l <"$tmp/export.csv") - 1))"
cost audit-verify audit verify
echo "limits audit lines=$("$build/capbuctl" --dir "$tmp/site" audit export | wc -l)"
du -m "$tmp/site/capbu.db" | awk '{ printf "limits database mib=%d\n", $1 }'
