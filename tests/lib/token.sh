# shellcheck shell=bash
# Software tokens, and what pkcs11-tool, which knows nothing of us, sees on them.

# tokens_new NAME: an empty token folder of its own; sets TOKENS to its SoftHSM configuration.
tokens_new() {
    mkdir -p "$HSM/$1"
    TOKENS=$HSM/$1.conf
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n' \
        "$HSM/$1" >"$TOKENS"
}

# token_with_key NAME: a token called NAME in a folder of its own, with the key of $TMP/NAME.key under CKA_ID 01.
token_with_key() {
    tokens_new "$1"
    token_add "$1"
}

# token_add NAME: the same, into the token folder in use.
token_add() {
    openssl pkcs8 -topk8 -nocrypt -in "$TMP/$1.key" -out "$TMP/p8"
    quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --init-token --free --label "$1" --so-pin 12345678 --pin "$PIN"
    quiet env SOFTHSM2_CONF="$TOKENS" softhsm2-util --import "$TMP/p8" --token "$1" --label "$1" --id 01 --pin "$PIN"
    rm -f "$TMP/p8"
}

# token_of NAME: a token called NAME with the key and the certificate of `subscriber NAME`, under CKA_ID 01.
token_of() {
    token_with_key "$1"
    openssl x509 -in "$TMP/$1.pem" -outform DER -out "$TMP/$1.der"
    p11tool --token-label "$1" --login --pin env:PIN --write-object "$TMP/$1.der" --type cert --id 01 --label "$1" >"$OUT" 2>"$ERR" ||
        not_ok "certificate onto token $1" "$(cat "$ERR")"
}

p11tool() {
    SOFTHSM2_CONF=$TOKENS PIN=$PIN pkcs11-tool --module "$MODULE" "$@"
}

# The certificates on a token, one file each: $TMP/on/1.der …; sets ON to their number. Certificates need no login.
certs_on() { # certs_on LABEL
    local slot
    rm -rf "$TMP/on"
    mkdir -p "$TMP/on"
    slot=$(slot_of "$1")
    p11tool --slot "$slot" --list-objects --type cert >"$TMP/on/list" 2>/dev/null
    awk -v dir="$TMP/on" '/^Certificate Object/ { n++ } /^  serial:/ { print $2 > (dir "/" n ".serial") }
        /^  ID:/ { print $2 > (dir "/" n ".id") } /^  label:/ { sub(/^  label: */, ""); print > (dir "/" n ".label") }
        /^  subject:/ { print > (dir "/" n ".subject") } END { print n + 0 > (dir "/count") }' "$TMP/on/list"
    ON=$(cat "$TMP/on/count")
}

slot_of() { # the slot id of the token with exactly that label
    p11tool --list-token-slots 2>/dev/null | awk -v want="$1" '/^Slot [0-9]+ \(/ { match($0, /\(0x[0-9a-f]+\)/); slot = substr($0, RSTART + 1, RLENGTH - 2) }
        /token label +:/ { sub(/.*token label +: */, ""); if ($0 == want) print slot }'
}

token_serials() { # the serials of the certificates on a token, sorted, as interfaces.md writes them
    local n
    certs_on "$1"
    for n in $(seq 1 "$ON"); do sed 's/^0*//' "$TMP/on/$n.serial" | tr a-f A-F; done | sort
}

# tokens_split: every token of the folder $TOKENS speaks of gets a folder of its own; a SoftHSM token's folder ends
# with its serial number. Afterwards `tokens_use LABEL` points TOKENS to one.
tokens_split() {
    local from=${TOKENS%.conf} label serial folder
    p11tool --list-token-slots 2>/dev/null | awk '/token label +:/ { sub(/.*token label +: */, ""); label = $0 }
        /serial num +:/ { print $NF, label }' >"$TMP/split"
    while read -r serial label; do
        for folder in "$from"/*; do
            [ "$(echo "$folder" | tr -d - | tail -c 17)" = "$serial" ] || continue
            tokens_new "$label"
            mv "$folder" "$HSM/$label/"
        done
    done <"$TMP/split"
}

tokens_use() {
    TOKENS=$HSM/$1.conf
}

# cert_read LABEL CERT_LABEL FILE: the certificate object of that name on the token of that name, as PEM.
cert_read() {
    rm -f "$TMP/read.der"
    p11tool --slot "$(slot_of "$1")" --read-object --type cert --label "$2" -o "$TMP/read.der" >/dev/null 2>&1
    openssl x509 -inform DER -in "$TMP/read.der" -out "$3"
}

# key_signs LABEL PEM: the private key with CKA_ID 01 on that token signs what that certificate verifies.
key_signs() {
    echo "probe $RANDOM" >"$TMP/probe"
    p11tool --slot "$(slot_of "$1")" --login --pin env:PIN --sign --mechanism SHA256-RSA-PKCS --id 01 \
        -i "$TMP/probe" -o "$TMP/probe.sig" >/dev/null 2>&1 &&
        openssl x509 -in "$2" -noout -pubkey >"$TMP/probe.pub" &&
        openssl dgst -sha256 -verify "$TMP/probe.pub" -signature "$TMP/probe.sig" "$TMP/probe"
}
