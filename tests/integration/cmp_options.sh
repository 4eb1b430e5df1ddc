#!/usr/bin/env bash
# Stock `openssl cmp` with the options of its manual that make sense for a kur, one after the other: each ends as the RFCs
# say, and whatever is asked for there is one certificate for one old one.
. "$(dirname "$0")/../lib/site.sh"
. "$(dirname "$0")/../lib/kur.sh"

CONSENT=2.25.250544573846363562323954326253146311203.1

confirmed() { sql "SELECT count(*) FROM issued WHERE old_serial = '$(serial_of "$TMP/$1.pem")' AND confirmed_at IS NOT NULL"; }
of() { sql "SELECT $2 FROM issued WHERE old_serial = '$(serial_of "$TMP/$1.pem")'"; }

# fails_with NAME FAILINFO CODE [OPTIONS]: refused, with that PKIFailureInfo.
fails_with() {
    refused "$1" "$3" "${@:4}"
    says "$1 is told $2" "PKIFailureInfo: $2;"
}

# RFC 4210 5.1.1.1: asked for and not granted, certConf is sent; left out all the same, nothing counts as confirmed.
confirmations() {
    expect 0 kur plain -implicit_confirm
    same 'implicit confirmation is not granted: certConf came' 1 "$(confirmed plain)"
    expect 0 kur silent -disable_confirm
    same 'without certConf nothing is confirmed' 0 "$(confirmed silent)"
    cp "$TMP/got.pem" "$TMP/silent.new.pem"
    expect 0 kur silent
    same 'asked again it is' 1 "$(confirmed silent)"
    same 'with the same certificate' "$(b64_of "$TMP/silent.new.pem")" "$(b64_of "$TMP/got.pem")"
}

# RFC 4211 4: of the proofs of possession only the key's own signature is one.
proofs() {
    fails_with popo badPOP bad-pop -popo -1
    fails_with popo badPOP bad-pop -popo 0
    fails_with popo badPOP bad-pop -popo 2
    expect 0 kur popo -popo 1
}

digests() {
    local d
    for d in sha1 md5 sha224 sha3-256; do STRANGER=1 fails_with digest badAlg bad-protection -digest "$d"; done
    for d in sha256 sha384 sha512; do expect 0 kur digest -digest "$d"; done
    STRANGER=1 fails_with digest wrongIntegrity bad-protection -secret pass:1234 -ref 4711
    expect 1 kur digest -unprotected_requests
    says 'no protection at all' badMessageCheck
}

# R5.10: the consent's text by its number; what we do not know in generalInfo is nobody's business.
general_info() {
    refused info consent-unknown -geninfo "$CONSENT:int:99"
    same 'which uses nothing up' 0 "$(sql "SELECT count(*) FROM issued WHERE old_serial = '$(serial_of "$TMP/info.pem")'")"
    STRANGER=1 fails_with info badDataFormat bad-message -geninfo "$CONSENT:int:0"
    expect 0 kur info -geninfo "$CONSENT:int:1"
    same 'text and language are recorded' 'data-confirmed-1|vi' "$(of info "consent_text || '|' || consent_lang")"
    same 'and when' 1 "$(sql "SELECT count(*) FROM issued WHERE old_serial = '$(serial_of "$TMP/info.pem")' AND consent_at = reserved_at")"
    expect 0 kur other -geninfo 1.2.3.4:int:7
    same 'one without a consent is recorded as such' 1 "$(sql "SELECT count(*) FROM issued WHERE old_serial = '$(serial_of "$TMP/other.pem")' AND consent_at IS NULL")"
    ctl audit export >"$TMP/audit"
    json 'in the audit too' "[., inputs] | map(select(.kind == \"reserved\" and .old_serial == \"$(serial_of "$TMP/other.pem")\")) | .[0].detail.unattended" "$TMP/audit"
}

# RFC 4210 5.2.3: asked for and not granted is told, and given is what the contract says.
templates() {
    quiet openssl req -new -key "$TMP/mods.key" -subj /CN=other -out "$TMP/mods.csr"
    expect 0 kur mods
    silent 'what is granted as asked is accepted' grantedWithMods
    cp "$TMP/got.pem" "$TMP/mods.new.pem"
    for options in "-subject /CN=other" "-days 10" "-sans dns:x.example" "-csr $TMP/mods.csr -newkey $TMP/mods.key"; do
        # shellcheck disable=SC2086 # options are words
        expect 0 kur mods $options
        says "$options: with modifications" grantedWithMods
        same "$options: the one certificate" "$(b64_of "$TMP/mods.new.pem")" "$(b64_of "$TMP/got.pem")"
    done
}

