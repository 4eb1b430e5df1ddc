#!/usr/bin/env bash
# The new CA's key on a PKCS#11 token: init, issuing, and what goes wrong with such a key.
. "$(dirname "$0")/../lib/site.sh"

new_ca newca 20190513000000Z 20240513000000Z
token_with_key newca
export SOFTHSM2_CONF=$TOKENS # of the server and capbuctl; `client` has its own
URI="pkcs11:token=newca;object=newca?module-path=$MODULE"
site_new --ca-cert "$TMP/newca.pem" --ca-key "$URI" --ca-pin-file "$TMP/pin"
expect 0 ctl check-config
if [ -e "$DIR/new-ca.key" ]; then not_ok 'no CA key in a file'; else ok 'no CA key in a file'; fi
subscriber one
subscriber two
expect 0 ctl import "$TMP/rows.csv"
server_start
for name in one two; do
    token_of "$name"
    expect 0 renew
    certs_on "$name"
    cert_read "$name" "$name [2021-07-16]" "$TMP/$name.new.pem"
    renewal_is_right "$name" "$TMP/$name.pem" "$TMP/$name.new.pem" 'Jul 16 16:59:59 2021 GMT'
done
server_stop
expect 0 ctl audit verify

# Wrong in every way: capbud does not start, and says why.
starts_not() { # starts_not WHAT TEXT
    timeout 20 "$CAPBUD" --dir "$DIR" >"$OUT" 2>"$ERR"
    differs "$1: capbud does not start" 0 $?
    says "$1: it says why" "$2"
    silent "$1: it is not ready" 'ready https' "$OUT"
}
printf 'wrong-pin-1' >"$TMP/wrong" && chmod 600 "$TMP/wrong"
conf_set capbud.conf ca_pin_file "\"$TMP/wrong\""
starts_not 'a wrong PIN' C_Login
conf_set capbud.conf ca_pin_file "\"$TMP/no-such-file\""
starts_not 'no PIN file' no-such-file
conf_set capbud.conf ca_pin_file "\"$TMP/pin\""
conf_set capbud.conf ca_key "\"${URI/object=newca/object=other}\""
starts_not 'no such key' other
conf_set capbud.conf ca_key "\"${URI/token=newca/token=gone}\""
starts_not 'no such token' gone
conf_set capbud.conf ca_key "\"$URI&pin-value=1234\""
starts_not 'a PIN in the configuration' ca_pin_file
conf_set capbud.conf ca_key "\"$DIR/cmp.key\""
starts_not 'the key of another certificate' cmp.key
expect 6 ctl check-config
finish
