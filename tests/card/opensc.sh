#!/usr/bin/env bash
# A second kind of token: OpenSC's module on a PKCS#15 card that refuses two certificates with one CKA_ID, signs by
# CKM_RSA_PKCS only and locks its PIN. The tries are read from the card's own memory.
. "$(dirname "$0")/../lib/site.sh"
. "$(dirname "$0")/stack.sh"
P11=$OPENSC AGAIN=$(built again)

looks() {
    expect 0 client --json list
    json 'list: the token, its one certificate, its key' 'length == 1 and .[0].serial == "0000000000000001" and
        (.[0].certificates | length) == 1 and .[0].certificates[0].id == "45" and .[0].certificates[0].key_seen'
    expect 0 client --json check
    json 'check: owed' '.[0].verdict == "eligible" and .[0].owed_days == 287'
}

renews() {
    expect 0 renew
    NEW=$(sql 'SELECT new_serial FROM issued WHERE confirmed_at IS NOT NULL')
    both=$(printf '%s\n' "$OLD" "$NEW" | sort | tr '\n' ' ')
    same 'the key signs under both, as pkcs15-tool reads them' "$both" "$(p15_usable)"
    same 'opensc-pkcs11.so shows both' "$both" "$(p11_shows)"
    same 'the old certificate keeps its CKA_ID' 45 "$(p11_id "$OLD")"
    differs 'the new one has a temporary one' 45 "$(p11_id "$NEW")"
    renewal_is_right 'on the card' "$TMP/one.pem" "$TMP/read/$(p11_id "$NEW").pem" 'Jul 16 16:59:59 2021 GMT'
    expect 0 renew
    same 'again changes nothing' "$both" "$(p15_usable)"
    expect 31 client clean --pin-file "$TMP/pin" # R5.11: not before the campaign allows it
    same 'clean without leave removes nothing' "$both" "$(p15_usable)"
}

cleans() {
    server_stop
    conf_set campaign.conf old_certificate remove-allowed
    server_start
    expect 0 client clean --pin-file "$TMP/pin"
    same 'clean: the new one is left' "$NEW " "$(p15_usable)"
    same 'clean: and shown' "$NEW " "$(p11_shows)"
    same 'clean: under the key'"'"'s CKA_ID' 45 "$(p11_id "$NEW")"
    expect 0 client clean --pin-file "$TMP/pin"
    expect 0 renew
    says 'nothing is left to do' 'full term'
}

wrong() { # a run with a wrong PIN
    client renew --yes --pin-file "$TMP/wrong" "$@"
}

# OpenSC tells the tries of this card only right after a wrong PIN; the next process must know them all the same.
locks() {
    printf 'wrong-pin-1\n' >"$TMP/wrong"
    printf '%s\n' 12345678901234567 >"$TMP/long" # the card's own limit is 16
    expect 22 client renew --yes --pin-file "$TMP/long"
    same 'a PIN that cannot be right costs no try' 3 "$(tries_left)"
    expect 22 wrong
    same 'a wrong PIN costs exactly one try' 2 "$(tries_left)"
    expect 22 wrong
    same 'the second too' 1 "$(tries_left)"
    expect 23 wrong
    says 'the last try is announced' 'ONE PIN try is left'
    expect 23 renew
    expect 0 client --json list
    json 'list knows of the last try' '.[0].pin_final_try'
    same 'the last try is not spent unasked' 1 "$(tries_left)"
    expect 0 renew --last-try
    same 'the right PIN gives the tries back' 3 "$(tries_left)"
    expect 0 client --json list
    json 'and the last try is forgotten' '.[0].pin_final_try | not'
    cp "$TMP/two.card" "$CARD" # the card as it was before the renewal; the server sends the certificate again
    card_out
    card_in
    for left in 2 1; do
        expect 22 wrong
        same "$left left" "$left" "$(tries_left)"
    done
    expect 23 wrong --last-try
    says 'locked is said at once' "PIN is locked"
    same 'none left' 0 "$(tries_left)"
    expect 23 renew
    says 'a locked card is called locked, whatever PIN' "PIN is locked"
    certs_read
    holds 'the certificate on the locked card is intact' test -f "$TMP/read/45.pem"
    quiet pkcs15-tool --unblock-pin --auth-id ff --puk "$SO_PUK" --new-pin "$PIN"
    expect 0 renew
    same 'unlocked: two certificates' 2 "$(p15_usable | wc -w)"
}

# OpenSC's directory of certificates is a file of fixed size; when that is full it says CKR_GENERAL_ERROR.
fills_up() {
    local n before
    for n in $(seq 1 8); do
        pkcs15-init --store-certificate "$DIR/old-ca.pem" --authority --id "c$n" --auth-id ff --pin "$PIN" --so-pin "$PIN" \
            --label "a certificate with quite a long label, number $n" >"$OUT" 2>&1 || break
    done
    says 'the card is full' 'File too small' "$OUT"
    before=$(p11_shows)
    expect 40 renew
    says 'and capbu says so: what CKR_GENERAL_ERROR means there is a quirk of the model' 'is full'
    same 'full: nothing changed' "$before" "$(p11_shows)"
    holds 'full: the old certificate works' grep -q "$(serial_of "$TMP/three.pem")" <(p15_usable)
}

# One process that lives on, as the page's does: the card is pulled out in the middle of its write and put back.
goes_on() {
    local n process
    for n in 1 4 8; do
        cp "$TMP/one.card" "$CARD"
        mkfifo "$TMP/line$n"
        card_in --cut "before:$n"
        "$AGAIN" "$OPENSC" "$TMP/pin" "$TMP/old.der" "$TMP/new.der" <"$TMP/line$n" >"$TMP/again" 2>&1 &
        process=$!
        children="$children $process"
        exec 9>"$TMP/line$n"
        holds "cut before $n: the write fails" within 10 grep -q 'failed: token' "$TMP/again"
        card_out
        card_in
        echo >&9
        exec 9>&-
        wait "$process"
        ended "$process"
        holds "cut before $n: put back, the same process goes on" within 10 grep -q '^written$' "$TMP/again"
        same "cut before $n: two certificates" 2 "$(p15_usable | wc -w)"
        same "cut before $n: no try is lost" 3 "$(tries_left)"
        card_out
    done
}

stack_start
site_new
card_personalise one
OLD=$(serial_of "$TMP/one.pem")
card_out
cp "$CARD" "$TMP/one.card"
openssl x509 -in "$TMP/one.pem" -outform DER -out "$TMP/old.der"
card_personalise three
card_out
card_personalise two
expect 0 ctl import "$TMP/rows.csv"
server_start
locked_card=$CARD
cp "$CARD" "$TMP/two.card"
card_out
CARD=$TMP/one.memory
expect 20 client list # an empty reader
card_in
looks
renews
openssl x509 -in "$TMP/read/$(p11_id "$NEW").pem" -outform DER -out "$TMP/new.der"
cleans
card_out
goes_on
CARD=$TMP/three.memory
card_in
fills_up
card_out
CARD=$locked_card
card_in
locks
card_out
finish
