#!/usr/bin/env bash
# kill -9 of capbud at random moments under 16 parallel renewals, started again each time: nothing that was acknowledged is
# lost, nothing is issued twice, every client converges. KILLS says how often (8; at least 200 in the long suite).
# RESTORES (0): at so many of these kills a copy of the database of a random age is put back. Then what was acknowledged may
# be lost, and is brought back at the end from the tokens; that nobody has two is judged by the journal and by the tokens.
# VICTIM=parent: not capbud is killed but the signers' parent, and capbud ends by itself with 1, to be started again.
. "$(dirname "$0")/../lib/site.sh"
. "$here/population.sh"
. "$here/backup.sh"

: "${KILLS:=6}" "${RESTORES:=0}" "${VICTIM:=capbud}"
CLOCK=2020-08-10T09:00:00+07:00 # all devices are open (R3.6)
: "${CLIENTS:=16}"
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
            if [ "$RESTORES" -gt 0 ] && grep -q 'issued-before' "$TMP/w.$n" "$TMP/e.$n"; then
                echo "$OLD" >>"$TMP/told.$n" # it was signed before, and whoever has it is not this one
                break
            fi
            [ "$status" = 30 ] || { echo "$OLD: $status $(tail -n 1 "$TMP/e.$n")" >>"$TMP/odd"; }
            sleep 0.1
        done
        serials_here | sed "s/^/$OLD,/" >>"$TMP/seen.$n"
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
    echo $(($(cat "$TMP"/begun.* 2>/dev/null | wc -l) - $(cat "$TMP"/acknowledged.* "$TMP"/told.* 2>/dev/null | wc -l)))
}

refill() { # all are done: more subscribers
    workers_wait
    FRESH=()
    supply "$SUPPLY"
    workers_start
    within 10 test -s "$TMP/begun.1"
}

# An older copy, one of those made so far, and what was imported since; its end of the audit is an older one too.
copies=0
declare -a copied=() # the last import that is in each
restore() {
    local i age=$((RANDOM % copies))
    quiet put_back "$age"
    for i in $(seq $((${copied[$age]} + 1)) "$seed"); do quiet ctl import "$TMP/p$i.csv"; done
    echo "$((copies - age))" >>"$TMP/ages"
}

# With restores: copies are made at every third kill, before it, and put back at some.
restores_left() { # restores_left KILL: is one due at this kill?
    [ "$RESTORES" -gt 0 ] && [ $((($1 * RESTORES) / KILLS)) -gt $(((($1 - 1) * RESTORES) / KILLS)) ]
}

parent_kill() {
    local from
    from=$(milliseconds)
    kill -9 "$(pgrep -P "$SERVER")"
    server_ends 10 1 'without the signers'"'"' parent capbud ends by itself'
    echo $(($(milliseconds) - from)) >>"$TMP/ended"
}

