# shellcheck shell=bash
# The real smart-card stack for a test: pcscd with a virtual reader, the virtual card in it, OpenSC on top. pcscd and card
# live in a network and mount namespace of their own, because the virtual reader listens on every address and pcscd
# has one fixed socket; both go with the processes. Source after lib/site.sh.

OPENSC=/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so
READER=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
SO_PUK=1234567890123456
VCARD=$(built vcard)
PCSCD='' CARD=$TMP/card.memory
# Another PIN than in the other tests: OpenSC's tools take it as an argument, which pin.sh looks for in every process.
PIN=9hL-on-a-card
printf '%s' "$PIN" >"$TMP/pin"

skip() {
    echo "skipped: $1"
    exit 77
}

stack_possible() { # or the test is skipped, saying why
    local need
    [ "$(id -u)" = 0 ] || skip 'needs root for namespaces of its own'
    for need in pcscd pkcs15-init pkcs15-tool pkcs11-tool ip unshare nsenter; do
        command -v "$need" >/dev/null || skip "$need is not installed: make deps"
    done
    for need in "$READER" "$OPENSC"; do
        [ -f "$need" ] || skip "$need is not installed: make deps"
    done
    unshare --net --mount true 2>/dev/null || skip 'namespaces are not allowed here'
}

stack_start() {
    stack_possible
    mkdir -p "$TMP/pcscd"
    printf 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH %s\nCHANNELID 0x8C7B\n' "$READER" >"$TMP/reader.conf"
    # OpenSC keeps no copies of the card's files: a judge must read the card itself.
    printf 'app default {\n reader_driver pcsc {\n }\n framework pkcs15 {\n use_file_caching = no;\n }\n}\n' >"$TMP/opensc.conf"
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 # OpenSC's own, of objects it destroys
    export PCSCLITE_CSOCK_NAME=$TMP/pcscd/pcscd.comm OPENSC_CONF=$TMP/opensc.conf
    # shellcheck disable=SC2016 # its own arguments
    unshare --net --mount sh -c 'ip link set lo up && mount -t tmpfs none /run && mkdir /run/pcscd &&
        mount --bind "$1" /run/pcscd && exec pcscd --foreground --config "$2"' sh "$TMP/pcscd" "$TMP/reader.conf" >"$TMP/pcscd.log" 2>&1 &
    PCSCD=$!
    children="$children $PCSCD"
    within 10 test -S "$PCSCLITE_CSOCK_NAME" || { not_ok 'pcscd is ready within 10 s' "$(tail -n 5 "$TMP/pcscd.log")"; finish; }
}

# card_in [VCARD OPTIONS]: puts the card with the memory $CARD into the reader; sets POWER to the pid that is its power.
card_in() {
    nsenter -t "$PCSCD" --net "$VCARD" "$CARD" "$@" 2>"$TMP/vcard.err" &
    POWER=$!
    children="$children $POWER"
    within 10 card_seen || { not_ok 'the card is seen within 10 s' "$(cat "$TMP/vcard.err"; opensc-tool -a 2>&1; tail -n 5 "$TMP/pcscd.log")"; finish; }
}

# card_out: pulls it out, unless it went by itself; sets POWER_STATUS (3: the cut that was asked for came).
card_out() {
    kill "$POWER" 2>/dev/null
    wait "$POWER" 2>/dev/null
    POWER_STATUS=$?
    ended "$POWER"
    POWER=''
    within 10 card_not_seen || { not_ok 'the card is seen gone within 10 s'; finish; }
}

card_seen() {
    opensc-tool -a 2>/dev/null | grep -qi '^3b:80'
}

card_not_seen() { # by pcscd's own watch: a card put back before that has noticed is never powered up
    opensc-tool --list-readers 2>/dev/null | grep -q '^0 *No'
}

tries_left() { # from the card's own memory, asking nobody
    "$VCARD" "$CARD" --show | sed 's/^pin \([0-9]*\) .*/\1/'
}

