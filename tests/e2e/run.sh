#!/usr/bin/env bash
# The subscriber's page in a real browser, against a real capbud and software tokens: makes the world, then flow.mjs plays.
# Skips (77) where Chromium or node is missing: tools/deps.sh test installs them.
BACKEND=sqlite
e2e=$(cd "$(dirname "$0")" && pwd)
CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
for program in "$CHROMIUM" node npm; do
    command -v "$program" >/dev/null || { echo "skipped: $program is not installed (tools/deps.sh test)"; exit 77; }
done
. "$e2e/../lib/site.sh"
"$e2e/../../src/web/install.sh" "$e2e" || exit 1

site_new
tokens_new all
for name in ok english slow-vi slow-en wrong last locked again killed waits holds full keyless one two-a fault door proxy clock \
    tell-vi tell-en request-vi request-en count assisted pad late unread pull-{0..7}; do
    subscriber "$name"
    token_add "$name"
done
# Two certificates of one subscriber on one token.
subscriber two-b
openssl pkcs8 -topk8 -nocrypt -in "$TMP/two-b.key" -out "$TMP/p8"
quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --import "$TMP/p8" --token two-a --label two-b --id 02 --pin "$PIN"
openssl x509 -in "$TMP/two-b.pem" -outform DER -out "$TMP/two-b.der"
p11tool --token-label two-a --login --pin env:PIN --write-object "$TMP/two-b.der" --type cert --id 02 --label two-b >"$OUT" 2>"$ERR" ||
    not_ok 'second certificate' "$(cat "$ERR")"
refused() { # refused NAME [KEY=VALUE]...: a token whose certificate is not owed, or not now
    subscriber "$@"
    token_add "$1"
}
grep -v "$(b64_of "$TMP/late.pem")" "$TMP/rows.csv" | head -n 1 >"$TMP/late.csv"
grep "$(b64_of "$TMP/late.pem")" "$TMP/rows.csv" | sed 's/,active,/,suspended,/' >>"$TMP/late.csv"
subscriber factory
PIN=12345678 token_add factory
refused suspended status=suspended
refused revoked status=revoked
refused expiry-differs not_after=20201003024220Z
refused connection-day not_before=20190717020000Z
refused after-connection not_before=20190801020000Z
refused contract-short contract_to=2020-10-02
refused later device=v2
refused held contract_to=2025-12-31
refused unknown row=no
quiet openssl req -x509 -config "$TMP/ca/conf" -newkey rsa:1024 -nodes -subj '/CN=Other company' -days 200 -keyout "$TMP/foreign.key" -out "$TMP/foreign.pem"
token_add foreign
# A token without certificates, and one whose key is another's.
quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --init-token --free --label blank --so-pin 12345678 --pin "$PIN"
openssl genrsa -out "$TMP/keyless.key" 1024 2>/dev/null
quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --init-token --free --label keyless2 --so-pin 12345678 --pin "$PIN"
openssl pkcs8 -topk8 -nocrypt -in "$TMP/keyless.key" -out "$TMP/p8"
quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --import "$TMP/p8" --token keyless2 --label k --id 01 --pin "$PIN"
p11tool --token-label keyless2 --login --pin env:PIN --write-object "$TMP/keyless.der" --type cert --id 01 --label k >"$OUT" 2>"$ERR"
rm -f "$TMP/p8"
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
expect 0 ctl import "$TMP/rows.csv"
ASSIST=$(ctl --json assist new --holder AM-01 --channel am | jq -r .code)

export TMP DIR CAPBU CAPBUD CAPBUCTL SHIM MODULE PIN TOKENS CHROMIUM ASSIST
export SHOTS=${SHOTS:-$TMP/shots}
mkdir -p "$SHOTS" "$TMP/ui"
for part in ${*:-flow security}; do
    if node "$e2e/$part.mjs"; then ok "$part"; else not_ok "$part"; fi
done
URL=https://127.0.0.1:1
# What diag tells: nothing of the person.
tokens_name=$(openssl x509 -in "$TMP/ok.pem" -noout -serial | sed 's/serial=//')
expect 0 client diag --out "$TMP/bundle.json"
json 'diag: the driver' '.modules[0].works' "$TMP/bundle.json"
json 'diag: a token model' '.tokens[0].model | startswith("SoftHSM")' "$TMP/bundle.json"
json 'diag: raw CK_RV names of earlier runs' '[.steps[] | select(test("CKR_PIN_INCORRECT"))] | length > 0' "$TMP/bundle.json"
for private in "$PIN" 'CÔNG TY' 'MST' "$tokens_name" "$TMP" "$(sed -n 2p "$TMP/rows.csv" | cut -d, -f2)" 'PRIVATE KEY'; do
    [ -s "$TMP/bundle.json" ] && silent "diag: no $(printf '%.8s' "$private")" "$private" "$TMP/bundle.json"
done
finish
