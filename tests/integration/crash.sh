#!/usr/bin/env bash
# kill -9 of capbud at random moments under 16 parallel renewals, started again each time: nothing that was acknowledged is
# lost, nothing is issued twice, every client converges. KILLS says how often (15; at least 200 in the long suite).
. "$(dirname "$0")/../lib/site.sh"
. "$here/population.sh"

: "${KILLS:=15}"
CLOCK=2020-08-10T09:00:00+07:00 # all devices are open (R3.6)
CLIENTS=16
PATIENCE=200 # runs of capbu that one renewal may take

# worker N SERIAL...: renews them one after the other, each until it is done; stops between two when $TMP/over is there.
worker() {
    local n=$1 status tries
    shift
    for OLD in "$@"; do
        [ ! -e "$TMP/over" ] || return 0
        tokens_use "$OLD"
        echo "$OLD" >>"$TMP/begun.$n"
        for ((tries = 1; tries <= PATIENCE; tries++)); do
            renew --json >"$TMP/w.$n" 2>"$TMP/e.$n"
            status=$?
            echo "$status" >>"$TMP/status.$n"
            [ "$status" != 0 ] || break
            [ "$status" = 30 ] || { echo "$OLD: $status $(tail -n 1 "$TMP/e.$n")" >>"$TMP/odd"; }
            sleep 0.1
        done
        [ "$status" != 0 ] || echo "$OLD,$(jq -r 'if type == "array" then .[0] else . end | .new_serial' "$TMP/w.$n")" >>"$TMP/acknowledged.$n"
    done
}

WORKERS=''
workers_start() { # they share what `supply` made
    local n i
    WORKERS=''
    for n in $(seq "$CLIENTS"); do
        local share=()
        for ((i = n - 1; i < ${#FRESH[@]}; i += CLIENTS)); do share+=("${FRESH[$i]}"); done
        worker "$n" "${share[@]}" &
        WORKERS="$WORKERS $!"
    done
}

workers_wait() {
    local pid
    for pid in $WORKERS; do wait "$pid"; done
}

in_flight() { # renewals begun and not acknowledged yet
    echo $(($(cat "$TMP"/begun.* 2>/dev/null | wc -l) - $(cat "$TMP"/acknowledged.* 2>/dev/null | wc -l)))
}

refill() { # all are done: more subscribers
    workers_wait
    FRESH=()
    supply "$SUPPLY"
    workers_start
    within 10 test -s "$TMP/begun.1"
}

kill_often() {
    local n
    for n in $(seq "$KILLS"); do
        sleep "0.$(printf %03d $((RANDOM % 400)))"
        while [ "$(in_flight)" -eq 0 ]; do
            refill
            sleep "0.$(printf %03d $((RANDOM % 400)))"
        done
        server_kill
        server_start
    done
    : >"$TMP/over"
    ok "renewals were under way at each of $KILLS kills"
}

# What the tokens have, as pkcs11-tool sees it: "old,new" for each begun renewal that has both.
on_tokens() {
    local here
    while read -r OLD; do
        tokens_use "$OLD"
        here=$(serials_here)
        [ "$(wc -l <<<"$here")" = 2 ] && grep -qx "$OLD" <<<"$here" && echo "$OLD,$(grep -vx "$OLD" <<<"$here")"
    done | sort
}

site_new
conf_set capbud.conf requests_per_minute 1000000
port_keep
SUPPLY=$((KILLS * 6 < 400 ? KILLS * 6 : 400))
supply "$SUPPLY"
server_start
workers_start
kill_often
workers_wait

if [ -e "$TMP/odd" ]; then not_ok 'clients saw the server away, nothing else' "$(head -n 3 "$TMP/odd")"; else ok 'clients saw the server away, nothing else'; fi
cat "$TMP"/begun.* | sort >"$TMP/begun"
cat "$TMP"/acknowledged.* | sort >"$TMP/acknowledged"
same 'every client converged' "$(wc -l <"$TMP/begun")" "$(wc -l <"$TMP/acknowledged")"
same 'each has its old and one new certificate on the token' "$(cat "$TMP/acknowledged")" "$(on_tokens <"$TMP/begun")"
expect 0 ctl export --csv "$TMP/export.csv"
same 'the export has exactly these, confirmed' "$(cat "$TMP/acknowledged")" \
    "$(tail -n +2 "$TMP/export.csv" | awk -F, '$7 != "" { print $1 "," $2 }' | sort)"
same 'and no others' "$(wc -l <"$TMP/acknowledged")" "$(tail -n +2 "$TMP/export.csv" | wc -l)"
same 'no old serial twice' '' "$(cut -d, -f1 "$TMP/export.csv" | sort | uniq -d)"
same 'no new serial twice' '' "$(cut -d, -f2 "$TMP/export.csv" | sort | uniq -d)"
same 'each that is confirmed has its receipt, no other has' 0 "$(sql 'SELECT count(*) FROM issued WHERE (confirmed_at IS NULL) <> (receipt IS NULL)')"
expect 0 ctl audit verify
ctl audit export >"$TMP/audit"
for kind in reserved issued; do
    same "each was $kind once, says the audit" "$(cut -d, -f1 "$TMP/acknowledged")" \
        "$(jq -r --arg k "$kind" 'select(.kind == $k) | .old_serial' "$TMP/audit" | sort)"
done
echo "   $KILLS kills, $(wc -l <"$TMP/acknowledged") renewals; exit statuses of capbu:$(cat "$TMP"/status.* | sort -n | uniq -c |
    awk '{ printf " %s (%s)", $2, $1 }')"
finish
