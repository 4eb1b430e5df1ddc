#!/usr/bin/env bash
# Plugging in and pulling out as OpenSC tells it: by an event in a thread of its own, stopped cleanly; and the page sees it.
. "$(dirname "$0")/../lib/site.sh"
. "$(dirname "$0")/stack.sh"
WATCH=$(built watch)

events() { # events N: so many were told
    [ "$(grep -c event "$TMP/events")" -ge "$1" ]
}

tells() {
    mkfifo "$TMP/stop"
    "$WATCH" "$OPENSC" <"$TMP/stop" >"$TMP/events" 2>"$TMP/events.err" &
    local watch=$!
    children="$children $watch"
    exec 8>"$TMP/stop"
    within 20 grep -q waiting "$TMP/events" || not_ok 'it waits' "$(cat "$TMP/events.err")"
    card_out
    holds 'the pull is told' within 20 events 1
    local before
    before=$(grep -c event "$TMP/events")
    card_in
    holds 'the return is told' within 20 events $((before + 1))
    echo >&8
    exec 8>&-
    wait "$watch"
    same 'it ends cleanly' 0 $?
    ended "$watch"
    same 'the wait ended with C_Finalize' 1 "$(sed -n 's/^ended after \([0-9]*\) ms/\1/p' "$TMP/events" | awk '$1 < 1900' | wc -l)"
}

page_state() {
    curl -sS -b "$TMP/jar" -H "Capbu-Key: $key" "$page/api/state?after=-1"
}

shows() { # shows SCREEN
    [ "$(page_state | jq -r .screen)" = "$1" ]
}

sees() { # sees NAME SCREEN: waits for it and says how long it took
    local from
    from=$(milliseconds)
    if within 30 shows "$2"; then ok "$1"; else not_ok "$1" "$(page_state | jq -r .screen)"; fi
    echo "figures: $1 after $(($(milliseconds) - from)) ms"
}

page_sees() {
    local page key address
    "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" --module "$OPENSC" ui --no-browser >"$TMP/ui" 2>"$TMP/ui.err" &
    local ui=$!
    children="$children $ui"
    within 20 grep -q '^ui http' "$TMP/ui" || not_ok 'the page is there' "$(cat "$TMP/ui.err")"
    address=$(sed -n 's/^ui //p' "$TMP/ui")
    page=${address%%/\?*}
    key=$(curl -sS -c "$TMP/jar" "$address" | sed -n 's/.*name="*key"* content="*\([0-9A-Fa-f]*\).*/\1/p')
    sees 'the page finds the card' confirm
    kill "$POWER" # not card_out: it would wait until the pull is seen
    sees 'the page sees it pulled out' no-token
    card_out
    card_in
    sees 'the page sees it back' confirm
    curl -sS -b "$TMP/jar" -H "Capbu-Key: $key" -H "Origin: $page" -X POST "$page/api/close"
    wait "$ui"
    same 'it ends cleanly with a card in' 0 $?
    ended "$ui"
}

stack_start
site_new
card_personalise one
expect 0 ctl import "$TMP/rows.csv"
server_start
tells
page_sees
card_out
finish
