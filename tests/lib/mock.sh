# shellcheck shell=bash
# The mock token in place of SoftHSM's: $TOKENS is its folder. Sourced after site.sh (and population.sh), whose functions
# of the same names it replaces. pkcs11-tool judges through the module for Linux, whoever wrote.
MOCK=$(built capbu-mock.so)
MODULE=$MOCK

tokens_new() {
    TOKENS=$HSM/$1
    mkdir -p "$TOKENS"
}

tokens_use() {
    TOKENS=$HSM/$1
}

p11tool() {
    MOCK_TOKEN=$TOKENS PIN=$PIN SO_PIN=12345678 pkcs11-tool --module "$MOCK" "$@"
}

# key_add NAME: the key of $TMP/NAME.key under CKA_ID 01, on the token in use, which is called so.
key_add() {
    local half
    openssl pkey -in "$TMP/$1.key" -outform DER -out "$TMP/half-privkey"
    openssl pkey -in "$TMP/$1.key" -pubout -outform DER -out "$TMP/half-pubkey"
    quiet p11tool --init-token --slot 1 --label "$1" --so-pin env:SO_PIN
    quiet p11tool --login --login-type so --so-pin env:SO_PIN --init-pin --pin env:PIN
    for half in privkey pubkey; do
        quiet p11tool --login --pin env:PIN --write-object "$TMP/half-$half" --type "$half" --id 01 --label "$1"
    done
    rm -f "$TMP"/half-*
}

# supply N and take: as in population.sh, by OpenSSL's own CA; a token's folder is named by the old serial.
supply() {
    local n
    rm -f "$TMP/rows.csv"
    for n in $(seq "$1"); do
        subscriber "m$n"
        tokens_new "$SERIAL"
        token_add "m$n"
        rm -f "$TMP/m$n".*
        FRESH+=("$SERIAL")
    done
    quiet ctl import "$TMP/rows.csv"
}
