#!/usr/bin/env bash
# The main job: the letter's fourteen cases on software tokens, renewed by capbu against capbud, judged by OpenSSL and
# pkcs11-tool.
. "$(dirname "$0")/../lib/site.sh"

END='Jul 16 16:59:59 2021 GMT' # of the cases' contracts, in UTC
declare -A WANTED=([v2-not-open]=not-open [other-ca]=not-old-issuer)

serial_at() { sed 's/^0*//' "$TMP/on/$1.serial" | tr a-f A-F; }

# place_of SERIAL: which of the certificates that certs_on found has it.
place_of() {
    local n
    for n in $(seq 1 "$ON"); do [ "$(serial_at "$n")" != "$1" ] || echo "$n"; done
}

# What interfaces.md says of the new certificate object, as pkcs11-tool sees it and as SoftHSM's own file has it.
object_is_right() { # object_is_right TOKEN NEW.pem CKA_ID
    local n issuer hex
    certs_on "$1"
    n=$(place_of "$(serial_of "$2")")
    [ -n "$n" ] || { not_ok "$1: the new certificate is found by its serial"; return; }
    same "$1: CKA_ID is the key's" "$3" "$(cat "$TMP/on/$n.id")"
    says "$1: the label ends with the last day" '[2021-07-16]' "$TMP/on/$n.label"
    says "$1: the object has the subject" 'UID=MST:' "$TMP/on/$n.subject"
    issuer=$(tbs_field "$DIR/new-ca.pem" 6)
    hex=$(cat "${TOKENS%.conf}"/*/*.object | od -An -v -tx1 | tr -d ' \n')
    case $hex in # attribute type CKA_ISSUER (0x81), kind 3 (byte string), length, the name
    *"00000000000000810000000000000003$(printf %016x $((${#issuer} / 2)))$issuer"*) ok "$1: the object has the issuer" ;;
    *) not_ok "$1: the object has the issuer" ;;
    esac
}

# token_is_renewed TOKEN OLD.pem CKA_ID: everything about a token whose certificate was renewed.
token_is_renewed() {
    local label new=$TMP/$1.new.pem
    certs_on "$1"
    label=$(cat "$TMP"/on/*.label | grep -F '[2021-07-16]' | head -n 1)
    [ -n "$label" ] && cert_read "$1" "$label" "$new" || { not_ok "$1: the new certificate is on the token"; return; }
    renewal_is_right "$1" "$2" "$new" "$END"
    same "$1: the old certificate is still there" 1 "$(place_of "$(serial_of "$2")" | wc -l)"
    object_is_right "$1" "$new" "$3"
    holds "$1: the key signs under the new certificate" key_signs "$1" "$new"
}

old_cert() { # old_cert TOKEN: its only certificate, before anything is done to it
    certs_on "$1"
    cert_read "$1" "$(cat "$TMP/on/1.label")" "$TMP/$1.old.pem"
}

refused_case() { # refused_case NAME WHY STATUS
    local before after
    before=$(token_serials "$1")
    expect "$3" renew
    [ "$3" = 11 ] && says "$1: says when" 2020-04-01 || says "$1: says why" "$2"
    after=$(token_serials "$1")
    same "$1: nothing changed on the token" "$before" "$after"
}

owed_case() {
    old_cert "$1"
    case $1 in
    half-way) # the power goes after the token has stored the certificate, before the confirmation
        SHIM_MODULE=$MODULE SHIM_FAIL=C_CreateObject:1:kill:after P11=$SHIM expect 137 renew
        holds 'half-way: the journal knows of it' grep -q 'step=issued' "$TMP"/state/capbu/renewal-*
        expect 0 client resume --yes --pin-file "$TMP/pin"
        same 'half-way: the journal is done with' 0 "$(find "$TMP/state/capbu" -name 'renewal-*' | wc -l)"
        expect 0 client resume --yes --pin-file "$TMP/pin"
        says 'half-way: nothing is left to resume' 'othing'
        expect 0 client --json resume
        json 'half-way: and what there is, in JSON' 'map(.due) == ["done"]' ;;
    already-done)
        expect 0 renew
        before=$(token_serials "$1")
        expect 0 renew
        same "$1: again changes nothing" "$before" "$(token_serials "$1")" ;;
    *) expect 0 renew ;;
    esac
    same "$1: two certificates" 2 "$(token_serials "$1" | wc -l)"
    token_is_renewed "$1" "$TMP/$1.old.pem" 01
}

two_certificates() {
    local serial n=0
    before=$(token_serials two-certificates)
    expect 21 renew
    for serial in $before; do says "two-certificates: shows $serial" "$serial"; done
    same 'two-certificates: nothing is guessed' "$before" "$(token_serials two-certificates)"
    certs_on two-certificates
    for serial in $before; do
        n=$((n + 1))
        cert_read two-certificates "$(cat "$TMP/on/$(place_of "$serial").label")" "$TMP/two.$serial.pem"
    done
    serial=${before%%$'\n'*} # one as others write it: in decimal
    expect 0 renew --serial "$(printf 'ibase=16; %s\n' "$serial" | BC_LINE_LENGTH=0 bc)"
    for serial in $before; do expect 0 renew --serial "0x$serial"; done
    same 'two-certificates: four now' 4 "$(token_serials two-certificates | wc -l)"
    expect 0 renew
}

site_new
tokens_new cases
quiet env SOFTHSM2_CONF="$TOKENS" "$CAPBUCTL" --dir "$DIR" drill cases --csv "$TMP/c.csv" --module "$MODULE" --pin-file "$TMP/pin"
cp "$OUT" "$TMP/cases.tsv"
tokens_split
expect 0 ctl import "$TMP/c.csv"
same 'fourteen cases' 14 "$(wc -l <"$TMP/cases.tsv")"
server_start
while IFS=$'\t' read -r name want status _; do
    tokens_use "$name"
    case $status in
    0) owed_case "$name" ;;
    21) two_certificates ;;
    *) refused_case "$name" "${WANTED[$name]:-$want}" "$status" ;;
    esac
done <"$TMP/cases.tsv"

expect 0 ctl export --csv "$TMP/export.csv"
same 'five were issued' 5 "$(tail -n +2 "$TMP/export.csv" | wc -l)"
same 'all of them confirmed' 5 "$(tail -n +2 "$TMP/export.csv" | cut -d, -f7 | grep -c '^2020-03-15T')"
for name in v4-owed half-way already-done; do
    same "$name: the export has the token's bytes" "$(b64_of "$TMP/$name.new.pem")" \
        "$(awk -F, -v s="$(serial_of "$TMP/$name.old.pem")" '$1 == s { print $8 }' "$TMP/export.csv")"
done
expect 0 ctl audit verify
finish
