#!/usr/bin/env bash
# Tokens and drivers as they are (tests/lib/p11_odd.c): with each way of misbehaving, alone and in company, a renewal ends
# as it should, with one new certificate on the token and no PIN try spent that nobody wanted. ODD_PAIRS=1 also tries every
# two of them together; ODD_MATRIX=1 prints every way by every command instead.
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

loses() { # loses WAYS STATUS LOGINS TEXT: the right PIN, and no renewal for all that
    local name
    name=$(next)
    token_of "$name"
    ODD_LOG=$TMP/odd.log
    : >"$ODD_LOG"
    ODD=$1 P11=$ODD_SO expect "$2" client renew --yes --pin-file "$TMP/pin"
    says "$1: in these words" "$4"
    same "$1: logins" "$3" "$(grep -c '^C_Login ' "$ODD_LOG")"
    certs_on "$name"
    same "$1: nothing is written" 1 "$ON"
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

# What a renewal ends with, and says: "0" where nothing is said here.
ending() { # ending WAY: sets STATUS and TEXT
    STATUS=0 TEXT=
    case $1 in
    pss-only) STATUS=40 TEXT='none of the ways that the server takes' ;;
    pin-expired) STATUS=23 TEXT='must be changed' ;;
    pin-unset) STATUS=40 TEXT='No PIN was set on the token yet' ;;
    init-fails) STATUS=20 TEXT='What helps: See whether the computer.s smart-card service' ;;
    look-fails) STATUS=20 TEXT='plugged in, but cannot be read. Pull the token out' ;;
    sign-general) STATUS=40 TEXT='Pull the token out.*The token or its driver reports an error' ;;
    login-random | lost-refused) STATUS=22 TEXT='Type no PIN that you are not sure of' ;;
    lost-each) STATUS=40 TEXT='Try again; .*The token lost its login' ;;
    hide-made) STATUS=40 TEXT='Try again; .*cannot be read back' ;;
    esac
}

# What holds of any command with any way: an end within 15 s, no signal, a status that we have, no PIN try that nobody
# wanted and none after a refusal.
cell() { # cell WAY COMMAND STATUS
    local tries refused most=0
    tries=$(grep -c '^C_Login ' "$ODD_LOG")
    refused=$(grep '^C_Login ' "$ODD_LOG" | grep -vcE 'CKR_(OK|USER_ALREADY_LOGGED_IN)')
    case $2 in renew | resume) most=6 ;; esac
    case $3 in 0 | 10 | 20 | 22 | 23 | 31 | 40) ;; *) not_ok "$1 $2: ends with $3" "$(cat "$ERR")" ;; esac
    [ "$tries" -le "$most" ] && [ "$refused" -le 1 ] || not_ok "$1 $2: logins" "$tries, $refused of them refused"
}

matrix() {
    local way name command status lines=0
    printf '#!/bin/sh\nexec timeout -k 2 15 "%s" "$@"\n' "$CAPBU" >"$TMP/limited"
    chmod +x "$TMP/limited"
    CAPBU=$TMP/limited
    ODD_LOG=$TMP/odd.log
    printf '%-16s%s\n' way '  list check renew resume diag clean  certificates'
    for way in $(sed -n 's/^    X([A-Z0-9_]*, "\([a-z0-9-]*\)".*/\1/p' "$here/p11_odd.c"); do
        name=$(next)
        token_of "$name"
        printf '%-16s' "$way"
        for command in list check renew resume diag clean; do
            : >"$ODD_LOG"
            set -- "$command"
            case $command in renew | resume) set -- "$@" --yes --pin-file "$TMP/pin" ;; clean) set -- "$@" --pin-file "$TMP/pin" ;; esac
            ODD=$way P11=$ODD_SO client "$@" >"$OUT" 2>"$ERR" </dev/null
            status=$?
            printf '%6s' "$status"
            cell "$way" "$command" "$status"
            [ "$command" = renew ] || continue
            ending "$way"
            [ "$status" = "$STATUS" ] || not_ok "$way renew: ends with $status instead of $STATUS" "$(cat "$ERR")"
            grep -q -- "$TEXT" "$ERR" || not_ok "$way renew: says $TEXT" "$(cat "$ERR")"
        done
        certs_on "$name"
        printf '  %s\n' "$ON"
        [ "$ON" -le 2 ] || not_ok "$way: $ON certificates"
        lines=$((lines + 1))
    done
    same 'as many lines as ways' "$(grep -c '^    X(' "$here/p11_odd.c")" "$lines"
    ok "$((lines * 6)) cells"
}

WAYS='bail-id bail-label bail-wipe bail-same alone exact-room pad-ff pad-00 find-twice final-fails login-first
private-certs private-all no-public slots-present slots-empty not-init pin-not-init pin-swapped one-serial no-rsa-pkcs
no-rsa-general always-auth short-signature der-ecdsa pin-to-change stale-key no-modulus label-32 label-none no-private bare one-session close-logout bail-wipe,bare
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
for n in $(seq $((90 + $(wc -w <<<"$PAIRS")))); do subscriber "n$n"; done
expect 0 ctl import "$TMP/rows.csv"
server_start
printf 'wrong-PIN-77' >"$TMP/bad"
if [ "${ODD_MATRIX:-0}" = 1 ]; then
    matrix
    server_stop
    finish
fi
for ways in $WAYS; do renews "$ways"; done
for ways in $PAIRS; do renews "$ways"; done
for ways in relabel max-pin; do renews "$ways"; done
converges hide-made
for ways in lost-once lost-sign lost-create lost-once,always-auth lost-sign,no-rsa-pkcs; do
    renews "$ways"
    same "$ways: a second login, and no third" 2 "$(grep -c '^C_Login CKR_OK' "$ODD_LOG")"
done
renews lost-once,one-session
renews lost-sign,login-first
renews lost-create,close-logout
loses lost-each 40 2 'lost its login'
loses lost-refused 22 2 'may have been wrong'
for ways in pin-general pin-failed pin-invalid pin-length pin-vendor pin-data; do
    refused "$ways" 22 'may have been wrong'
done
refused pin-expired 23 'must be changed'
loses pss-only 40 1 'signs in none of the ways'
loses login-random 22 1 'may have been wrong'
loses sign-general 40 1 'reports an error'
loses pin-unset 40 1 'No PIN was set'
[ "$ODD_PAIRS" = 0 ] || echo "$(wc -w <<<"$PAIRS") pairs"
server_stop
finish
