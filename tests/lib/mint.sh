# shellcheck shell=bash
# Subscribers made by OpenSSL's own CA program under the drill's old CA, so that nothing of ours is its own judge.

b64_of() { # base64 of the DER of a PEM certificate, in one line
    openssl x509 -in "$1" -outform DER | base64 -w0
}

serial_of() { # as interfaces.md writes serials: upper-case hex without leading zeros
    openssl x509 -in "$1" -noout -serial | sed 's/^serial=0*//'
}

mint_ca_conf() {
    export TMP_CA=$TMP/ca
    mkdir -p "$TMP/ca"
    : >"$TMP/ca/index"
    echo "5404FFFEB7033FB3$(openssl rand -hex 7)01" >"$TMP/ca/serial"
    cat >"$TMP/ca/conf" <<'END'
[ca]
default_ca = old
[old]
database = $ENV::TMP_CA/index
serial = $ENV::TMP_CA/serial
new_certs_dir = $ENV::TMP_CA
default_md = sha1
policy = any
preserve = yes
unique_subject = no
email_in_dn = yes
x509_extensions = subscriber
[any]
UID = optional
CN = optional
L = optional
C = optional
O = optional
OU = optional
[subscriber]
authorityInfoAccess = OCSP;URI:http://ocsp.viettel-ca.vn
subjectKeyIdentifier = hash
basicConstraints = critical,CA:FALSE
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://crl.viettel-ca.vn/Viettel-CA-v3.crl
keyUsage = critical,digitalSignature,nonRepudiation,keyEncipherment
[ca_itself]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = none
[none]
END
}

csv_header() { # csv_header FILE
    echo 'contract,tax_code,name,province,device,contract_to,status,certificate' >"$1"
}

csv_line() { # csv_line PEM CONTRACT TAX_CODE NAME DEVICE CONTRACT_TO STATUS
    printf '%s,%s,"%s",01,%s,%s,%s,%s\n' "$2" "$3" "$4" "$5" "$6" "$7" "$(b64_of "$1")"
}

# request FILE SUBJECT OPENSSL-KEY-OPTIONS: a request by the key those options name.
request() {
    local file=$1 subject=$2
    shift 2
    [ -f "$TMP/ca/conf" ] || mint_ca_conf
    quiet openssl req -new -utf8 -config "$TMP/ca/conf" -subj "$subject" -out "$file" "$@"
}

# certify FILE REQUEST NOT_BEFORE NOT_AFTER [CA NAME]: times as YYYYMMDDhhmmssZ; the CA is $DIR/NAME.{pem,key}.
certify() {
    quiet openssl ca -batch -notext -utf8 -config "$TMP/ca/conf" -cert "$DIR/${5:-old-ca}.pem" -keyfile "$DIR/${5:-old-ca}.key" \
        -in "$2" -startdate "$3" -enddate "$4" -out "$1"
}

# certificate FILE KEY SUBJECT NOT_BEFORE NOT_AFTER [CA NAME]: both in one.
certificate() {
    request "$TMP/ca/csr" "$3" -key "$2"
    certify "$1" "$TMP/ca/csr" "${@:4}"
}

# new_ca NAME NOT_BEFORE NOT_AFTER: a CA of the new one's name, $TMP/NAME.key and .pem.
new_ca() {
    [ -f "$TMP/ca/conf" ] || mint_ca_conf
    export TMP_CA=$TMP/ca
    quiet openssl req -new -utf8 -config "$TMP/ca/conf" -newkey rsa:2048 -nodes -keyout "$TMP/$1.key" -out "$TMP/ca/csr" \
        -subj '/C=VN/L=Hà Nội/O=Viettel Group/CN=Viettel-CA'
    quiet openssl ca -batch -notext -utf8 -selfsign -config "$TMP/ca/conf" -extensions ca_itself -md sha256 \
        -keyfile "$TMP/$1.key" -in "$TMP/ca/csr" -out "$TMP/$1.pem" -startdate "$2" -enddate "$3"
}

# subscriber NAME [KEY=VALUE]...: key and certificate in $TMP/NAME.key and .pem, and a row at the end of $TMP/rows.csv.
# Keys: device contract_to status not_before not_after bits tax ca; `row=no` leaves the row out. Sets TAX and SERIAL.
minted=0
subscriber() {
    local name=$1 device=v4 contract_to=2021-07-16 status=active not_before=20180717020000Z not_after=20201002024220Z
    local bits=1024 tax='' ca=old-ca row=yes pair
    shift
    for pair in "$@"; do local "${pair%%=*}=${pair#*=}"; done
    minted=$((minted + 1))
    TAX=${tax:-$(printf '01%08d' $((10000000 + minted)))}
    quiet openssl genrsa -out "$TMP/$name.key" "$bits"
    certificate "$TMP/$name.pem" "$TMP/$name.key" "/UID=MST:$TAX/CN=CÔNG TY $name/L=HÀ NỘI/C=VN" "$not_before" "$not_after" "$ca"
    SERIAL=$(serial_of "$TMP/$name.pem")
    [ -f "$TMP/rows.csv" ] || csv_header "$TMP/rows.csv"
    [ "$row" = no ] ||
        csv_line "$TMP/$name.pem" "HD-$minted" "$TAX" "CÔNG TY $name" "$device" "$contract_to" "$status" >>"$TMP/rows.csv"
}

# tbs_field PEM N: the Nth element of the to-be-signed certificate as hex, whole (2 serial … 4 issuer, 5 validity,
# 6 subject, 7 key), read by OpenSSL.
tbs_field() {
    local at
    at=$(openssl asn1parse -in "$1" | awk -v n="$2" '/^ *[0-9]+:d=2 / && ++k == n { sub(/:.*/, ""); print $1 }')
    openssl asn1parse -in "$1" -strparse "$at" -noout -out "$TMP/field" 2>/dev/null
    od -An -v -tx1 "$TMP/field" | tr -d ' \n'
}

# renewal_is_right WHAT OLD.pem NEW.pem NOT_AFTER: what every new certificate must be, whoever made the old one.
renewal_is_right() {
    holds "$1: verifies under the new CA (RFC 5280, strict)" openssl verify -x509_strict -partial_chain -trusted "$DIR/new-ca.pem" \
        -attime "$(site_now)" "$3"
    same "$1: ends with the contract's last day at +07:00" "notAfter=$4" "$(openssl x509 -in "$3" -noout -enddate)"
    same "$1: same subject bytes" "$(tbs_field "$2" 6)" "$(tbs_field "$3" 6)"
    same "$1: same key" "$(tbs_field "$2" 7)" "$(tbs_field "$3" 7)"
    differs "$1: another serial" "$(serial_of "$2")" "$(serial_of "$3")"
}