kill_often() {
    local n
    for n in $(seq "$KILLS"); do
        if [ "$RESTORES" -gt 0 ] && [ $((n % 3)) = 1 ]; then
            copied[copies]=$seed
            quiet backup "$copies"
            copies=$((copies + 1))
        fi
        sleep "0.$(printf %03d $((RANDOM % 400)))"
        while [ "$(in_flight)" -eq 0 ]; do
            refill
            sleep "0.$(printf %03d $((RANDOM % 400)))"
        done
        if [ "$VICTIM" = parent ]; then parent_kill; else server_kill; fi
        ! restores_left "$n" || restore
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

# Each certificate on a token, by what was signed in it: "OLD16 SHA-256 OLD_SERIAL", as the journal has them.
on_tokens_signed() {
    local slot id
    mkdir -p "$TMP/kept"
    cat "$TMP"/seen.* | sort -u | while IFS=, read -r OLD serial; do
        [ "$serial" != "$OLD" ] || continue
        tokens_use "$OLD"
        [ -e "$TMP/kept/$OLD" ] && continue
        : >"$TMP/kept/$OLD"
        for id in $(p11tool --slot-index 0 --list-objects --type cert 2>/dev/null | sed -n 's/^  label: *//p' | tr ' ' '~'); do
            p11tool --slot-index 0 --read-object --type cert --label "${id//\~/ }" -o "$TMP/kept/$OLD.$RANDOM$RANDOM.der" >/dev/null 2>&1
        done
    done
    python3 "$here/journal.py" "$DIR/signed.journal" "$DIR/old-ca.pem" "$TMP"/kept/*.der
}

# No old certificate has two sets of bytes: in the journal, on the tokens, and of what any client ever saw.
judge_restored() {
    local told odd
    # A database put back between kup and certConf does not know the transaction: the next run goes on.
    odd=$(grep -v ': 31 .*unknown-transaction' "$TMP/odd" 2>/dev/null | head -n 3)
    same 'clients saw the server away or put back, nothing else' '' "$odd"
    same 'restores' "$RESTORES" "$(wc -l <"$TMP/ages")"
    same 'no client ever saw two new certificates' '' "$(cat "$TMP"/seen.* | sort -u | awk -F, '$1 != $2 { print $1 }' | uniq -d)"
    same 'none was acknowledged twice with others' '' "$(sort -u "$TMP"/acknowledged.* | cut -d, -f1 | uniq -d)"
    on_tokens_signed >"$TMP/journalled"
    same 'the journal has each old certificate once, and what the tokens have' 'twice 0 other 0 unknown 0' "$(sed -n 's/^verdict //p' "$TMP/journalled")"
    for told in "$TMP"/kept/*.der; do openssl x509 -inform DER -in "$told"; done >"$TMP/kept.pem"
    ctl recover --json "$TMP/kept.pem" >"$TMP/recovered"
    ctl recover --json >"$TMP/left"
    sort -u "$TMP"/acknowledged.* >"$TMP/acknowledged"
    sql "SELECT old_serial || ',' || new_serial FROM issued WHERE issued_at IS NOT NULL" | sort >"$TMP/recorded"
    same 'all that was acknowledged is recorded again' '' "$(comm -23 "$TMP/acknowledged" "$TMP/recorded")"
    expect 0 ctl audit verify
    echo "   $KILLS kills, $RESTORES restores of copies $(sort -n "$TMP/ages" | xargs | tr ' ' ,) copies old; $(sed -n 's/^counts //p' "$TMP/journalled");" \
        "$(wc -l <"$TMP/acknowledged") acknowledged, $(cat "$TMP"/told.* 2>/dev/null | wc -l) told \"issued before\";" \
        "$(jq .recovered "$TMP/recovered") brought back from tokens at the end, $(jq .missing "$TMP/left") that nobody has;" \
        "exit statuses of capbu:$(cat "$TMP"/status.* | sort -n | uniq -c | awk '{ printf " %s (%s)", $2, $1 }')"
}

site_new
conf_set capbud.conf requests_per_minute 1000000
port_keep
SUPPLY=$((KILLS * 6 < CLIENTS * 25 ? KILLS * 6 : CLIENTS * 25))
supply "$SUPPLY"
server_start
workers_start
kill_often
workers_wait

if [ "$RESTORES" -gt 0 ]; then
    judge_restored
    finish
fi
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
if [ "$VICTIM" = parent ]; then
    says 'the log says why it ended' 'the parent of the signing helpers has died' "$DIR.log"
    echo "   capbud ended after $(xargs <"$TMP/ended") ms"
fi
expect 0 ctl audit verify
ctl audit export >"$TMP/audit"
for kind in reserved issued; do
    same "each was $kind once, says the audit" "$(cut -d, -f1 "$TMP/acknowledged")" \
        "$(jq -r --arg k "$kind" 'select(.kind == $k) | .old_serial' "$TMP/audit" | sort)"
done
echo "   $KILLS kills, $(wc -l <"$TMP/acknowledged") renewals; exit statuses of capbu:$(cat "$TMP"/status.* | sort -n | uniq -c |
    awk '{ printf " %s (%s)", $2, $1 }')"
finish
