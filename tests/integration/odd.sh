#!/usr/bin/env bash
# Tokens and drivers as they are (tests/lib/p11_odd.c): with each way of misbehaving, alone and in company, a renewal ends
# as it should, with one new certificate on the token and no PIN try spent that nobody wanted. ODD_PAIRS=1 also tries every
# two of them together.
. "$(dirname "$0")/../lib/site.sh"

ODD_SO=${ODD_SO:-$CAPBU_BUILD/tests/lib/capbu-odd.so}
export ODD_MODULE=$MODULE ODD_LOG
renews() { # renews WAYS: of a subscriber of its own
    local name
    name=$(next)
    token_of "$name"
    ODD_LOG=$TMP/odd.log
    : >"$ODD_LOG"
    ODD=$1 P11=$ODD_SO expect 0 renew
    certs_on "$name"
    same "$1: one new certificate" 2 "$ON"
    same "$1: no PIN is refused" 0 "$(grep -c '^C_Login CKR_PIN' "$ODD_LOG")"
}

converges() { # converges WAYS [THEN]: at the latest at the second run, and never with a second copy
    local name status then=${2-$1}
    name=$(next)
    token_of "$name"
    ODD=$1 P11=$ODD_SO client renew --yes --pin-file "$TMP/pin" >"$OUT" 2>"$ERR"
    status=$?
    case $status in 0 | 40) ok "$1: ends with $status" ;; *) not_ok "$1: the first run" "status $status, $(cat "$ERR")" ;; esac
    ODD=$then P11=$ODD_SO expect 0 renew
    certs_on "$name"
    same "$1: one new certificate after two runs" 2 "$ON"
}

refused() { # refused WAYS STATUS TEXT: the PIN is wrong
    local name
    name=$(next)
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
: "${ODD_PAIRS:=0}"
# Two that say opposite things of the same answer are no pair.
pairs() {
    local a b
    for a in $WAYS; do
        for b in $WAYS; do
            case $a$b in *,* | bail-*bail-* | pad-*pad-* | slots-*slots-* | label-*label-* | private-*private-*) continue ;; esac
            [[ $a > $b || $a = "$b" ]] || echo "$a,$b"
        done
    done
}
next() { # the name of a subscriber that nobody used yet
    echo $(($(cat "$TMP/number") + 1)) >"$TMP/number.new" && mv "$TMP/number.new" "$TMP/number"
    echo "n$(cat "$TMP/number")"
}

echo 0 >"$TMP/number"
PAIRS=
[ "$ODD_PAIRS" = 0 ] || PAIRS=$(pairs)
site_new
for n in $(seq $((50 + $(wc -w <<<"$PAIRS")))); do subscriber "n$n"; done
expect 0 ctl import "$TMP/rows.csv"
server_start
printf 'wrong-PIN-77' >"$TMP/bad"
for ways in $WAYS; do renews "$ways"; done
for ways in $PAIRS; do renews "$ways"; done
for ways in relabel max-pin; do renews "$ways"; done
converges hide-made
converges lost-once ''
for ways in pin-general pin-failed pin-invalid pin-length pin-vendor; do
    refused "$ways" 22 'may have been wrong'
done
refused pin-expired 23 'must be changed'
[ "$ODD_PAIRS" = 0 ] || echo "$(wc -w <<<"$PAIRS") pairs"
server_stop
finish
