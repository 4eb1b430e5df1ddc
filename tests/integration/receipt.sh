#!/usr/bin/env bash
# The signed receipt: what it says, that OpenSSL believes it, that it is the same bytes wherever it is asked for and
# whatever dies on the way, and the marks that are told after it.
. "$(dirname "$0")/../lib/site.sh"

JSON='Content-Type: application/json'
OID=2.25.250544573846363562323954326253146311203

# holds_by_openssl NAME FILE: a receipt (DER); what it says is in $TMP/said.json.
holds_by_openssl() {
    holds "$1: openssl cms -verify takes it" openssl cms -verify -binary -inform DER -in "$2" -CAfile "$DIR/new-ca.pem" \
        -partial_chain -purpose any -attime "$(site_now)" -out "$TMP/said.json"
}

# The secret that came with the receipt of that certificate, old or new.
secret_of() {
    sql "SELECT secret FROM issued WHERE old_serial = '$(serial_of "$1")' OR new_serial = '$(serial_of "$1")'"
}

asked() { # asked PEM FILE: POST /api/v1/receipt
    printf '{"certificate":"%s","secret":"%s"}' "$(b64_of "$1")" "$(secret_of "$1")" >"$TMP/body"
    status_of /api/v1/receipt -H "$JSON" --data-binary "@$TMP/body" >"$TMP/status"
    cp "$OUT" "$2"
    cat "$TMP/status"
}

# carried FILE OUT: the receipt in the generalInfo of a CMP message, found by OpenSSL's own reader.
carried() {
    local at
    at=$(openssl asn1parse -inform DER -in "$1" | awk -v oid=":$OID" '$0 ~ oid { getline; print $1 + 0; exit }')
    [ -n "$at" ] && openssl asn1parse -inform DER -in "$1" -strparse "$at" -noout -out "$2" >/dev/null 2>&1
}

# whole FILE OLD_SERIAL: the audit's "confirmed" line, of which there is one, has the hash of this receipt.
audited() {
    ctl audit export >"$TMP/audit"
    same "$2: the audit knows this receipt" "$(sha256sum <"$1" | cut -d' ' -f1)" \
        "$(jq -r --arg s "$2" 'select(.kind == "confirmed" and .old_serial == $s) | .detail.receipt' "$TMP/audit")"
}

