#!/usr/bin/env bash
# A caller with everybody's certificate and nobody's key, as fast as it can, from one address and then from 100 networks:
# the audit hardly grows, nothing is written under a serial, and those who have their key renew meanwhile.
. "$(dirname "$0")/../lib/site.sh"
. "$(dirname "$0")/../lib/kur.sh"

: "${FLOOD:=4}" "${RENEWALS:=12}" # seconds of each flood, renewals during it; 60 and 400 in the long suite
CLOCK=2020-08-10T09:00:00+07:00
LOAD=$(built capbu-load)

# forged NAME: a kur of NAME's that went nowhere, then with a signature that is none, in $TMP/known.
forged() {
    local file=$TMP/known/$1.kur at
    URL=https://127.0.0.1:1 kur "$1" -reqout "$file" >"$OUT" 2>"$ERR"
    at=$(openssl asn1parse -inform DER -in "$file" | awk '/ d=2 .*BIT STRING/ { print $1 + 0; exit }')
    head -c 16 /dev/zero | dd of="$file" bs=1 seek=$((at + 20)) conv=notrunc status=none
}

took() { sed -n 's/.* seconds=\([0-9.]*\) .*/\1/p' "$OUT"; }

site_new
conf_set capbud.conf requests_per_minute 1000000 # nobody is turned away at the door: what comes is judged
mkdir "$TMP/known"
for name in a b c d e f; do subscriber "$name"; done
expect 0 ctl import "$TMP/rows.csv"
server_start
for name in a b c d e f; do
    forged "$name"
    cp "$TMP/$name.pem" "$TMP/known"
done
expect 0 kur a # there is a receipt to be had
expect 0 "$LOAD" "$DIR" "$URL" "$SERVER" 4 "$RENEWALS" # what is made once is made
expect 0 "$LOAD" "$DIR" "$URL" "$SERVER" 4 "$RENEWALS"
usual=$(took)
issued=$(sql 'SELECT count(*) FROM issued')
for addresses in 1 100; do
    before=$(ctl audit export | jq -s 'map(select(.kind == "unproven" or .kind == "refused")) | length')
    node "$here/flood.mjs" "$URL" "$FLOOD" "$addresses" "$TMP/known" >"$TMP/flooded" 2>"$TMP/flood.err" &
    flood=$!
    children="$children $flood"
    sleep 1
    expect 0 "$LOAD" "$DIR" "$URL" "$SERVER" 4 "$RENEWALS"
    during=$(took)
    wait "$flood"
    ended "$flood"
    issued=$((issued + RENEWALS))
    after=$(ctl audit export | jq -s 'map(select(.kind == "unproven" or .kind == "refused")) | length')
    cat "$TMP/flooded" "$TMP/flood.err"
    echo "   from $addresses: $((after - before)) lines; $RENEWALS renewals took $during s, $usual s as usual"
    holds "from $addresses: it was a flood" test -s "$TMP/flooded"
    holds "from $addresses: all of it was answered" jq -e '.calls > 50 and .["200"] > 0' "$TMP/flooded"
    if [ $((after - before)) -lt 200 ]; then ok "from $addresses: under 200 lines"; else not_ok "from $addresses: under 200 lines" "$((after - before))"; fi
done
same 'nobody got what is not theirs' "$issued" "$(sql 'SELECT count(*) FROM issued')"
ctl audit export >"$TMP/audit"
for name in b c d e f; do
    same "$name: nothing is under the serial" 0 "$(jq -s --arg s "$(serial_of "$TMP/$name.pem")" 'map(select(.old_serial == $s)) | length' "$TMP/audit")"
    expect 0 kur "$name"
done
expect 0 ctl audit verify
finish
