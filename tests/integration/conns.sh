#!/usr/bin/env bash
# Connections from few addresses: whoever comes from elsewhere is served within a second, the log stays short, and who
# never begins TLS is cut off after 5 s.
. "$(dirname "$0")/../lib/site.sh"

# The usual limit of open files, for the server alone: too few for the 1,024 connections of capbud.conf and its other files.
real=$CAPBUD
cat >"$TMP/capbud" <<SH
#!/bin/sh
ulimit -n 1024
exec '$real' "\$@"
SH
chmod +x "$TMP/capbud"
CAPBUD=$TMP/capbud

# hold COUNT SECONDS FROM...: in the background; its two lines go to $TMP/held.
hold() {
    : >"$TMP/held"
    python3 "$here/conns.py" "${URL#https://127.0.0.1:}" "$@" >"$TMP/held" &
    holder=$!
    children="$children $holder"
    within 300 grep -q '^held' "$TMP/held" || not_ok 'the connections are opened'
}

let_go() {
    wait "$holder"
    ended "$holder"
}

# probe FROM: asks five times; the best second counts, for other tests share the machine.
probe() {
    local best=99999 ms i
    for i in 1 2 3 4 5; do
        ms=$(api /healthz -o /dev/null --interface "$1" -w '%{http_code} %{time_total}' 2>/dev/null |
            awk '{ printf "%d", $1 == 200 ? $2 * 1000 : 99999 }')
        [ "${ms:-99999}" -ge "$best" ] || best=$ms
    done
    if [ "$best" -lt 1000 ]; then ok "$2: served in $best ms"; else not_ok "$2" "best of five: $best ms"; fi
}

lines() {
    wc -l <"$DIR.log"
}

site_new
server_start
same 'what fits is taken, and said' 896 "$(jq -rR 'fromjson? | select(.event == "fewer-connections") | .taken' "$DIR.log")"

hold 1024 6 127.0.0.2 127.0.0.3
before=$(lines)
probe 127.0.0.9 'beside two addresses with 1,024 kept-alive connections each, one of their own /24'
probe 127.0.1.9 'and one from elsewhere'
sleep 1
count=$(($(lines) - before - 10)) # ten are the probes' own
if [ "$count" -lt 10 ]; then ok "the log stays short: $count lines"; else not_ok 'the log stays short' "$count lines"; fi
let_go
open=$(sed -n 's/^open //p' "$TMP/held")
if [ "$open" -le 448 ] && [ "$open" -gt 0 ]; then ok "a /24 holds half of all at most: $open"; else not_ok 'a /24 holds half of all at most' "$open"; fi

hold 1000 0 silent:127.0.0.2 silent:127.0.1.2 silent:127.0.2.2
probe 127.0.3.9 'beside 3,000 silent connections of three networks'
let_go

hold 20 7 silent:127.0.0.2
let_go
same 'who never begins TLS is cut off' 'open 0' "$(tail -n 1 "$TMP/held")"
hold 20 2 silent:127.0.0.2
let_go
same 'but not at once' 'open 20' "$(tail -n 1 "$TMP/held")"
finish
