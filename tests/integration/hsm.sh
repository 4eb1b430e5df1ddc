#!/usr/bin/env bash
# Every key that may be on a PKCS#11 token is on one: the CA's, the one of CMP answers, the one of token models. RENEWALS by
# 16 clients at a time, while a helper is killed now and then: every answer verifies, nothing else dies, nobody waits.
. "$(dirname "$0")/../lib/site.sh"

: "${RENEWALS:=150}" # 2,000 in the long suite
: "${EVERY:=0.5}"    # seconds from one kill to the next
CLOCK=2020-08-10T09:00:00+07:00 # all devices are open (R3.6)
LOAD=$(built capbu-load)

uri() { echo "\"pkcs11:token=$1;object=$1?module-path=$MODULE\""; }

# move NAME FILE: the key of that file of the installation, onto a token called NAME; the file goes.
move() {
    mv "$DIR/$2" "$TMP/$1.key"
    key_add "$1"
    rm "$TMP/$1.key"
}

killed=0
kill_helpers() { # until $TMP/over is there; never while one is still being replaced
    local parent victim
    parent=$(pgrep -P "$SERVER" | head -n 1)
    while [ ! -e "$TMP/over" ]; do
        sleep "$EVERY"
        victim=$(pgrep -P "$parent" | shuf -n 1)
        [ "$(api /metrics | sed -n 's/^capbu_signer_helpers //p')" = 2 ] && kill -9 "$victim" 2>/dev/null && killed=$((killed + 1))
    done
    echo "$killed" >"$TMP/killed"
}

site_new
tokens_new keys
export SOFTHSM2_CONF=$TOKENS
move newca new-ca.key
move answers cmp.key
move models devices.key
conf_set capbud.conf ca_key "$(uri newca)"
conf_set capbud.conf cmp_key "$(uri answers)"
conf_set capbud.conf devices_key "$(uri models)"
for what in ca cmp devices; do conf_set capbud.conf "${what}_pin_file" "\"$TMP/pin\""; done
conf_set capbud.conf requests_per_minute 1000000
expect 0 ctl check-config
server_start

kill_helpers &
killer=$!
children="$children $killer"
"$LOAD" "$DIR" "$URL" "$SERVER" 16 "$RENEWALS" >"$OUT" 2>"$ERR" &
load=$!
children="$children $load"
published=0
while kill -0 "$load" 2>/dev/null; do # token models are signed meanwhile
    "$CAPBUCTL" --dir "$DIR" devices publish >"$TMP/publish" 2>&1 && published=$((published + 1))
    sleep "$EVERY"
done
wait "$load"
same 'every renewal ended well, its answers verified' 0 $?
cat "$OUT" "$ERR"
: >"$TMP/over"
wait "$killer"
ended "$killer"
ended "$load"
killed=$(cat "$TMP/killed")
[ "$killed" -gt 0 ] && [ "$published" -gt 0 ]
same "helpers were killed ($killed) and models published ($published) meanwhile" 0 $?
if kill -0 "$SERVER" 2>/dev/null; then ok 'the server lives'; else not_ok 'the server lives' "$(tail -n 3 "$DIR.log")"; fi
api /api/v1/devices -o "$TMP/models.der"
expect 0 openssl cms -verify -inform DER -in "$TMP/models.der" -CAfile "$DIR/new-ca.pem" -purpose any -attime "$(site_now)" -binary -out "$TMP/models.json"

# The HSM is away for a moment, and somebody asks meanwhile. When it is back all goes on, with no restart.
keep=$(sed -n 's/^directories.tokendir *= *//p' "$TOKENS")
mv "$keep" "$keep.away" && mkdir "$keep"
"$LOAD" "$DIR" "$URL" "$SERVER" 1 1 >"$OUT" 2>"$ERR"
differs 'no renewal without the HSM' 0 $?
same 'not ready without the HSM' 503 "$(api /readyz -o "$TMP/ready" -w '%{http_code}')"
says 'it says why' 'sign' "$TMP/ready"
rmdir "$keep" && mv "$keep.away" "$keep"
ready_again() { [ "$(api /readyz -o "$TMP/ready" -w '%{http_code}')" = 200 ]; }
within 90 ready_again # the parent starts so many helpers a minute only, and a good many were killed just now
same 'ready again with the HSM' 0 $?
"$LOAD" "$DIR" "$URL" "$SERVER" 4 20 >"$OUT" 2>"$ERR"
same 'renewals go on' 0 $?
cat "$OUT" "$ERR"
RENEWALS=$((RENEWALS + 20))

mkdir "$TMP/issued"
sql 'SELECT new_serial, hex(der) FROM issued WHERE der IS NOT NULL' | while IFS='|' read -r serial der; do
    xxd -r -p <<<"$der" | openssl x509 -inform DER -out "$TMP/issued/$serial.pem"
done
expect 0 openssl verify -partial_chain -trusted "$DIR/new-ca.pem" -attime "$(site_now)" "$TMP"/issued/*.pem
same 'each certificate verifies' "$RENEWALS" "$(grep -c ': OK$' "$OUT")"
expect 0 ctl export --csv "$TMP/export.csv"
same 'as many are confirmed' "$RENEWALS" "$(tail -n +2 "$TMP/export.csv" | awk -F, '$7 != ""' | wc -l)"
same 'no old serial twice' '' "$(tail -n +2 "$TMP/export.csv" | cut -d, -f1 | sort | uniq -d)"
expect 0 ctl audit verify
finish
