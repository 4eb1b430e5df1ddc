# shellcheck shell=bash
# Renewal by stock `openssl cmp`, and what it must be refused. Wants site.sh.

# kur NAME [OPTIONS]: kur with the key file of `subscriber NAME`; the certificate goes to $TMP/got.pem. capbud's answers
# are checked under the new CA at the drill's clock.
kur() {
    local name=$1
    shift
    rm -f "$TMP/got.pem"
    openssl cmp -config '' -cmd kur -server "${URL#https://}" -path .well-known/cmp -tls_used -tls_trusted "$DIR/server-ca.pem" \
        -trusted "$DIR/new-ca.pem" -partial_chain -attime "$(site_now)" -cert "$TMP/$name.pem" -certout "$TMP/got.pem" -batch \
        ${NO_KEY:--key "$TMP/$name.key"} "$@"
}

# refused NAME CODE [OPTIONS]: kur fails, the statusString has the code, and the audit has code and old serial; where
# nothing proves who asked (STRANGER=1) it has the code alone.
refused() {
    local name=$1 code=$2
    shift 2
    expect 1 kur "$name" "$@"
    says "$name is told $code" "$code"
    audited "$name" "$code"
    [ ! -s "$TMP/got.pem" ] || not_ok "$name gets no certificate"
}

audited() { # audited NAME CODE
    ctl audit export >"$TMP/audit"
    if [ -n "${STRANGER:-}" ]; then
        holds "$1: $2 is counted" jq -se --arg c "$2" \
            'any(.kind == "unproven" and .old_serial == null and (.detail.code | contains($c)))' "$TMP/audit"
        holds "$1: and not told as the subscriber's" jq -se --arg s "$(serial_of "$TMP/$1.pem")" --arg c "$2" \
            'any(.old_serial == $s and .kind == "refused" and (.detail.code | contains($c))) | not' "$TMP/audit"
        return
    fi
    if jq -se --arg s "$(serial_of "$TMP/$1.pem")" --arg c "$2" \
        'any(.kind == "refused" and .old_serial == $s and (.detail.code | contains($c)))' "$TMP/audit" >/dev/null; then
        ok "$1: the audit says $2"
    else
        not_ok "$1: the audit says $2" "$(tail -n 2 "$TMP/audit")"
    fi
}
