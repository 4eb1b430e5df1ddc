#!/usr/bin/env bash
# Stock `openssl cmp -cmd kur` against capbud: what it gets, what it is refused and why, and that all of it is audited.
. "$(dirname "$0")/../lib/site.sh"
. "$(dirname "$0")/../lib/kur.sh"

# Extensions: exactly the profile of the renewal, whatever OpenSSL's text calls them.
profile_is_right() { # profile_is_right NAME PEM
    openssl x509 -in "$2" -noout -text -nameopt utf8 >"$TMP/text"
    same "$1: exactly the profile's extensions" 'Authority Information Access|Subject Key Identifier|Basic Constraints: critical|Authority Key Identifier|CRL Distribution Points|Key Usage: critical|' \
        "$(grep -E '^ {12}[^ ].*: (critical)?$' "$TMP/text" | sed 's/^ *//; s/X509v3 //; s/: *$//' | tr '\n' '|')"
    same "$1: signed with SHA-256" 'sha256WithRSAEncryption' "$(awk '/Signature Algorithm/ { print $3; exit }' "$TMP/text")"
    same "$1: version 3" 'Version: 3 (0x2)' "$(sed -n 's/^ *\(Version.*\)/\1/p' "$TMP/text")"
    same "$1: a serial of 16 bytes" 32 "$(openssl x509 -in "$2" -noout -serial | sed 's/serial=//' | tr -d '\n' | wc -c)"
    says "$1: CA:FALSE" 'CA:FALSE' "$TMP/text"
    says "$1: key usage as before" 'Digital Signature, Non Repudiation, Key Encipherment' "$TMP/text"
    says "$1: OCSP" 'OCSP - URI:http://ocsp.viettel-ca.vn' "$TMP/text"
    says "$1: CRL" 'URI:http://crl.viettel-ca.vn/' "$TMP/text"
    silent "$1: no needless cRLIssuer" 'CRL Issuer' "$TMP/text"
    same "$1: AKI is the new CA's SKI" "$(ski_of "$DIR/new-ca.pem")" \
        "$(openssl x509 -in "$2" -noout -ext authorityKeyIdentifier | tail -n 1 | tr -d ' ')"
    same "$1: SKI is the old one's" "$(ski_of "$TMP/$1.pem")" "$(ski_of "$2")"
}

ski_of() { openssl x509 -in "$1" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' '; }

# The file key, twice; then the key in SoftHSM through OpenSSL's engine.
good() {
    expect 0 kur file
    cp "$TMP/got.pem" "$TMP/file.new.pem"
    renewal_is_right file "$TMP/file.pem" "$TMP/file.new.pem" 'Jul 16 16:59:59 2021 GMT'
    profile_is_right file "$TMP/file.new.pem"
    expect 0 kur file
    same 'file: the same bytes again' "$(b64_of "$TMP/file.new.pem")" "$(b64_of "$TMP/got.pem")"
    expect 0 kur file -implicit_confirm
    same 'file: the same bytes once more' "$(b64_of "$TMP/file.new.pem")" "$(b64_of "$TMP/got.pem")"
    expect 0 kur leap
    renewal_is_right leap "$TMP/leap.pem" "$TMP/got.pem" 'Feb 29 16:59:59 2024 GMT'
    token_of token
    export SOFTHSM2_CONF=$TOKENS PKCS11_MODULE_PATH=$MODULE
    local key="pkcs11:token=token;id=%01;type=private;pin-source=file:$TMP/pin"
    NO_KEY='-engine pkcs11 -keyform engine' expect 0 kur token -key "$key"
    cp "$TMP/got.pem" "$TMP/token.new.pem"
    renewal_is_right token "$TMP/token.pem" "$TMP/token.new.pem" 'Jul 16 16:59:59 2021 GMT'
    NO_KEY='-engine pkcs11 -keyform engine' expect 0 kur token -key "$key"
    same 'token: the same bytes again' "$(b64_of "$TMP/token.new.pem")" "$(b64_of "$TMP/got.pem")"
    unset SOFTHSM2_CONF PKCS11_MODULE_PATH
    same 'three were issued' 3 "$(sql 'SELECT count(*) FROM issued')"
    same 'all confirmed' 3 "$(sql 'SELECT count(*) FROM issued WHERE confirmed_at IS NOT NULL')"
}

