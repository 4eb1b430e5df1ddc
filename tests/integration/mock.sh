#!/usr/bin/env bash
# The mock token that capbu.exe is tested on, judged by pkcs11-tool and OpenSSL: it keeps what it is given, counts PIN tries, and
# capbu for Linux renews on it as on any other.
. "$(dirname "$0")/../lib/site.sh"
. "$here/mock.sh"
if nm -D "$(built capbu-mock.so)" | grep -q __asan_init; then
    echo 'skipped: pkcs11-tool has no sanitizer and cannot load a module that was built with one'
    exit 77
fi

tries_are() { # tries_are NAME WORDS: what the token's flags say
    p11tool --list-token-slots 2>/dev/null >"$OUT"
    if grep 'token flags' "$OUT" | grep -qF -e "$2"; then ok "$1"; else not_ok "$1" "$(grep 'token flags' "$OUT")"; fi
}

on_token() { # objects that pkcs11-tool sees after login
    p11tool --login --pin env:PIN --list-objects 2>/dev/null | grep -c '^[A-Z].* Object;'
}

site_new
subscriber one bits=2048
quiet ctl import "$TMP/rows.csv"
server_start
token_of one
same 'two keys and a certificate' 3 "$(on_token)"
same 'the private key shows before login to nobody' 2 "$(p11tool --list-objects 2>/dev/null | grep -c '^[A-Z].* Object;')"
cert_read one one "$TMP/back.pem"
same 'the certificate comes back as it was' "$(b64_of "$TMP/one.pem")" "$(b64_of "$TMP/back.pem")"
holds 'the key signs a digest' key_signs one "$TMP/one.pem"
printf 'raw' >"$TMP/raw"
quiet p11tool --login --pin env:PIN --sign --mechanism RSA-PKCS --id 01 -i "$TMP/raw" -o "$TMP/raw.sig"
holds 'and what it is given as it is' openssl pkeyutl -verify -in "$TMP/raw" -sigfile "$TMP/raw.sig" -certin -inkey "$TMP/one.pem"
holds 'an object that is destroyed is gone' eval 'p11tool --login --pin env:PIN --write-object "$TMP/one.der" --type cert --id 02 --label two &&
    p11tool --login --pin env:PIN --delete-object --type cert --id 02 && [ "$(on_token)" = 3 ]'

WRONG=0000
for left in 4 3 2; do PIN=$WRONG p11tool --login --pin env:PIN --list-objects >/dev/null 2>&1; done
tries_are 'wrong PINs are counted' 'user PIN count low'
printf 'no-such-pin' >"$TMP/wrong"
expect 22 client renew --yes --pin-file "$TMP/wrong"
tries_are 'the last try is told' 'final user PIN try'
expect 23 renew
expect 23 client renew --yes --last-try --pin-file "$TMP/wrong"
tries_are 'then the PIN is locked' 'user PIN locked'
expect 23 client renew --yes --last-try --pin-file "$TMP/pin"
quiet p11tool --login --login-type so --so-pin env:SO_PIN --init-pin --pin env:PIN
same 'and unlocked by the SO' 3 "$(on_token)"
expect 0 client --json list
json 'with all its tries again' '[.. | .pin_final_try?] | any | not'

mv "$TOKENS" "$TOKENS.out"
expect 20 client list
mv "$TOKENS.out" "$TOKENS"
expect 0 client check
expect 0 renew
certs_on one
same 'two certificates' 2 "$ON"
cert_read one 'one [2021-07-16]' "$TMP/new.pem"
renewal_is_right renewed "$TMP/one.pem" "$TMP/new.pem" 'Jul 16 16:59:59 2021 GMT'
holds 'the key signs under it' key_signs one "$TMP/new.pem"
finish