# card_personalise NAME: a new card with a key made on it and the old CA's certificate for that key in $TMP/NAME.pem, the
# subscriber's row in $TMP/rows.csv. The card stays in.
card_personalise() {
    local tax
    CARD=$TMP/$1.memory
    cards=$((cards + 1))
    tax=$(printf '02%08d' "$cards")
    card_in
    quiet pkcs15-init --create-pkcs15 --so-pin "$PIN" --so-puk "$SO_PUK" --label "$1" --serial "$(printf '%016d' "$cards")"
    quiet pkcs15-init --generate-key rsa/2048 --id 45 --auth-id ff --pin "$PIN" --so-pin "$PIN" --label "$1"
    PKCS11_MODULE_PATH=$OPENSC request "$TMP/$1.csr" "/UID=MST:$tax/CN=CÔNG TY $1/L=HÀ NỘI/C=VN" -engine pkcs11 -keyform engine \
        -key "pkcs11:id=%45;type=private;pin-value=$PIN"
    certify "$TMP/$1.pem" "$TMP/$1.csr" 20180717020000Z 20201002024220Z
    quiet pkcs15-init --store-certificate "$TMP/$1.pem" --id 45 --auth-id ff --pin "$PIN" --so-pin "$PIN" --label "$1"
    [ -f "$TMP/rows.csv" ] || csv_header "$TMP/rows.csv"
    csv_line "$TMP/$1.pem" "HD-$1" "$tax" "CÔNG TY $1" v4 2021-07-16 active >>"$TMP/rows.csv"
}
cards=0

# Judges that know nothing of us: pkcs15-tool reads the card's files, pkcs11-tool sees what applications see.

# certs_read: every certificate pkcs15-tool can read, as $TMP/read/ID.pem; CKA_IDs are file names here.
certs_read() {
    local id
    rm -rf "$TMP/read"
    mkdir -p "$TMP/read"
    for id in $(pkcs15-tool --list-certificates 2>/dev/null | sed -n 's/^\tID *: //p'); do
        pkcs15-tool --read-certificate "$id" 2>/dev/null | openssl x509 -out "$TMP/read/$id.pem" 2>/dev/null || rm -f "$TMP/read/$id.pem"
    done
}

# p15_usable: the serials of the certificates under which the card's key signs, sorted, as interfaces.md writes serials.
p15_usable() {
    local file
    certs_read
    echo "probe $RANDOM" >"$TMP/probe"
    PIN=$PIN pkcs11-tool --module "$OPENSC" --login --pin env:PIN --sign --mechanism SHA256-RSA-PKCS --id 45 \
        -i "$TMP/probe" -o "$TMP/probe.sig" >/dev/null 2>&1 || return
    for file in "$TMP"/read/*.pem; do
        [ -f "$file" ] || continue
        openssl x509 -in "$file" -noout -pubkey >"$TMP/probe.pub"
        openssl dgst -sha256 -verify "$TMP/probe.pub" -signature "$TMP/probe.sig" "$TMP/probe" >/dev/null 2>&1 && serial_of "$file"
    done | sort | tr '\n' ' '
}

# p11_shows: "SERIAL" of each certificate object that opensc-pkcs11.so shows, sorted.
p11_shows() {
    pkcs11-tool --module "$OPENSC" --list-objects --type cert 2>/dev/null | sed -n 's/^  serial: *0*//p' | tr a-f A-F | sort | tr '\n' ' '
}

# p11_id SERIAL: the CKA_ID of that certificate object.
p11_id() {
    pkcs11-tool --module "$OPENSC" --list-objects --type cert 2>/dev/null |
        awk -v want="$1" '/^  serial:/ { s = toupper($2); sub(/^0*/, "", s) } /^  ID:/ && s == want { print $2 }'
}

# snapshot NAME and restore NAME: the card's memory and the server's database, together.
snapshot() {
    [ -z "$SERVER" ] || server_stop
    cp "$CARD" "$TMP/$1.card"
    cp "$DIR/capbu.db" "$TMP/$1.db"
    cp "$DIR/signed.journal" "$TMP/$1.journal"
    server_start
}

restore() {
    server_kill
    rm -f "$DIR"/capbu.db*
    cp "$TMP/$1.db" "$DIR/capbu.db"
    cp "$TMP/$1.journal" "$DIR/signed.journal" # another world, in which nothing of that was ever signed
    cp "$TMP/$1.card" "$CARD"
    server_start
}