refusals() {
    refused suspended suspended
    refused revoked revoked
    refused offday expiry-differs
    refused onday issued-on-connection-day
    refused after issued-after-connection
    refused short contract-not-longer
    refused beyond beyond-new-ca
    refused unknown unknown-certificate
    refused weak key-too-weak
    refused past expired
    audited past expiry-differs
    STRANGER=1 refused forged bad-signature
    refused two suspended
    audited two contract-not-longer
    STRANGER=1 refused other not-old-issuer
    refused notyet not-open-yet
    quiet openssl genrsa -out "$TMP/newkey.key" 2048
    refused rekey new-key-not-allowed -newkey "$TMP/newkey.key"
    refused oldcert other-certificate -oldcert "$TMP/file.pem" -newkey "$TMP/oldcert.key"
    expect 1 kur oldcert -oldcert "$TMP/file.pem" # OpenSSL then asks for that one's key too
    says 'oldcert is told bad-pop' bad-pop
    audited oldcert bad-pop # under the name of who signed, not of whom it speaks
    holds 'nothing of it stands under the other one' jq -se --arg s "$(serial_of "$TMP/file.pem")" \
        'any(.old_serial == $s and .kind == "refused") | not' "$TMP/audit"
    expect 1 kur stolen -key "$TMP/file.key" # another one's key under this certificate
    same 'nobody but the three has a certificate' 3 "$(sql 'SELECT count(*) FROM issued')"
    expect 0 kur rekey
    refused rekey new-key-not-allowed -newkey "$TMP/newkey.key"
    same 'and the one after all' 4 "$(sql 'SELECT count(*) FROM issued')"
}

post() { # post FILE: the message as it is, the answer to $TMP/answer; prints the status
    api /.well-known/cmp -H 'Content-Type: application/pkixcmp' --data-binary "@$1" -o "$TMP/answer" -w '%{http_code}'
}

# An error message ([23]), or a kup ([8]) without a certificate: the subscriber's name stands in the header only.
is_refusal() { # is_refusal FILE
    openssl asn1parse -inform DER -in "$1" >"$TMP/parsed" 2>/dev/null &&
        grep -qE 'd=1 .*cont \[ (23|8) \]' "$TMP/parsed" && [ "$(grep -c 'UTF8STRING *:MST:' "$TMP/parsed")" = 1 ]
}

# Messages as they were on the wire: changed, sent twice, senseless.
wire() {
    local size at n bad=0 before
    expect 0 kur wire -reqout "$TMP/kur.der"
    cp "$TMP/got.pem" "$TMP/wire.new.pem"
    same 'the same message is answered' 200 "$(post "$TMP/kur.der")"
    cp "$TMP/answer" "$TMP/first"
    same 'and again' 200 "$(post "$TMP/kur.der")"
    holds 'with the very same bytes' cmp "$TMP/first" "$TMP/answer"
    if is_refusal "$TMP/answer"; then not_ok 'is_refusal can tell a grant'; else ok 'is_refusal can tell a grant'; fi
    same 'one certificate for the old serial' 1 "$(sql "SELECT count(*) FROM issued WHERE old_serial = '$SERIAL_WIRE'")"
    expect 1 kur altered -reqout "$TMP/altered.der" -server 127.0.0.1:1 # only to have the message
    size=$(stat -c %s "$TMP/altered.der")
    before=$(sql 'SELECT count(*) FROM issued')
    for n in $(seq 1 20); do
        at=$((size * n / 21))
        cp "$TMP/altered.der" "$TMP/flipped.der"
        flip "$TMP/flipped.der" "$at"
        post "$TMP/flipped.der" >"$TMP/code"
        case $(cat "$TMP/code") in
        400) ;; # not DER any more
        200) is_refusal "$TMP/answer" || bad=$((bad + 1)) ;;
        *) bad=$((bad + 1)) ;;
        esac
    done
    same 'twenty altered messages: all refused' 0 "$bad"
    same 'and nothing issued' "$before" "$(sql 'SELECT count(*) FROM issued')"
    STRANGER=1 audited altered bad-protection
    printf 'garbage' >"$TMP/garbage"
    same 'garbage' 400 "$(post "$TMP/garbage")"
    : >"$TMP/empty"
    same 'nothing' 400 "$(post "$TMP/empty")"
    head -c 300 "$TMP/kur.der" >"$TMP/cut"
    same 'half a message' 400 "$(post "$TMP/cut")"
    { cat "$TMP/kur.der"; echo x; } >"$TMP/more"
    same 'a message and more' 400 "$(post "$TMP/more")"
    head -c 70000 /dev/zero >"$TMP/large"
    same 'more than the limit' 413 "$(post "$TMP/large")"
    same 'the untouched message is still good' 200 "$(post "$TMP/altered.der")"
}

