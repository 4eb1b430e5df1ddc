#!/usr/bin/env bash
# A database that hangs without being dead, and one that another program holds: `check` and /readyz answer 503 in time,
# and all goes on by itself as soon as the database does.
. "$(dirname "$0")/../lib/site.sh"

held= # the process that holds the database
hold() {
    if [ "$BACKEND" = pg ]; then
        psql -qX "$DSN" -c "BEGIN; SELECT pg_advisory_xact_lock(426836517493); SELECT pg_sleep(60)" >"$TMP/hold" 2>&1 &
    else
        mkfifo "$TMP/fifo"
        sqlite3 "$DIR/capbu.db" <"$TMP/fifo" >"$TMP/hold" 2>&1 &
        exec 9>"$TMP/fifo"
        echo 'BEGIN IMMEDIATE;' >&9
    fi
    held=$!
    children="$children $held"
    sleep 1.5 # taken by then, and the last commit is no proof any more
}
release() {
    if [ "$BACKEND" = pg ]; then
        quiet psql -qX "$DSN" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    else
        exec 9>&-
    fi
    wait "$held" 2>/dev/null
    ended "$held"
}

# answered WANT SECONDS WHAT COMMAND...: that status, and not later.
answered() {
    local began status
    began=$(milliseconds)
    status=$("${@:4}")
    same "$3" "$1" "$status"
    if [ $(($(milliseconds) - began)) -le $(($2 * 1000)) ]; then ok "$3, within $2 s"; else
        not_ok "$3, within $2 s" "$(($(milliseconds) - began)) ms"
    fi
}
checked() {
    check_body "$TMP/a.pem" >"$TMP/body"
    status_of /api/v1/check -H 'Content-Type: application/json' --data-binary "@$TMP/body"
}
check_body() {
    printf '{"certificate":"%s"}' "$(b64_of "$1")"
}

ready_now() {
    [ "$(status_of /readyz)" = 200 ]
}
check_now() {
    [ "$(checked)" = 200 ]
}

site_new
subscriber a
expect 0 ctl import "$TMP/rows.csv"
server_start
answered 200 5 'ready' status_of /readyz
hold
answered 503 3 'held: not ready' status_of /readyz
says 'it says why' 'the database does not answer in time' "$OUT"
answered 503 3 'held: still not ready' status_of /readyz
answered 200 5 'held: what only reads goes on' checked
release
holds 'ready again when it is let go' within 15 ready_now

if [ "$BACKEND" = pg ]; then # a file does not freeze
    checkpointer=$(psql -qXtA "$DSN" -c "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    postmaster=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$checkpointer/status")
    family() {
        echo "$postmaster"
        cat "/proc/$postmaster/task/$postmaster/children"
    }
    # shellcheck disable=SC2046 # pids
    thaw() { kill -CONT $(family) 2>/dev/null; }
    trap 'thaw; tidy' EXIT
    sleep 1.5
    # shellcheck disable=SC2046
    kill -STOP $(family)
    answered 503 3 'frozen: not ready' status_of /readyz
    answered 503 8 'frozen: a check is told' checked
    answered 503 8 'frozen: the next one too' checked
    answered 503 3 'frozen: still not ready' status_of /readyz
    thaw
    holds 'going on: checked again' within 20 check_now
    holds 'going on: ready again' within 20 ready_now

    # More callers than threads wait for it: how we are is still told, to whoever comes anew.
    check_body "$TMP/a.pem" >"$TMP/crowd_body"
    python3 "$here/checks.py" "${URL##*:}" 120 15 "$TMP/crowd_body" 127.0.0.2 127.0.0.3 127.0.0.4 >"$TMP/crowd" &
    crowd=$!
    children="$children $crowd"
    holds 'a crowd comes' within 60 grep -q '^held 360' "$TMP/crowd"
    # shellcheck disable=SC2046
    kill -STOP $(family)
    sleep 4
    answered 200 2 'frozen, with a crowd: alive' status_of /healthz --interface 127.0.1.9
    answered 503 3 'frozen, with a crowd: not ready' status_of /readyz --interface 127.0.1.9
    answered 503 3 'frozen, with a crowd: still not ready' status_of /readyz --interface 127.0.1.9
    says 'it says why' 'the database does not answer in time' "$OUT"
    answered 200 2 'frozen, with a crowd: still alive' status_of /healthz --interface 127.0.1.9
    wait "$crowd"
    ended "$crowd"
    cat "$TMP/crowd"
    holds 'those who came were told' grep -q '^503 ' "$TMP/crowd"
    same 'all of them' '' "$(grep '^none' "$TMP/crowd")"
    thaw
    holds 'going on after the crowd: checked again' within 20 check_now
    holds 'going on after the crowd: ready again' within 20 ready_now
fi
expect 0 ctl audit verify
finish
