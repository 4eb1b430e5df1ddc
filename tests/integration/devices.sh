#!/usr/bin/env bash
# Token models as data: published and signed (stock openssl is the judge), taken over by capbu's next run, refused with the
# reason when tampered with, expired, rolled back, too large or another CA's; a quirk that was published changes how a
# token is written to, a driver that was published is found; unknown models are reported; old programs are told.
. "$(dirname "$0")/../lib/site.sh"
export XDG_CONFIG_HOME=$TMP/config

publish() { # publish [OPTIONS]: and wait until capbud has noticed
    quiet ctl --json devices publish "$@"
    VERSION=$(jq .version "$OUT")
    within 5 named "$VERSION" || not_ok "capbud names version $VERSION"
}
named() { [ "$(api /api/v1/client | jq .devices_version)" = "$1" ]; }
kept_file() { ls -t "$TMP"/state/capbu/devices-* | head -n 1; } # a file for each server's address
kept() { jq -r .publication "$(kept_file)" 2>/dev/null | base64 -d; } # what this computer keeps, as DER
kept_version() { kept | openssl cms -verify -noverify -inform DER -binary 2>/dev/null | jq .version; }
FETCHED=0
all_fetched() { grep -c '"path":"/api/v1/devices"' "$DIR.log"; }
fetched() { echo $(($(all_fetched) - FETCHED)); } # since the test itself asked last

model() { # model ID FILE [LINE]...: a device in the installation's devices.conf
    printf 'device "%s" {\n  linux = "%s"\n' "$1" "$2"
    printf '  %s\n' "${@:3}"
    echo '}'
}

