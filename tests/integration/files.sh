#!/usr/bin/env bash
# Fewer open files than connections: capbud takes as many as fit and says so, and when more come than that, others are
# served soon and the log does not fill.
. "$(dirname "$0")/../lib/site.sh"
ulimit -n 200

# idle N SECONDS: so many silent connections from one address.
idle() {
    python3 - "${URL#https://127.0.0.1:}" "$1" "$2" <<'PY'
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
all = []
for _ in range(int(sys.argv[2])):
    try:
        all.append(socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1))
    except OSError:
        pass
time.sleep(float(sys.argv[3]))
PY
}

site_new
subscriber a
quiet ctl import "$TMP/rows.csv"
server_start
same 'what fits is taken, and said' 72 "$(jq -rR 'fromjson? | select(.event == "fewer-connections") | .taken' "$DIR.log")"
same 'it serves' 200 "$(status_of /healthz)"
idle 150 4 &
pid=$!
sleep 1
before=$(wc -l <"$DIR.log")
sleep 2
lines=$(($(wc -l <"$DIR.log") - before))
if [ "$lines" -lt 20 ]; then ok "the log stays short: $lines lines in 2 s"; else not_ok 'the log stays short' "$lines lines in 2 s"; fi
wait "$pid"
within 10 test "$(status_of /healthz)" = 200
same 'and serves again' 200 "$(status_of /healthz)"
server_stop
(ulimit -n 100; "$CAPBUD" --dir "$DIR" >"$TMP/ready" 2>"$TMP/log"; echo $? >"$TMP/code")
holds 'too few for any: it says what to raise' grep -q 'LimitNOFILE, ulimit -n' "$TMP/log"
finish
