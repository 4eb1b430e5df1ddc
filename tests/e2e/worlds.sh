# shellcheck shell=bash
# What each theme of the page's tests finds plugged in, and on the server's rows.

owed() { # owed NAME...: tokens with a certificate that is owed a new one
    local name
    for name in "$@"; do
        subscriber "$name"
        token_add "$name"
    done
}

refused() { # refused NAME [KEY=VALUE]...: a token whose certificate is not owed, or not now
    subscriber "$@"
    token_add "$1"
}

blank_token() { # blank_token LABEL: neither key nor certificate
    quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --init-token --free --label "$1" --so-pin 12345678 --pin "$PIN"
}

put_key() { # put_key LABEL PEM ID
    quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --import "$2" --token "$1" --label "$1" --id "$3" --pin "$PIN"
}

put_cert() { # put_cert LABEL PEM ID
    der_of "$2" "$TMP/put.der"
    p11tool --token-label "$1" --login --pin env:PIN --write-object "$TMP/put.der" --type cert --id "$3" --label "$1" >"$OUT" 2>"$ERR" ||
        not_ok "certificate onto token $1" "$(cat "$ERR")"
}

world_success() {
    owed count ok english steps-vi steps-en slow door
}

world_after() { # the old certificate may leave the token
    owed gone-vi gone-en kept stays torn next
    subscriber sold
    PIN=12345678 token_add sold
    conf_set campaign.conf old_certificate remove-allowed
}

world_refusals() {
    owed one two-a unread
    subscriber two-b # two certificates of one subscriber on one token
    put_key two-a "$TMP/two-b.key" 02
    put_cert two-a "$TMP/two-b.pem" 02
    refused suspended status=suspended
    refused revoked status=revoked
    refused expiry-differs not_after=20201003024220Z
    refused connection-day not_before=20190717020000Z
    refused after-connection not_before=20190801020000Z
    refused contract-short contract_to=2020-10-02
    refused later device=v2
    refused held contract_to=2025-12-31
    refused unknown row=no
    quiet openssl req -x509 -config "$TMP/ca/conf" -newkey rsa:1024 -nodes -subj '/CN=Other company' -days 200 \
        -keyout "$TMP/foreign.key" -out "$TMP/foreign.pem"
    token_add foreign
    blank_token blank
    openssl genrsa -out "$TMP/bare.key" 1024 2>/dev/null
    blank_token bare
    put_key bare "$TMP/bare.key" 01
    blank_token ca-only
    put_cert ca-only "$DIR/old-ca.pem" 01
}

world_pins() {
    owed wrong last locked composed memory pad-vi pad-en
    subscriber factory
    PIN=12345678 token_add factory
}

world_tokens() {
    owed full fault shared hangs stuck-{0,1} rest-{0,1} pull-{0..7}
    subscriber keyless # on a token whose key is another's
    openssl genrsa -out "$TMP/other.key" 1024 2>/dev/null
    blank_token keyless
    put_key keyless "$TMP/other.key" 01
    put_cert keyless "$TMP/keyless.pem" 01
}

world_network() {
    owed killed proxy clock dies-2-after
    [ "${E2E:-}" != full ] || owed dies-{0,1,3}-{before,after} dies-2-before
    # A server certificate that a machine with a wrong clock sees: not valid yet.
    mkdir -p "$TMP/future"
    : >"$TMP/future/index"
    echo 01 >"$TMP/future/serial"
    printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s/index\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n' \
        "$TMP/future" "$TMP/future" "$TMP/future" >"$TMP/future/conf"
    quiet openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$TMP/future/key" -out "$TMP/future/csr"
    quiet openssl ca -batch -notext -selfsign -config "$TMP/future/conf" -keyfile "$TMP/future/key" -in "$TMP/future/csr" \
        -startdate 20900101000000Z -enddate 20910101000000Z -out "$TMP/future/crt"
    cat "$TMP/future/key" "$TMP/future/crt" >"$TMP/future.pem"
}

world_queue() {
    owed waits holds clock assisted again late
    # late.csv: the same row, suspended meanwhile.
    head -n 1 "$TMP/rows.csv" >"$TMP/late.csv"
    grep "$(b64_of "$TMP/late.pem")" "$TMP/rows.csv" | sed 's/,active,/,suspended,/' >>"$TMP/late.csv"
}

world_security() {
    owed proxy
}

# What diag tells after these runs: nothing of the person.
diag_tells() {
    local serial private
    serial=$(serial_of "$TMP/wrong.pem")
    expect 0 client diag --out "$TMP/bundle.json"
    json 'diag: the driver' '.modules[0].works' "$TMP/bundle.json"
    json 'diag: a token model' '.tokens[0].model | startswith("SoftHSM")' "$TMP/bundle.json"
    json 'diag: raw CK_RV names of earlier runs' '[.steps[] | select(test("CKR_PIN_INCORRECT"))] | length > 0' "$TMP/bundle.json"
    for private in "$PIN" 'CÔNG TY' 'MST' "$serial" "$TMP" "$(sed -n 2p "$TMP/rows.csv" | cut -d, -f2)" 'PRIVATE KEY'; do
        [ -s "$TMP/bundle.json" ] && silent "diag: no $(printf '%.8s' "$private")" "$private" "$TMP/bundle.json"
    done
}