shim() { # renewals through the shim, whose driver no built-in model knows
    rm -f "$TMP/log"
    SHIM_MODULE=$MODULE SHIM_UNIQUE_ID=1 SHIM_LOG=$TMP/log P11=$SHIM "$@"
}
creates() { grep -c ' C_CreateObject ' "$TMP/log"; }
id_lengths() { certs_on "$1" && cat "$TMP"/on/*.id | awk '{ print length($0) / 2 }' | sort -n | xargs; }

put_row() { # put_row VERSION DER: what capbud will name and give, whatever is in it
    if [ "$BACKEND" = pg ]; then set -- "$1" "$2" "'\\x$(xxd -p "$2" | tr -d '\n')'"; else set -- "$1" "$2" "x'$(xxd -p "$2" | tr -d '\n')'"; fi
    echo "DELETE FROM publication WHERE version >= $1; INSERT INTO publication VALUES ($1, 0, 9999999999, 'x', $3)" >"$TMP/row.sql"
    if [ "$BACKEND" = pg ]; then quiet psql -qX "$DSN" -f "$TMP/row.sql"; else quiet sqlite3 -cmd '.timeout 5000' "$DIR/capbu.db" ".read $TMP/row.sql"; fi
    within 5 named "$1" || not_ok "capbud names version $1"
}

refused() { # refused NAME VERSION DER TEXT: the client says why, keeps what it had, and goes on
    local before
    before=$(kept | sha256sum)
    put_row "$2" "$3"
    expect 0 client check
    says "$1: refused with the reason" "$4"
    says "$1: the check goes on" 'days made good'
    same "$1: what was kept stays" "$before" "$(kept | sha256sum)"
}

site_new
for name in plain quirk fresh old; do subscriber "$name" && token_of "$name"; done
expect 0 ctl import "$TMP/rows.csv"
server_start
BASE=$(cat "$DIR/devices.conf")

# --- Nothing is published: what is built in counts, and no request is spent on it.
expect 0 ctl check-config
silent 'an untouched devices.conf needs no publication' publish "$OUT"
silent 'token models have a key of their own' 'devices_key' "$OUT"
same 'no version is named' null "$(api /api/v1/client | jq .devices_version)"
same 'nothing to fetch' 404 "$(status_of /api/v1/devices)"
FETCHED=$(all_fetched)
tokens_use plain
expect 0 shim renew
same 'an unknown model is written to the careful way: two refusals, then a temporary CKA_ID' 3 "$(creates)"
same 'nothing was fetched' 0 "$(fetched)"
expect 0 ctl audit export
holds 'the audit has the unknown model as it calls itself' jq -es 'any(.[]; .kind == "unproven" and .detail.code == "unknown-device" and
    (.detail.first | .module == "capbu-shim.so" and (.model | test("SoftHSM")) and (.firmware | length > 0) and (has("label") | not)))' "$OUT"
holds 'the log too' grep -q '"unknown-device".*"model":"SoftHSM' "$DIR.log"
silent 'its label, which may be a name, is not kept' '"plain"' "$DIR.log" "$OUT"

# --- A quirk is published: the next run uses the other way.
{ echo "$BASE" && model shim capbu-shim.so 'write = "temporary-id"'; } >"$DIR/devices.conf"
expect 0 ctl check-config
says 'check-config says that it is not out yet' 'devices publish'
publish
same 'the first version' 1 "$VERSION"
api /api/v1/devices -o "$TMP/v1.der"
FETCHED=$(all_fetched)
holds 'stock openssl verifies it' openssl cms -verify -inform DER -in "$TMP/v1.der" -binary -CAfile "$DIR/new-ca.pem" -partial_chain \
    -purpose any -attime "$(site_now)" -out "$TMP/content"
json 'its content has version, times and models' '.kind == "capbu-devices" and .version == 1 and .expires > .issued and
    any(.devices[]; .id == "shim" and .write == "temporary-id")' "$TMP/content"
expect 0 ctl check-config
silent 'nothing more to publish' publish "$OUT"
expect 0 ctl audit export
holds 'the audit has the publication' grep -q '"devices"' "$OUT"
tokens_use quirk
expect 0 shim renew
same 'a temporary CKA_ID at once, nothing refused before' 1 "$(creates)"
same 'beside the key'"'"'s' '1 20' "$(id_lengths quirk)"
same 'fetched once' 1 "$(fetched)"
expect 0 shim client diag
json 'diag tells which list it works with, and what the token is known as' '.devices_version == 1 and .tokens[0].known_as == "shim"'
same 'and kept' 1 "$(kept_version)"
expect 0 client check
same 'not fetched again' 1 "$(fetched)"

# --- What is not to be believed.
tokens_use old
publish
expect 0 client check
same 'the second version is taken' 2 "$(kept_version)"
kept >"$TMP/v2.der"
head -c 400 "$TMP/v2.der" >"$TMP/tampered.der"
printf '\377' >>"$TMP/tampered.der"
tail -c +402 "$TMP/v2.der" >>"$TMP/tampered.der"
refused tampered 10 "$TMP/tampered.der" 'not used: signed document'
refused 'rolled back' 11 "$TMP/v1.der" 'version 1, older than version 2 seen before'
head -c 100000 /dev/zero >"$TMP/large.der"
refused 'too large' 12 "$TMP/large.der" 'at most'
printf '{}' >"$TMP/none.der"
refused 'no document' 13 "$TMP/none.der" 'not used'
# The list that this computer keeps ends between two runs: it is not used then, server or not, and is no older one's excuse.
same 'the kept list is in use' 2 "$(client diag | jq .devices_version)"
ends=$(kept | openssl cms -verify -noverify -inform DER -binary 2>/dev/null | jq -r .expires)
ahead=$(($(date -d "$ends" +%s) - $(date +%s)))
cp "$(kept_file)" "$TMP/kept"
jq -c ".clock = $((ahead - 60))" "$TMP/kept" >"$(kept_file)"
same 'a minute before its end it is in use' 2 "$(client diag | jq .devices_version)"
jq -c ".clock = $((ahead + 60))" "$TMP/kept" >"$(kept_file)"
same 'a minute after, what is built in is' 0 "$(client diag | jq .devices_version)"
refused 'rolled back behind one that ended' 14 "$TMP/v1.der" 'version 1, older than version 2 seen before'
cp "$TMP/kept" "$(kept_file)"
mine=$DIR mine_dsn=${DSN:-}
site_new
quiet ctl devices publish
if [ "$BACKEND" = pg ]; then psql -qXtA "$DSN" -c "SELECT encode(der, 'hex') FROM publication" | xxd -r -p >"$TMP/other.der"; else sqlite3 "$DIR/capbu.db" "SELECT hex(der) FROM publication" | xxd -r -p >"$TMP/other.der"; fi
DIR=$mine DSN=$mine_dsn
refused "another CA's" 15 "$TMP/other.der" 'not used: signed document'
quiet ctl --json devices publish --days 1 # 16
api /api/v1/devices -o "$TMP/short.der"
within 5 named 16
api /api/v1/devices -o "$TMP/short.der"
server_stop
offset=$(sed -n 's/^clock_offset *= *//p' "$DIR/capbud.conf")
conf_set capbud.conf clock_offset $((offset + 3 * 86400))
server_start
same 'one that expired is not named' null "$(api /api/v1/client | jq .devices_version)"
expect 0 ctl check-config
says 'check-config says that it expired' 'expired on'
refused expired 17 "$TMP/short.der" 'expired on'
FETCHED=$(all_fetched)
expect 0 client check
expect 0 client check
same 'what is refused is asked for once a run, no more' 2 "$(fetched)"

# --- A driver that this program does not know, on a machine where nothing else is found.
everywhere() { # capbu as it is without --module
    SOFTHSM2_CONF=$TOKENS SHIM_MODULE=$MODULE "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" --lang en "$@"
}
sql "DELETE FROM publication WHERE version > 2" >/dev/null
tokens_use fresh
model nothing no-such-driver.so >"$DIR/devices.conf"
publish
expect 0 client check # with --module: takes the list over
expect 20 everywhere check
says 'a list without drivers finds none' 'No token driver'
mkdir "$TMP/drivers"
cp "$SHIM" "$TMP/drivers/new-driver.so"
{ echo "linux_folders = \"$TMP/drivers\"" && model new new-driver.so; } >"$DIR/devices.conf"
publish
expect 0 everywhere check
says 'a driver that was published is found in the same run' 'days made good'
expect 0 everywhere list
server_kill
expect 0 everywhere list # without a server too
start=$(milliseconds)
TOKENS=$TMP/none.conf expect 20 everywhere check
holds 'no token and no server: said soon' test $(($(milliseconds) - start)) -lt 4000
printf 'x' >"$(kept_file)"
expect 0 client list # a damaged copy is none
echo "$BASE" >"$DIR/devices.conf"

# --- A key of its own for token models, made by stock openssl.
cat >>"$TMP/ca/conf" <<'END'
[models]
basicConstraints = critical,CA:FALSE
authorityKeyIdentifier = keyid
keyUsage = critical,digitalSignature
extendedKeyUsage = 1.3.6.1.5.5.7.3.28,codeSigning
END
quiet openssl genrsa -out "$DIR/models.key" 2048
request "$TMP/ca/csr" /CN=models -key "$DIR/models.key"
certify "$DIR/models.pem" "$TMP/ca/csr" 20200301000000Z 20210301000000Z new-ca -extensions models -md sha256
conf_set capbud.conf devices_cert '"models.pem"'
conf_set capbud.conf devices_key '"models.key"'
echo "$BASE" >"$DIR/devices.conf"
expect 0 ctl devices publish
expect 0 ctl check-config
silent 'no warning of a key of its own' 'devices_key' "$OUT"
mv "$DIR/models.key" "$TMP/away.key"
expect 0 ctl check-config # kept away from the server, as it should be
expect 4 ctl devices publish
mv "$TMP/away.key" "$DIR/models.key"
conf_set capbud.conf cmp_cert '"models.pem"'
conf_set capbud.conf cmp_key '"models.key"'
expect 0 ctl check-config
says 'check-config warns of one key for answers and token models' 'devices_key is the same key as cmp_key'
conf_set capbud.conf cmp_cert '"cmp.pem"'
conf_set capbud.conf cmp_key '"cmp.key"'
conf_set capbud.conf devices_key '"devices.key"'

# --- Faults of the operator's.
echo 'device "x" {' >"$DIR/devices.conf"
expect 6 ctl devices publish
says 'the fault is named with its line' 'devices.conf:'
echo "$BASE" >"$DIR/devices.conf"
conf_set capbud.conf devices_cert '"devices.conf"'
expect 6 ctl devices publish
says 'a certificate that is none is named' 'devices.conf: neither DER nor a PEM'
conf_set capbud.conf devices_cert '"tls.pem"'
expect 6 ctl devices publish
says 'a signer nobody would believe' 'capbu would not believe it'
expect 6 ctl check-config
conf_set capbud.conf devices_cert '"cmp.pem"'
conf_set capbud.conf devices_key '"cmp.key"'
expect 6 ctl devices publish
says 'nor the key that answers the network' 'capbu would not believe it'
conf_set capbud.conf devices_cert '"devices.pem"'
conf_set capbud.conf devices_key '"devices.key"'
expect 6 ctl devices publish --days 3660
says 'a signer that ends too soon' 'fewer --days'
expect 2 ctl devices publish --days 0
expect 2 ctl devices withdraw

# --- Supported versions.
conf_set capbud.conf client_latest_version '"99.1.0-rc.1"'
server_start
tokens_use old
expect 0 client check
says 'a newer version, though nobody said where it is' '99.1.0-rc.1 of this program: ask the hotline'
server_stop
conf_set capbud.conf client_download '"https://capbu.example.vn/tai-ve"'
server_start
expect 0 client check
says 'a newer version is a hint' 'newer version 99.1.0-rc.1 of this program: https://capbu.example.vn/tai-ve'
server_stop
conf_set capbud.conf client_min_version '"99.0.0"'
conf_set capbud.conf client_latest_version '"99.1.0"'
server_start
expect 0 client check
SHIM_COUNT=$TMP/count SHIM_MODULE=$MODULE P11=$SHIM expect 31 renew
says 'too old: said with where to get the new one' 'too old, the server serves version 99.0.0 and later. Install the new one (https://capbu.example.vn/tai-ve) and run it again'
expect 31 client --lang vi renew --yes --pin-file "$TMP/pin"
says 'in Vietnamese' 'đã cũ, máy chủ chỉ phục vụ từ phiên bản 99.0.0'
same 'before any PIN' 0 "$(grep -c C_Login "$TMP/count")"
printf '{"certificate":"%s","consent":{"text_id":"data-confirmed-1","given":true},"client_version":"0.1.0"}' "$(b64_of "$TMP/old.pem")" >"$TMP/begin"
same 'begin refuses it too' 426 "$(status_of /api/v1/begin -H 'Content-Type: application/json' -H 'Accept-Language: en' --data-binary @"$TMP/begin")"
json 'with a code and the place' '.code == "client-too-old" and (.detail | test("https://capbu.example.vn/tai-ve"))'
sed -i 's/"client_version":"0.1.0"/"client_version":"99.1.0"/' "$TMP/begin"
same 'begin takes a newer one' 200 "$(status_of /api/v1/begin -H 'Content-Type: application/json' --data-binary @"$TMP/begin")"
json 'and says the same to it' '.client_minimum == "99.0.0" and .client_latest == "99.1.0" and .client_download == "https://capbu.example.vn/tai-ve"'
server_stop
cp "$DIR/devices.conf" "$TMP/devices.good"
echo 'speed = 3' >>"$DIR/devices.conf"
expect 6 ctl --lang en check-config
says 'check-config refuses a devices.conf that cannot be used' 'no such option'
expect 6 timeout 20 "$CAPBUD" --dir "$DIR"
says 'capbud judges it alike' 'no such option'
cp "$TMP/devices.good" "$DIR/devices.conf"
conf_set capbud.conf client_latest_version '"98"'
expect 6 ctl check-config
says 'a latest version that is too old itself' 'is older than client_min_version'
conf_set capbud.conf client_latest_version '"newest"'
expect 6 ctl check-config
says 'no version' 'must be a version'
conf_set capbud.conf client_latest_version '""'
expect 0 ctl audit verify
finish