by_capbu() {
    token_of first
    same 'nothing yet' 404 "$(asked "$TMP/first.pem" "$TMP/none")"
    json 'nothing yet: a problem' '.code == "no-receipt" and (.support_code | length) > 0'
    expect 10 client receipt
    expect 0 renew
    expect 0 client receipt --out "$TMP/first.p7m"
    holds_by_openssl first "$TMP/first.p7m"
    json 'what it says' ".old_serial == \"$SERIAL_FIRST\" and .tax_code == \"$TAX_FIRST\" and .contract_end == \"2021-07-16\" and
        .new_not_after == \"2021-07-16T16:59:59Z\" and .channel == \"self\" and .campaign != \"\" and .receipt == \"1\" and
        (.confirmed_at | startswith(\"2020-03-15T\"))" "$TMP/said.json"
    json 'what was agreed to' '.consent.text_id == "data-confirmed-1" and .consent.lang == "en" and
        (.consent.text | startswith("I have checked")) and (.consent.at | startswith("2020-03-15T"))' "$TMP/said.json"
    same 'the new serial' "$(sql "SELECT new_serial FROM issued WHERE old_serial = '$SERIAL_FIRST'")" "$(jq -r .new_serial "$TMP/said.json")"
    audited "$TMP/first.p7m" "$SERIAL_FIRST"
    same 'the file is its owner'"'"'s' 600 "$(stat -c %a "$TMP"/state/capbu/receipt-*.p7m)"
    expect 0 client receipt --json
    json 'capbu receipt --json' ".old_serial == \"$SERIAL_FIRST\" and .verified == false"
    expect 0 client --lang vi receipt
    says 'days as people read them' 'hợp đồng đến: 16/07/2021'
    says 'times too, of Viet Nam' 'xác nhận lúc: 15/03/2020 '
    expect 0 client receipt --json --serial "$SERIAL_FIRST" --ca "$DIR/new-ca.pem"
    json 'with the CA pinned' '.verified == true'
    expect 2 client receipt --ca "$DIR/old-ca.pem"
    says 'another CA: no server is at fault' "not signed under the CA in --ca $DIR/old-ca.pem"
    silent 'and none is blamed' 'refused' "$ERR"
    expect 2 client --lang vi receipt --json --ca "$DIR/old-ca.pem"
    json 'in Vietnamese, too' '.code == "usage" and (.text | contains("không được ký dưới CA trong --ca"))'
    same 'asked by the old certificate' 200 "$(asked "$TMP/first.pem" "$TMP/again.p7m")"
    holds 'the same bytes' cmp "$TMP/first.p7m" "$TMP/again.p7m"
    says 'its media type' 'application/cms' "$TMP/header"
    expect 0 ctl receipt --serial "$SERIAL_FIRST" --out "$TMP/operator.p7m"
    same 'for owner and group' 640 "$(stat -c %a "$TMP/operator.p7m")"
    holds 'the operator has the same' cmp "$TMP/first.p7m" "$TMP/operator.p7m"
    mkfifo "$TMP/pipe"
    cat "$TMP/pipe" >"$TMP/piped.p7m" &
    expect 0 ctl receipt --serial "$SERIAL_FIRST" --out "$TMP/pipe"
    wait $!
    holds 'a pipe stays one' test -p "$TMP/pipe"
    holds 'and has it too' cmp "$TMP/first.p7m" "$TMP/piped.p7m"
    expect 0 ctl receipt --serial "$(jq -r .new_serial "$TMP/said.json")"
    json 'and sees what it says' ".old_serial == \"$SERIAL_FIRST\""
    cp "$OUT" "$TMP/operator.said"
    expect 0 ctl receipt --serial "$SERIAL_FIRST" --json
    holds 'with --json the same, for it is JSON' cmp "$TMP/operator.said" "$OUT"
    expect 0 ctl receipt --serial "$SERIAL_FIRST" --json --out "$TMP/both.p7m"
    holds 'what it says, beside the file' cmp "$TMP/operator.said" "$OUT"
    holds 'and the file' cmp "$TMP/operator.p7m" "$TMP/both.p7m"
    expect 2 ctl receipt --serial "$SERIAL_FIRST" --json --out -
    expect 4 ctl receipt --serial 1234
    token_of stock # another company's: what is kept here is not its receipt
    expect 10 client receipt --out "$TMP/foreign.p7m"
    holds 'no other company gets it' test ! -e "$TMP/foreign.p7m"
    tokens_use first
    : >"$(echo "$TMP"/state/capbu/receipt-*.p7m)" # the power went
    expect 0 client receipt --out "$TMP/mended.p7m"
    holds 'a damaged one is fetched by its secret' cmp "$TMP/first.p7m" "$TMP/mended.p7m"
    same 'which is its owner'"'"'s, too' 600 "$(stat -c %a "$TMP"/state/capbu/receipt-*.secret)"
    rm -r "$TMP/state"
    printf 9999 >"$TMP/wrong"
    expect 22 client receipt --pin-file "$TMP/wrong" # this machine has forgotten: who asks must have the key
    expect 0 client receipt --pin-file "$TMP/pin" --out "$TMP/fetched.p7m"
    holds 'fetched again, the same' cmp "$TMP/first.p7m" "$TMP/fetched.p7m"
    holds 'and kept, with its secret' test -s "$(echo "$TMP"/state/capbu/receipt-*.secret)"
    printf '{"certificate":"%s"}' "$(b64_of "$TMP/first.pem")" >"$TMP/body"
    same 'who has but the certificate, which is public, gets none' 403 "$(status_of /api/v1/receipt -H "$JSON" --data-binary "@$TMP/body")"
    json 'and is told what to do' '.code == "proof-needed"'
}

# A renewal by stock OpenSSL: the receipt is in the message, no consent was told, and the same certConf brings it again.
by_openssl() {
    expect 0 openssl cmp -config '' -cmd kur -server "${URL#https://}" -path .well-known/cmp -tls_used \
        -tls_trusted "$DIR/server-ca.pem" -trusted "$DIR/new-ca.pem" -partial_chain -attime "$(site_now)" -batch \
        -cert "$TMP/stock.pem" -key "$TMP/stock.key" -certout "$TMP/stock.new.pem" \
        -reqout "$TMP/kur.der,$TMP/conf.der" -rspout "$TMP/kup.der,$TMP/pkiconf.der"
    holds 'stock: pkiConf carries it' carried "$TMP/pkiconf.der" "$TMP/stock.p7m"
    holds_by_openssl stock "$TMP/stock.p7m"
    json 'stock: nobody told of a consent' ".consent == null and .old_serial == \"$SERIAL_STOCK\"" "$TMP/said.json"
    if carried "$TMP/kup.der" "$TMP/none"; then not_ok 'stock: none before the confirmation'; else ok 'stock: none before the confirmation'; fi
    same 'stock: asked by the new certificate' 200 "$(asked "$TMP/stock.new.pem" "$TMP/again.p7m")"
    holds 'stock: the same bytes' cmp "$TMP/stock.p7m" "$TMP/again.p7m"
    server_kill
    server_start
    same 'stock: the same certConf after a crash' 200 "$(status_of /.well-known/cmp -H 'Content-Type: application/pkixcmp' --data-binary "@$TMP/conf.der")"
    cp "$OUT" "$TMP/pkiconf2.der"
    holds 'stock: carries it again' carried "$TMP/pkiconf2.der" "$TMP/stock2.p7m"
    holds 'stock: the same bytes again' cmp "$TMP/stock.p7m" "$TMP/stock2.p7m"
    audited "$TMP/stock.p7m" "$SERIAL_STOCK"
}

# The power goes at the client after the certificate is on the token, and at the server too.
between_kur_and_certconf() {
    token_of between
    SHIM_MODULE=$MODULE SHIM_FAIL=C_CreateObject:1:kill:after P11=$SHIM expect 137 renew
    same 'between: issued, not confirmed, no receipt' 1 \
        "$(sql "SELECT count(*) FROM issued WHERE old_serial = '$SERIAL_BETWEEN' AND confirmed_at IS NULL AND receipt IS NULL")"
    same 'between: none is given' 404 "$(asked "$TMP/between.pem" "$TMP/none")"
    expect 4 ctl receipt --serial "$SERIAL_BETWEEN"
    says 'between: the operator hears why' 'lần cấp bù đó chưa được xác nhận'
    server_kill
    server_start
    expect 0 client resume --yes --pin-file "$TMP/pin"
    expect 0 client receipt --serial "$SERIAL_BETWEEN" --out "$TMP/between.p7m"
    holds_by_openssl between "$TMP/between.p7m"
    audited "$TMP/between.p7m" "$SERIAL_BETWEEN"
}

# kill -9 of the server about when certConf is there: whatever it was, a second run ends with the one receipt.
during_certconf() {
    local n pid wrong=0
    for n in $(seq 8); do
        token_of "kill$n"
        renew >/dev/null 2>&1 &
        pid=$!
        within 5 grep -q 'step=' "$TMP"/state/capbu/renewal-* # issued: certConf is next
        sleep "0.0$((RANDOM % 9))"
        server_kill
        server_start
        wait "$pid"
        renew >/dev/null 2>&1 || wrong=$((wrong + 1))
        client receipt --serial "$(serial_of "$TMP/kill$n.pem")" --out "$TMP/kill.p7m" >/dev/null 2>&1 || wrong=$((wrong + 1))
        asked "$TMP/kill$n.pem" "$TMP/again.p7m" >/dev/null
        cmp -s "$TMP/kill.p7m" "$TMP/again.p7m" || wrong=$((wrong + 1))
        openssl cms -verify -binary -inform DER -in "$TMP/kill.p7m" -CAfile "$DIR/new-ca.pem" -partial_chain -purpose any \
            -attime "$(site_now)" -out "$TMP/said.json" 2>/dev/null || wrong=$((wrong + 1))
    done
    same 'eight kills around certConf: each has its one receipt' 0 "$wrong"
    same 'no confirmation without a receipt, no receipt without one' 0 \
        "$(sql 'SELECT count(*) FROM issued WHERE (confirmed_at IS NULL) <> (receipt IS NULL)')"
    ctl audit export >"$TMP/audit"
    same 'and each was confirmed once' "$(sql 'SELECT count(*) FROM issued')" "$(jq -r 'select(.kind == "confirmed") | .old_serial' "$TMP/audit" | sort -u | wc -l)"
    same 'with one line' "$(sql 'SELECT count(*) FROM issued')" "$(jq -r 'select(.kind == "confirmed") | .old_serial' "$TMP/audit" | wc -l)"
}

marks_of() { # marks_of PEM MARKS
    printf '{"certificate":"%s","secret":"%s","marks":%s}' "$(b64_of "$1")" "$(secret_of "$1")" "$2" >"$TMP/body"
    status_of /api/v1/marks -H "$JSON" --data-binary "@$TMP/body"
}

marks() {
    same 'marks' 200 "$(marks_of "$TMP/first.pem" '["tax","bank"]')"
    json 'marks: as told' '.marks == ["tax", "bank"]'
    same 'marks, by the new certificate' 200 "$(marks_of "$TMP/stock.new.pem" '["tax"]')"
    ctl report --json >"$TMP/report"
    json 'marks: the report counts them' '[.lines[].told.tax] | add == 2' "$TMP/report"
    ctl report --csv "$TMP/report.csv" >/dev/null
    says 'marks: so does its CSV' 'Đã báo: thuế' "$TMP/report.csv"
    same 'marks: the last word counts' 200 "$(marks_of "$TMP/first.pem" '[]')"
    ctl report --json >"$TMP/report"
    json 'marks: the report follows' '([.lines[].told.tax] | add) == 1 and ([.lines[].told.bank] | add) == 0' "$TMP/report"
    same 'marks: a name of nobody' 400 "$(marks_of "$TMP/first.pem" '["fax"]')"
    same 'marks: nothing issued' 404 "$(marks_of "$TMP/never.pem" '["tax"]')"
    json 'marks: a problem' '.code == "not-issued"'
    ctl audit export >"$TMP/audit"
    same 'marks: each news is in the audit' 3 "$(jq -r 'select(.kind == "marks") | .old_serial' "$TMP/audit" | wc -l)"
}

site_new
subscriber first && SERIAL_FIRST=$SERIAL TAX_FIRST=$TAX
subscriber stock && SERIAL_STOCK=$SERIAL
subscriber between && SERIAL_BETWEEN=$SERIAL
subscriber never
for n in $(seq 8); do subscriber "kill$n"; done
expect 0 ctl import "$TMP/rows.csv"
server_start
conf_set capbud.conf listen "\"${URL#https://}\"" # the same port after every restart
by_capbu
by_openssl
between_kur_and_certconf
during_certconf
marks
expect 0 ctl audit verify
finish
