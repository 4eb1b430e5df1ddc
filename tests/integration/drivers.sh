#!/usr/bin/env bash
# A driver that crashes, hangs or ends its program in any one of its functions, beside a good one: the good one's token is
# listed and renewed, the bad one is named, nothing waits for ever, no PIN try is repeated, and a later run without the
# fault ends well on the bad one's token too. DRIVERS_STEP=1 takes every fault, 7 (default) every seventh, so that the kinds
# take turns.
. "$(dirname "$0")/../lib/site.sh"

: "${DRIVERS_STEP:=7}" "${SLOW_MS:=15000}" "${AT_ONCE:=6}"
CLOCK=2020-08-10T09:00:00+07:00 # all devices are open (R3.6)
MOCK=$(built capbu-mock.so)
if nm -D "$MOCK" | grep -q __asan_init; then
    echo 'skipped: pkcs11-tool has no sanitizer and cannot load a module that was built with one'
    exit 77
fi
KINDS='crash hang quit'
FUNCTIONS='C_GetFunctionList C_Initialize C_Finalize C_GetSlotList C_GetSlotInfo C_GetTokenInfo C_GetMechanismList
    C_GetMechanismInfo C_GetSessionInfo C_CloseAllSessions C_Logout C_WaitForSlotEvent C_OpenSession C_CloseSession C_Login C_FindObjectsInit
    C_FindObjects C_FindObjectsFinal C_GetAttributeValue C_CreateObject C_SetAttributeValue C_DestroyObject C_SignInit C_Sign'

# both FAULT COMMAND...: capbu with the bad driver and the good one; sets STATUS and MS, writes $CASE.out, .err and .calls
both() {
    local fault=$1 began
    shift
    began=$(date +%s%3N)
    : >"$CASE.calls"
    SHIM_FAIL=$fault SHIM_MODULE=$MOCK SHIM_COUNT=$CASE.calls SHIM_APPEND=1 MOCK_TOKEN=$HSM/bad-$N SOFTHSM2_CONF=$HSM/good-$N.conf \
        "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" --module "$SHIM" --module "$MODULE" --lang en "$@" \
        >"$CASE.out" 2>"$CASE.err"
    STATUS=$?
    MS=$(($(date +%s%3N) - began))
}

wrong() { # wrong WHAT: this case failed
    echo "$NAME: $1 (status $STATUS, $MS ms) $(tail -n 3 "$CASE.err" | tr '\n' ' ')" >>"$CASE.wrong"
}

reached() { # was that function called, so that the fault happened?
    grep -q " $FUNCTION\$" "$CASE.calls"
}

named() { # what the driver did is said with its name, where there was a call to come back from
    ! reached || grep -qF 'capbu-shim.so' "$CASE.err" || wrong 'the bad driver is not named'
}

quick() {
    [ "$MS" -lt "$SLOW_MS" ] || wrong 'too slow'
}

certs() { # certs MODULE: certificates that pkcs11-tool sees on the case's token of that module
    MOCK_TOKEN=$HSM/bad-$N SOFTHSM2_CONF=$HSM/good-$N.conf pkcs11-tool --module "$1" --list-objects --type cert 2>/dev/null |
        grep -c '^Certificate Object'
}

one_case() {
    NAME="$FUNCTION $KIND" FAULT=$FUNCTION:1:$KIND CASE=$TMP/case-$N
    both "$FAULT" list
    [ "$STATUS" = 0 ] && grep -qF "\"good-$N\"" "$CASE.out" || wrong 'the good token is not listed'
    named
    quick
    both "$FAULT" diag
    [ "$STATUS" = 0 ] && jq -e '.tokens | any(.module == "libsofthsm2.so")' "$CASE.out" >/dev/null || wrong 'diag lacks the good token'
    [ "$FUNCTION" = C_Finalize ] || ! reached || jq -e '.modules[0].failed | test("CKR_DRIVER_.* in C_")' "$CASE.out" >/dev/null ||
        wrong 'diag does not say what the driver did'
    both "$FAULT" renew --yes --pin-file "$TMP/pin" --serial "$(cat "$TMP/good-$N.serial")"
    [ "$STATUS" = 0 ] || wrong 'the good token is not renewed'
    [ "$(certs "$MODULE")" = 2 ] || wrong "$(certs "$MODULE") certificates on the good token"
    quick
    both "$FAULT" renew --yes --pin-file "$TMP/pin" --serial "$(cat "$TMP/bad-$N.serial")"
    case $STATUS in 0 | 10 | 20 | 22 | 30 | 40) ;; *) wrong 'not a status of a run with a bad driver' ;; esac
    quick
    named_status
    [ "$FUNCTION" != C_Login ] || [ "$(grep -c ' C_Login$' "$CASE.calls")" = 1 ] || wrong 'a PIN try was repeated'
    both '' renew --yes --pin-file "$TMP/pin" --serial "$(cat "$TMP/bad-$N.serial")"
    [ "$STATUS" = 0 ] || wrong 'the run after it does not end well'
    [ "$(certs "$MOCK")" = 2 ] || wrong "$(certs "$MOCK") certificates on the bad driver's token"
    echo "$NAME" >"$CASE.done"
}

named_status() { # a failed renewal says that it was the driver
    [ "$STATUS" = 0 ] || grep -q 'driver' "$CASE.err" || wrong 'it is not said that the driver failed'
}

make_tokens() {
    local kind
    for kind in good bad; do
        subscriber "$kind-$N"
        echo "$SERIAL" >"$TMP/$kind-$N.serial"
    done
    token_of "good-$N"
    # shellcheck source=tests/lib/mock.sh
    (. "$here/mock.sh" && token_of "bad-$N")
}

site_new
N=0 turn=0
cases=()
for FUNCTION in $FUNCTIONS; do
    turn=$((turn + 1)) # the kinds take turns from function to function
    for KIND in $KINDS; do
        turn=$((turn + 1))
        [ $((turn % DRIVERS_STEP)) = 0 ] || continue
        N=$((N + 1))
        make_tokens
        cases+=("$N $FUNCTION $KIND")
    done
done
quiet ctl import "$TMP/rows.csv"
server_start
pids=()
for line in "${cases[@]}"; do
    read -r N FUNCTION KIND <<<"$line"
    one_case &
    pids+=($!)
    [ $((${#pids[@]} % AT_ONCE)) != 0 ] || wait "${pids[@]}"
done
wait "${pids[@]}"
for line in "${cases[@]}"; do
    read -r N FUNCTION KIND <<<"$line"
    if [ -e "$TMP/case-$N.done" ] && [ ! -e "$TMP/case-$N.wrong" ]; then
        ok "$FUNCTION: $KIND"
    else
        not_ok "$FUNCTION: $KIND" "$(cat "$TMP/case-$N.wrong" 2>&1)"
    fi
done
finish
