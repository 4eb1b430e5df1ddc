#!/usr/bin/env bash
# Certificates as other tools wrote them: read with a note, refused before any PIN when nothing new can be made of them,
# told from those that are no certificates; and the server's own, before their end and after it.
. "$(dirname "$0")/../lib/site.sh"

# odd NAME KEY=LINE...: a subscriber whose certificate has those extensions instead of, or beside, the usual ones.
odd() {
    local name=$1 pair
    local -A with=([basicConstraints]=critical,CA:FALSE [authorityKeyIdentifier]=keyid [subjectKeyIdentifier]=hash
        [keyUsage]=critical,digitalSignature,nonRepudiation)
    shift
    for pair in "$@"; do with["${pair%%=*}"]=${pair#*=}; done
    [ -f "$TMP/ca/conf" ] || mint_ca_conf
    printf '[odd_%s]\n' "$name" >>"$TMP/ca/conf"
    for pair in "${!with[@]}"; do [ -z "${with[$pair]}" ] || printf '%s=%s\n' "$pair" "${with[$pair]}" >>"$TMP/ca/conf"; done
    minted=$((minted + 1))
    TAX=$(printf '01%08d' $((10000000 + minted)))
    [ -f "$TMP/key.pem" ] || quiet openssl genrsa -out "$TMP/key.pem" 1024
    request "$TMP/ca/csr" "/UID=MST:$TAX/CN=CÔNG TY $name/L=HÀ NỘI/C=VN" -key "$TMP/key.pem"
    certify "$TMP/$name.pem" "$TMP/ca/csr" 20180717020000Z 20201002024220Z old-ca -extensions "odd_$name"
    [ -f "$TMP/rows.csv" ] || csv_header "$TMP/rows.csv"
    csv_line "$TMP/$name.pem" "HD-$minted" "$TAX" "CÔNG TY $name" v4 2021-07-16 active >>"$TMP/rows.csv"
}

many() { # many N: that many extensions that nobody knows, as odd takes them
    local n
    for n in $(seq "$1"); do echo "1.3.6.1.4.1.99999.$n=DER:0500"; done
}

policies() { # a policy extension of 6 KiB
    local n hex='' one
    for n in $(seq 430); do one=$(printf '06092B0601040186ED%02X%02X' $((n % 128)) $((n / 128))); hex+="300B$one"; done
    printf 'DER:30%s%s' "82$(printf '%04X' $((${#hex} / 2)))" "$hex"
}

kur() { # kur NAME: a stock client asks for it
    openssl cmp -config '' -cmd kur -server "${URL#https://}" -path .well-known/cmp -tls_used -tls_trusted "$DIR/server-ca.pem" \
        -trusted "$DIR/new-ca.pem" -partial_chain -attime "$(site_now)" -cert "$TMP/$1.pem" -key "$TMP/key.pem" \
        -certout "$TMP/$1.new.pem" -batch >"$OUT" 2>&1
}

# renewable NAME NOTES: eligible with those notes, and what it becomes is right by OpenSSL's strict rules.
renewable() {
    check_of "$TMP/$1.pem" >"$OUT"
    json "$1: eligible, and its notes" ".verdict == \"eligible\" and .unfit == [] and .notes == $2" "$OUT"
    holds "$1: it is renewed" kur "$1"
    holds "$1: the new one holds strictly" openssl verify -x509_strict -partial_chain -no_check_time -trusted "$DIR/new-ca.pem" "$TMP/$1.new.pem"
}

# barred NAME UNFIT: refused before any PIN, and by CMP too with the same reason.
barred() {
    check_of "$TMP/$1.pem" >"$OUT"
    json "$1: not renewable for $2" ".verdict == \"refused\" and .reasons == [\"not-renewable\"] and .unfit == [\"$2\"] and .state == null" "$OUT"
    if kur "$1"; then not_ok "$1: CMP refuses it"; else says "$1: CMP refuses it with the reason" "${3:-not-renewable}"; fi
}

site_new
mint_ca_conf
echo 0A1B2C3D4E >"$TMP/ca/serial" # short enough for this shell's arithmetic
odd plain
odd usage keyUsage= 2.5.29.15=critical,DER:030200C0
odd registered subjectAltName=RID:1.2.3.4
odd upn 'subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;BMPSTRING:abc'
odd relative 2.5.29.31=DER:30163014A012A110300E06035504030C0763726C2D303031
odd crlsign keyUsage=critical,digitalSignature,cRLSign
odd ca basicConstraints=critical,CA:TRUE
odd nosign keyUsage=critical,nonRepudiation
odd emptysan 2.5.29.17=DER:3000
odd badpolicy 2.5.29.32=DER:30023000
odd large "2.5.29.32=$(policies)"
mapfile -t MANY < <(many 24)
odd untaken "${MANY[@]}"
server_start

expect 3 ctl import "$TMP/rows.csv" --json
json 'import counts what is odd and what is not taken' \
    '.rows == 12 and .added == 11 and .refused == 1 and .not_taken == 1 and .noted == 3' "$OUT"
says 'it is read, but not taken' 'read, but not taken: certificate: extensions: more than 24; ask the maintainers' "$TMP/rows.csv.refused.csv"
silent 'nobody is told to export it again' 'export it again' "$TMP/rows.csv.refused.csv"
expect 3 ctl --lang en import "$TMP/rows.csv"
says 'a person is told as well' '1 certificates are read, but not taken: ask the maintainers'

renewable plain '[]'
renewable usage '["keyUsage"]'
same 'its key usage in the shortest form' 030206C0 \
    "$(openssl asn1parse -in "$TMP/usage.new.pem" | grep -A2 'X509v3 Key Usage' | sed -n 's/.*\[HEX DUMP\]://p')"
renewable registered '[]'
same 'the registered ID is in the new one' 'Registered ID:1.2.3.4' \
    "$(openssl x509 -in "$TMP/registered.new.pem" -noout -ext subjectAltName | tail -n1 | tr -d ' ' | sed 's/RegisteredID/Registered ID/')"
renewable upn '[]'
renewable relative '[]'
barred crlsign key-usage
barred ca ca
barred nosign key-usage "is for no signatures"
barred emptysan extension
barred badpolicy extension
barred large size
expect 0 ctl report --json
json 'no goal counts who can never be done, and the reason is counted' \
    '.by_reason["not-renewable"] == 6 or .reasons["not-renewable"] == 6' "$OUT"

check_of "$TMP/untaken.pem" >"$OUT"
json 'one that is not taken is told from an unknown one' '.verdict == "refused" and .reasons == ["not-renewable"] and .unfit == ["form"]' "$OUT"
quiet openssl req -x509 -config "$TMP/ca/conf" -new -key "$TMP/key.pem" -subj /CN=foreign -days 30 -out "$TMP/foreign.pem" -extensions odd_untaken
check_of "$TMP/foreign.pem" >"$OUT"
json 'a foreign one in that form is not ours' '.verdict == "refused" and .reasons == ["not-old-issuer"]' "$OUT"
s=$(printf '{"certificate":"AAAA"}' | status_of /api/v1/check -H 'Content-Type: application/json' -H 'Accept-Language: vi' --data-binary @-)
same 'what is no certificate is a bad request' 400 "$s"
silent 'and no reason to update the program' 'cập nhật' "$OUT"

# two issuers without AKI, one serial number
for n in one two; do
    quiet openssl req -x509 -config "$TMP/ca/conf" -new -newkey rsa:1024 -nodes -keyout "$TMP/$n.key" -subj "/CN=issuer $n" -set_serial 7 \
        -days 30 -out "$TMP/$n.pem"
done
csv_header "$TMP/two.csv"
{ csv_line "$TMP/one.pem" N-1 0101234567 one v4 2021-07-16 active
    csv_line "$TMP/two.pem" N-2 0101234568 two v4 2021-07-16 active; } >>"$TMP/two.csv"
expect 0 ctl import "$TMP/two.csv" --json
json 'two issuers without AKI: two certificates' '.added == 2 and .refused == 0' "$OUT"
expect 0 ctl import "$TMP/two.csv" --json
json 'and the same again' '.same == 2' "$OUT"

# serial numbers as other programs print them
SERIAL=$(serial_of "$TMP/plain.pem")
tax=$(openssl x509 -in "$TMP/plain.pem" -noout -subject -nameopt RFC2253 | sed 's/.*MST://; s/[^0-9].*//')
decimal=$((16#$SERIAL))
for typed in "$SERIAL" "0x$SERIAL" "$decimal"; do
    api "/api/v1/check?tax_code=$tax&serial=$typed" >"$OUT"
    json "serial $typed" ".verdict == \"done\" and .serial == \"$SERIAL\"" "$OUT"
done

# the server's own certificates: a month before their end, and after it
server_stop
printf '[answers]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=1.3.6.1.5.5.7.3.28\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' >>"$TMP/ca/conf"
responder() { # responder NOT_AFTER
    request "$TMP/ca/csr" '/CN=capbu CMP/C=VN' -key "$DIR/cmp.key"
    certify "$DIR/cmp.pem" "$TMP/ca/csr" 20190601000000Z "$1" new-ca -md sha256 -extensions answers
}
responder 20200401000000Z
server_start
expect 0 ctl --lang en check-config
says 'check-config tells of the end weeks before' 'expires soon, it is valid until 2020-04-01T00:00:00Z'
api /readyz >"$OUT"
json '/readyz too, and is ready' '.ready and any(.notes[]; test("CMP certificate.*expires soon"))' "$OUT"
server_stop
responder 20200301000000Z
server_start
expect 6 ctl --lang en check-config
says 'check-config tells of the end after it' 'has expired, it was valid until 2020-03-01T00:00:00Z'
same '/readyz is not ready then' 503 "$(status_of /readyz)"
says 'and says why' 'nothing can be issued: make a new certificate'
server_stop
responder 20400301000000Z

# its HTTPS certificate as a public CA gives it: key, certificate, and the intermediate that only the server shows
printf '[between]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n[https]\nsubjectAltName=DNS:localhost,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n' >>"$TMP/ca/conf"
quiet openssl req -x509 -config "$TMP/ca/conf" -extensions between -newkey rsa:2048 -nodes -days 30 -subj /CN=root/C=VN -keyout "$DIR/root.key" \
    -out "$DIR/root.pem"
request "$TMP/ca/csr" /CN=between/C=VN -newkey rsa:2048 -nodes -keyout "$DIR/between.key"
certify "$DIR/between.pem" "$TMP/ca/csr" 20200101000000Z 20991231000000Z root -md sha256 -extensions between
chained() { # chained NOT_AFTER
    request "$TMP/ca/csr" /CN=localhost/C=VN -newkey rsa:2048 -nodes -keyout "$TMP/https.key"
    certify "$TMP/https.pem" "$TMP/ca/csr" 20200101000000Z "$1" between -md sha256 -extensions https
    cat "$TMP/https.key" "$TMP/https.pem" "$DIR/between.pem" >"$DIR/tls.pem"
}
chained 20991231000000Z
expect 0 ctl --lang en check-config
cp "$DIR/root.pem" "$DIR/server-ca.pem"
server_start
same 'who knows the root alone gets through' 200 "$(status_of /readyz)"
same 'the intermediate is shown' 2 \
    "$(openssl s_client -connect "${URL#https://}" -showcerts </dev/null 2>/dev/null | grep -c 'BEGIN CERTIFICATE')"
server_stop
cat "$TMP/https.key" "$DIR/between.pem" "$TMP/https.pem" >"$DIR/tls.pem"
expect 6 ctl --lang en check-config
says 'the key is that of the first certificate' 'tls.pem does not belong to'
chained 20200301000000Z
expect 6 ctl --lang en check-config
says 'an HTTPS certificate after its end' 'the TLS certificate (tls) has expired, it was valid until 2020-03-01T00:00:00Z'
server_start
same '/readyz is not ready then either' 503 "$(status_of /readyz -k)"
says 'and says which' 'no client connects: make a new certificate'
server_stop
finish
