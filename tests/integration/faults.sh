#!/usr/bin/env bash
# Every PKCS#11 call of `capbu renew` and `capbu clean` goes wrong in every way, by the wrapper module: afterwards the token
# still has a usable certificate, and a second run converges. FAULTS_STEP=1 takes every fault, 8 (default) every eighth, so
# that the kinds take turns. FAULTS_WORLD names what the tokens are: SoftHSM's, or the mock's for capbu.exe (../windows/).
. "$(dirname "$0")/../lib/site.sh"
. "$here/population.sh"
[ -z "${FAULTS_WORLD:-}" ] || . "$FAULTS_WORLD"

: "${FAULTS_STEP:=8}"
CLOCK=2020-08-10T09:00:00+07:00 # all devices are open (R3.6)
: "${SLOW_MS:=10000}"
KINDS='DEVICE_REMOVED DEVICE_REMOVED:after DEVICE_REMOVED:gone DEVICE_MEMORY DEVICE_ERROR:after kill kill:after'

faulted() { # faulted FAULT COMMAND...: runs it under the wrapper module; sets STATUS and MS
    local began
    began=$(milliseconds)
    rm -f "$TMP/calls"
    SHIM_FAIL=$1 SHIM_MODULE=$MODULE SHIM_COUNT=$TMP/calls P11=$SHIM "${@:2}" >"$OUT" 2>"$ERR"
    STATUS=$?
    MS=$(($(milliseconds) - began))
}

calls() { # the calls of the last run
    wc -l <"$TMP/calls"
}

wrong() { # wrong WHAT: the run of this fault failed the test
    not_ok "$RUN" "$1 (status $STATUS, $MS ms) $(tail -n 2 "$ERR" | tr '\n' ' ')"
    bad=$((bad + 1))
}

# Is there a certificate whose key signs, as pkcs11-tool and OpenSSL see it? Private key and certificate have CKA_ID 01;
# which certificate it reads when there are two does not matter: they share the key.
usable() {
    p11tool --slot-index 0 --read-object --type cert --id 01 -o "$TMP/u.der" >/dev/null 2>&1 || return 1
    echo "$RUN" >"$TMP/u.txt"
    p11tool --slot-index 0 --login --pin env:PIN --sign --mechanism SHA256-RSA-PKCS --id 01 -i "$TMP/u.txt" -o "$TMP/u.sig" \
        >/dev/null 2>&1 || return 1
    openssl x509 -inform DER -in "$TMP/u.der" -noout -pubkey >"$TMP/u.pub" 2>/dev/null
    openssl dgst -sha256 -verify "$TMP/u.pub" -signature "$TMP/u.sig" "$TMP/u.txt" >/dev/null 2>&1
}

status_allowed() {
    case $FAULT in
    *kill*) { [ "$STATUS" = 137 ] || [ "$STATUS" = "${KILLED_STATUS:-137}" ]; } && [ "$(calls)" = "${FAULT%%:*}" ] ;; # it died, and in that call
    *PIN_INCORRECT*) [ "$STATUS" = 22 ] ;;
    *) case $STATUS in 0 | 20 | 22 | 23 | 30 | 31 | 40) true ;; *) false ;; esac ;;
    esac
}

# one_fault WANT COMMAND...: the faulted run, then a clean one; WANT checks what is on the token then.
one_fault() {
    RUN="$WHAT, $FAULT"
    faulted "$FAULT" "${@:2}"
    runs=$((runs + 1))
    statuses="$statuses $STATUS"
    status_allowed || wrong 'this exit status is not one of a faulted run'
    [ "$MS" -lt "$SLOW_MS" ] || wrong 'too slow'
    usable || wrong 'no usable certificate is left'
    "${@:2}" >"$OUT" 2>"$ERR"
    STATUS=$?
    [ "$STATUS" = 0 ] || wrong 'the second run does not end well'
    "$1" || wrong 'the second run does not converge'
}

# sweep WHAT WANT PREPARE COMMAND...: counts the calls of a good run, then makes each of them fail.
sweep() {
    local n kind at=0 total
    WHAT=$1
    bad=0 runs=0 statuses=''
    "$3"
    FAULT='' RUN="$WHAT, no fault"
    faulted '' "${@:4}"
    total=$(calls)
    [ "$STATUS" = 0 ] && "$2" || wrong 'without any fault'
    for n in $(seq "$total"); do
        for kind in $KINDS; do
            at=$((at + 1))
            [ $((at % FAULTS_STEP)) = 0 ] || continue
            "$3"
            FAULT=${kind/#/$n:}
            one_fault "$2" "${@:4}"
        done
    done
    "$3"
    FAULT=C_Login:1:PIN_INCORRECT
    one_fault "$2" "${@:4}"
    same "$WHAT: $total PKCS#11 calls, $runs faults: every token usable, every second run converges" 0 "$bad"
    echo "   exit statuses:$(tr ' ' '\n' <<<"$statuses" | sort -n | uniq -c | awk 'NF == 2 { printf " %s (%s)", $2, $1 }')"
}

renewed() { # old and new certificate are on the token; the new one is noted for the comparison with the server
    local here
    here=$(serials_here)
    [ "$(wc -l <<<"$here")" = 2 ] && grep -qx "$OLD" <<<"$here" &&
        echo "$OLD,$(grep -vx "$OLD" <<<"$here")" >>"$TMP/renewed"
}

take_renewed() { # one that the sweep of renew left done
    OLD=${DONE[-1]%,*} NEW=${DONE[-1]#*,}
    unset 'DONE[-1]'
    tokens_use "$OLD"
}

cleaned() { # only the new one, under the key's CKA_ID
    [ "$(serials_here)" = "$NEW" ] && usable
}

site_new
conf_set campaign.conf old_certificate remove-allowed
supply 1
server_start
take
faulted '' renew
same "a good run" 0 "$STATUS"
renewed
supply $(($(calls) * 7 / FAULTS_STEP + 20))
sweep renew renewed take renew

expect 0 ctl export --csv "$TMP/export.csv"
same 'each token has the certificate that the server issued, confirmed' "$(sort -u "$TMP/renewed")" \
    "$(tail -n +2 "$TMP/export.csv" | awk -F, '$7 != "" { print $1 "," $2 }' | sort)"
mapfile -t DONE <"$TMP/renewed"
sweep clean cleaned take_renewed client clean --pin-file "$TMP/pin"
expect 0 ctl audit verify
finish