# What the client does about the answers.
answers() {
    expect 0 kur answers -unprotected_errors
    expect 0 kur answers -srvcert "$DIR/cmp.pem"
    expect 0 kur answers -recipient "$(openssl x509 -in "$DIR/cmp.pem" -noout -subject -nameopt compat | sed 's/^subject= *//')"
    expect 0 kur answers -keep_alive 0
    expect 0 kur answers -ignore_keyusage
    expect 0 kur answers -extracertsout "$TMP/extra.pem"
    same 'the new CA comes along' 1 "$(grep -c "$(sed -n 2p "$DIR/new-ca.pem")" "$TMP/extra.pem")"
    refused suspended suspended -unprotected_errors
    refused answers other-certificate -oldcert "$TMP/mods.pem" -newkey "$TMP/answers.key"
}

genm() { # genm INFOTYPE [PATH]
    openssl cmp -config '' -cmd genm -infotype "$1" -server "${URL#https://}" -path "${2:-.well-known/cmp}" -tls_used -tls_trusted "$DIR/server-ca.pem" \
        -trusted "$DIR/new-ca.pem" -partial_chain -attime "$(site_now)" -cert "$TMP/answers.pem" -key "$TMP/answers.key" -batch -rspout "$TMP/genp.der"
}

# RFC 9483 4.3
general_messages() {
    expect 0 genm caCerts
    says 'caCerts is answered' id-it-caCerts
    openssl x509 -in "$DIR/new-ca.pem" -outform DER | xxd -p | tr -d '\n' >"$TMP/new-ca.hex"
    same 'with the new CA' 1 "$(xxd -p "$TMP/genp.der" | tr -d '\n' | grep -c "$(cat "$TMP/new-ca.hex")")"
    expect 1 genm signKeyPairTypes
    says 'nothing else is' unsupported
}

# RFC 9483 3.3: who protects the answer comes first in its extraCerts; first in the kup, in the pkiConf and in a refusal.
protector_first() {
    local file
    openssl x509 -in "$DIR/cmp.pem" -outform DER | xxd -p | tr -d '\n' >"$TMP/cmp.hex"
    expect 0 kur first -rspout "$TMP/kup.der $TMP/pkiconf.der"
    expect 1 kur suspended -rspout "$TMP/rejection.der"
    for file in kup pkiconf rejection; do
        same "$file: the protector's certificate is the first" "$(cat "$TMP/cmp.hex")" "$(python3 - "$TMP/$file.der" <<'PY'
import sys
def whole(der, at):  # of the TLV at `at`: where its contents begin, and where it ends
    n, skip = der[at + 1], 2
    if n & 0x80:
        skip += n & 0x7f
        n = int.from_bytes(der[at + 2:at + skip], 'big')
    return at + skip, at + skip + n
der = open(sys.argv[1], 'rb').read()
at, end = whole(der, 0)
while at < end and der[at] != 0xa1 or at < 20:
    at = whole(der, at)[1]
first = whole(der, whole(der, at)[0])[0]
print(der[first:whole(der, first)[1]].hex())
PY
)"
    done
}

# RFC 9483 6.1: the operation may stand in the path, behind a name of the CA too.
paths() {
    local path n=0
    for path in keyupdate p/viettel-ca p/viettel-ca/keyupdate; do
        n=$((n + 1))
        expect 0 kur "path$n" -path ".well-known/cmp/$path"
        same "$path: confirmed there too" 1 "$(confirmed "path$n")"
    done
    expect 1 kur suspended -path .well-known/cmp/p/viettel-ca/keyupdate
    says 'a refusal is a CMP message there too' suspended
    expect 0 genm caCerts .well-known/cmp/getcacerts
    expect 0 genm caCerts .well-known/cmp/p/viettel-ca/getcacerts
    for path in initialization keyupdate/more p p/ p/a/b p//keyupdate p/a/keyupdate/; do
        same "$path is no address" 404 "$(status_of "/.well-known/cmp/$path" -H 'Content-Type: application/pkixcmp' --data-binary "@$TMP/genp.der")"
    done
    same 'nor another method' 405 "$(status_of /.well-known/cmp/p/viettel-ca/keyupdate)"
}

# A campaign that wants a consent in every request, and one that grants implicit confirmation.
campaigns() {
    server_stop
    sed -i 's/^unattended .*/unattended = refuse/; s/^implicit_confirm .*/implicit_confirm = allow/' "$DIR/campaign.conf"
    server_start
    refused late consent-missing
    expect 0 kur late -geninfo "$CONSENT:int:1" -implicit_confirm -reqout "$TMP/only.der"
    same 'granted: it counts as confirmed' 1 "$(confirmed late)"
    expect 0 kur plain
}

site_new
for name in plain silent popo digest info other mods answers late first path1 path2 path3; do subscriber "$name"; done
subscriber suspended status=suspended
expect 0 ctl import "$TMP/rows.csv"
server_start
confirmations
proofs
digests
general_info
templates
answers
general_messages
protector_first
paths
campaigns
expect 0 ctl audit verify
same 'one certificate for each, however it was asked' 13 "$(sql 'SELECT count(*) FROM issued')"
finish
