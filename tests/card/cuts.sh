#!/usr/bin/env bash
# Power cuts on the real stack: the card leaves the reader before or after (or in the middle of) each command that
# writes, comes back, and everything must converge. CARD_SWEEP=full cuts everywhere, without it at the telling places.
. "$(dirname "$0")/../lib/site.sh"
. "$(dirname "$0")/stack.sh"
P11=$OPENSC
: "${CARD_SWEEP:=short}"
runs=0 mended=0 n=0

# writes COMMAND...: how many writing commands it sends to the card of the present snapshot; their log in $TMP/writes.
writes() {
    card_in --log "$TMP/writes"
    quiet "$@"
    card_out
    WRITES=$(wc -l <"$TMP/writes")
}

# places: where to cut, one "KIND:N" a line. Telling places: where another command or file begins, one further, the end.
places() {
    local n
    if [ "$CARD_SWEEP" = short ]; then
        awk '{ here = $3 " " $NF } here != last || begun { print "before:" NR; begun = here != last } { last = here }
            END { print "after:" NR }' "$TMP/writes"
        return
    fi
    for n in $(seq 1 "$WRITES"); do printf '%s\n' "before:$n" "after:$n" "torn:$n"; done
}

# cut SNAPSHOT KIND:N COMMAND...: the command with that cut, and the card back in the reader. Its status is STATUS.
cut() {
    restore "$1"
    card_in --cut "$2"
    "${@:3}" >"$OUT" 2>"$ERR"
    STATUS=$?
    card_out
    runs=$((runs + 1))
    [ "$POWER_STATUS" = 3 ] || not_ok "$2: the power was cut" "vcard ended with $POWER_STATUS"
    [ "$STATUS" = 40 ] || not_ok "$2: the cut run says so" "ended with $STATUS: $(tail -n 1 "$ERR")"
    card_in
}

# again COMMAND...: must end with 0; the card keeps its three tries.
again() {
    "$@" >"$OUT" 2>"$ERR" || not_ok "$where: a second run" "ended with $?: $(tail -n 1 "$ERR")"
    [ "$(tries_left)" = 3 ] || not_ok "$where: no try is lost"
}

# While the old certificate stays (R5.11) there is always one that works, and a second run ends with the same new one.
cut_renew() { # cut_renew SNAPSHOT KIND:N
    local where="$1, renew cut $2" issued before after
    cut "$1" "$2" renew
    issued=$(sql 'SELECT new_serial FROM issued')
    before="$(p15_usable)/$(p11_shows)"
    case $before in
    *"$OLD "*/*"$OLD "*) ;;
    *) not_ok "$where: the old certificate works" "usable/shown: $before" ;;
    esac
    again renew
    after=$(printf '%s\n' $extra "$OLD" "$issued" | sort | tr '\n' ' ')
    same "$where: then old and new, confirmed" "$(printf '%s\n' "$OLD" "$issued" | sort | tr '\n' ' ')/$after/1" \
        "$(p15_usable)/$(p11_shows)/$(sql 'SELECT count(confirmed_at) FROM issued')"
    card_out
}

# Removing is the subscriber's wish (policy remove-allowed). One moment is the card's own: its file is deleted, the
# directory still lists it, and OpenSC's module shows nothing then. The new certificate and the key are there all
# the same, capbu says so, and putting the file back mends it, as a hotline can.
cut_clean() { # cut_clean SNAPSHOT KIND:N
    local where="$1, clean cut $2"
    cut "$1" "$2" client clean --pin-file "$TMP/pin"
    case $(p15_usable) in
    *"$NEW "*) ;;
    *) not_ok "$where: the new certificate works" ;;
    esac
    if [ -z "$(p11_shows)" ]; then
        mended=$((mended + 1))
        expect 40 client clean --pin-file "$TMP/pin"
        says "$where: what is hidden is said" 'do not initialise it'
        expect 10 renew
        says "$where: by renew too" 'do not initialise it'
        mend
    fi
    again client clean --pin-file "$TMP/pin"
    same "$where: then the new one alone, with the key's CKA_ID" "$NEW /$NEW /45" "$(p15_usable)/$(p11_shows)/$(p11_id "$NEW")"
    card_out
}

# Puts the certificate file back that the directory still speaks of.
mend() {
    local file
    openssl x509 -in "$TMP/one.pem" -outform DER -out "$TMP/one.der"
    file=$(pkcs15-tool --dump 2>/dev/null | awk '/^X.509/ { n = "" } /Path +: 3f005015/ { n = substr($NF, 9) } /Encoded serial/ { n = "" }
        /^$/ && n ~ /^34/ { print n; n = "" }' | head -n 1)
    printf 'cd 5015\nverify CHV1 "%s"\ncreate %s %d\nput %s %s\nquit\n' "$PIN" "$file" "$(stat -c %s "$TMP/one.der")" "$file" "$TMP/one.der" |
        quiet opensc-explorer
}

sweep() { # sweep cut_renew|cut_clean SNAPSHOT COMMAND...
    local place
    restore "$2"
    writes "${@:3}"
    sed 's/^/    /' "$TMP/writes"
    for place in $(places); do "$1" "$2" "$place"; done
    echo "$2: $WRITES writing commands, $runs cuts so far"
}

stack_start
site_new
conf_set campaign.conf old_certificate remove-allowed
card_personalise one
quiet ctl import "$TMP/rows.csv"
OLD=$(serial_of "$TMP/one.pem") extra=
card_out
snapshot fresh
sweep cut_renew fresh renew
if [ "$CARD_SWEEP" = full ]; then # the issuers' certificates are on many tokens: the card's directory is longer then
    restore fresh
    card_in
    for ca in old-ca new-ca; do
        quiet pkcs15-init --store-certificate "$DIR/$ca.pem" --authority --id "c$((++n))" --auth-id ff --pin "$PIN" --so-pin "$PIN" --label "$ca"
        extra="$extra $(serial_of "$DIR/$ca.pem")"
    done
    card_out
    snapshot crowded
    sweep cut_renew crowded renew
    extra=
fi
restore fresh
card_in
quiet renew
NEW=$(sql 'SELECT new_serial FROM issued')
card_out
snapshot renewed
sweep cut_clean renewed client clean --pin-file "$TMP/pin"
echo "$runs power cuts, $mended of them left a card that hides its certificates"
finish
