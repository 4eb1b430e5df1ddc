#!/usr/bin/env bash
# Tokens and drivers as they are (tests/lib/p11_odd.c): with each way of misbehaving, alone and in company, a renewal ends
# as it should, with one new certificate on the token and no PIN try spent that nobody wanted.
. "$(dirname "$0")/../lib/site.sh"

ODD_SO=${ODD_SO:-$CAPBU_BUILD/tests/lib/capbu-odd.so}
export ODD_MODULE=$MODULE ODD_LOG
renews() { # renews WAYS [KIND]: of a subscriber of its own
    local name="n$((++number))"
    [ "${2:-}" = ec ] && return 0
    token_of "$name"
    ODD_LOG=$TMP/odd.log
    : >"$ODD_LOG"
    ODD=$1 P11=$ODD_SO expect 0 renew
    certs_on "$name"
    same "$1: one new certificate" 2 "$ON"
    same "$1: no PIN is refused" 0 "$(grep -c '^C_Login CKR_PIN' "$ODD_LOG")"
}

refused() { # refused WAYS STATUS TEXT: the PIN is wrong
    local name="n$((++number))"
    token_of "$name"
    ODD_LOG=$TMP/odd.log
    : >"$ODD_LOG"
    ODD=$1,flags-quiet P11=$ODD_SO expect "$2" client renew --yes --pin-file "$TMP/bad"
    says "$1: in these words" "$3"
    same "$1: one try" 1 "$(grep -c '^C_Login' "$ODD_LOG")"
}

WAYS='bail-id bail-label bail-wipe bail-same alone exact-room pad-ff pad-00 find-twice final-fails login-first
private-certs private-all no-public slots-present slots-empty not-init pin-not-init pin-swapped one-serial no-rsa-pkcs
no-rsa-general always-auth label-32 label-none no-private bare one-session close-logout bail-wipe,bare
pad-ff,one-session,no-rsa-pkcs exact-room,label-none,always-auth login-first,no-rsa-pkcs,bare'
number=0
site_new
for n in $(seq 45); do subscriber "n$n"; done
expect 0 ctl import "$TMP/rows.csv"
server_start
printf 'wrong-PIN-77' >"$TMP/bad"
for ways in $WAYS; do renews "$ways"; done
for ways in pin-general pin-failed pin-invalid pin-length pin-vendor; do
    refused "$ways" 22 'may have been wrong'
done
refused pin-expired 23 'must be changed'
server_stop
finish