flip() { # flip FILE OFFSET: changes one bit
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

others() {
    NO_KEY="-secret pass:1234 -ref 4711 -newkey $TMP/wire.key" expect 1 kur wire
    says 'PBM protection is refused' bad-protection
    expect 1 kur wire -cmd ir -newkey "$TMP/wire.key" -subject /CN=x
    says 'ir is not served' 'unsupported'
    expect 1 kur wire -unprotected_requests
    says 'no protection is refused' bad-protection
    NO_KEY='' expect 1 kur wire -trusted "$DIR/old-ca.pem" -key "$TMP/wire.key" # the answer's signer is under the new CA only
}

# What openssl signs with a hash that can be forged, and an oldCertID of the right number under a wrong issuer.
stock_options() {
    STRANGER=1 refused sha1 bad-protection -digest sha1
    STRANGER=1 refused md5 bad-protection -digest md5
    expect 0 kur md5 -digest sha512
    quiet openssl req -x509 -newkey rsa:2048 -nodes -subj '/C=VN/CN=Another-CA' -days 9999 -keyout "$TMP/twin-ca.key" \
        -out "$TMP/twin-ca.pem"
    quiet openssl req -new -key "$TMP/twin.key" -subj /CN=twin -out "$TMP/twin.csr"
    quiet openssl x509 -req -in "$TMP/twin.csr" -CA "$TMP/twin-ca.pem" -CAkey "$TMP/twin-ca.key" -days 999 -out "$TMP/twin2.pem" \
        -set_serial "0x$(serial_of "$TMP/twin.pem")"
    same 'the twin has the same serial' "$(serial_of "$TMP/twin.pem")" "$(serial_of "$TMP/twin2.pem")"
    refused twin other-certificate -oldcert "$TMP/twin2.pem" -newkey "$TMP/twin.key"
    expect 0 kur twin -oldcert "$TMP/twin.pem" -newkey "$TMP/twin.key"
}

site_new
for name in file token wire altered rekey oldcert stolen sha1 md5 twin; do
    subscriber "$name"
    [ "$name" = wire ] && SERIAL_WIRE=$SERIAL
done
subscriber leap contract_to=2024-02-29 bits=2048
subscriber suspended status=suspended
subscriber revoked status=revoked
subscriber offday not_after=20201001024220Z
subscriber onday not_before=20190717020000Z
subscriber after not_before=20190801020000Z
subscriber short contract_to=2020-10-02
subscriber beyond contract_to=2025-01-01
subscriber unknown row=no
subscriber weak bits=768
subscriber two status=suspended contract_to=2020-10-02
subscriber notyet device=v2
subscriber past not_after=20200301024220Z
other_ca() { # other_ca NAME [OPTIONS]: a CA of the same name with another key, in $DIR
    quiet openssl req -x509 -newkey rsa:2048 -nodes -subj '/C=VN/O=Viettel Group/CN=Viettel-CA' -days 9999 \
        -keyout "$DIR/$1.key" -out "$DIR/$1.pem" "${@:2}"
}
other_ca other
other_ca forger -addext "subjectKeyIdentifier=$(ski_of "$DIR/old-ca.pem" | tr -d :)" # claims to be the old CA
subscriber forged ca=forger
subscriber other ca=other
expect 0 ctl import "$TMP/rows.csv"
server_start
good
refusals
wire
others
stock_options
expect 0 ctl audit verify
same 'an export row for each' "$(sql 'SELECT count(*) FROM issued')" "$(ctl export --csv "$TMP/e.csv" >/dev/null; tail -n +2 "$TMP/e.csv" | wc -l)"
finish
