#!/usr/bin/env bash
# The JSON API of capbud as curl and jq see it: every field, every limit, problems, health, restarts and ends.
. "$(dirname "$0")/../lib/site.sh"

JSON='Content-Type: application/json'

check_post() { # check_post NAME: into $OUT
    check_of "$TMP/$1.pem" >"$OUT"
}

check_get() { # check_get TAX SERIAL: the status code, body in $OUT
    status_of "/api/v1/check?tax_code=$1&serial=$2"
}

# problem NAME STATUS CODE [GOT]: the last answer is a problem of RFC 9457, as interfaces.md wants it.
problem() {
    same "$1: status" "$2" "$4"
    json "$1: RFC 9457" ".status == $2 and .code == \"$3\" and (.type | type) == \"string\" and (.title | length) > 0 and
        (.detail | type) == \"string\" and (.support_code | length) > 0"
    says "$1: its media type" 'application/problem+json' "$TMP/header"
    if grep -qi '^content-length:' "$TMP/header"; then ok "$1: its length"; else not_ok "$1: its length"; fi
    [[ $(<"$OUT") =~ \"support_code\":\"([^\"]+)\" ]]
    says "$1: the support code is in the log" "${BASH_REMATCH[1]:-none}" "$DIR.log"
}

answers() {
    check_post owed
    json 'owed: verdict and dates' '.verdict == "eligible" and .reasons == [] and .old_not_after == "2020-10-02T02:42:20Z" and
        .new_not_after == "2021-07-16T16:59:59Z" and .owed_days == 287 and .device == "v4" and .open == true and
        .opens_on == "2020-03-10" and .channels == ["self"] and .state == "owed" and (.message | length) > 0'
    same 'owed: serial' "$(serial_of "$TMP/owed.pem")" "$(jq -r .serial "$OUT")"
    check_post v2
    json 'v2: not open yet' '.verdict == "eligible" and .open == false and .opens_on == "2020-04-01" and .state == "owed"'
    check_post suspended
    json 'suspended: refused, its dates null' '.verdict == "refused" and .reasons == ["suspended", "contract-not-longer"] and
        has("new_not_after") and .new_not_after == null and has("owed_days") and .owed_days == null'
    check_post beyond
    json 'beyond: held, its dates uncut' '.verdict == "held" and .reasons == ["beyond-new-ca"] and
        .new_not_after == "2025-01-01T16:59:59Z" and .owed_days == 1552'
    check_post unknown
    json 'unknown: a verdict too' '.verdict == "refused" and .reasons == ["unknown-certificate"] and .device == null and
        .new_not_after == null and .state == null'
    json 'every member is there' 'has("serial") and has("verdict") and has("reasons") and has("old_not_after") and
        has("new_not_after") and has("owed_days") and has("device") and has("open") and has("opens_on") and has("channels") and
        has("state") and has("message")'
    check_of "$DIR/new-ca.pem" >"$OUT"
    json 'a certificate of no subscriber' '.verdict == "refused" and .reasons == ["not-old-issuer"]'
    printf '{"certificate":"%s"}' "$(b64_of "$TMP/owed.pem")" >"$TMP/body"
    api /api/v1/check -H "$JSON" -H 'Accept-Language: en' --data-binary "@$TMP/body" >"$OUT"
    silent 'English by wish' 'chứng thư số' <(jq -r .message "$OUT")
    api /api/v1/check -H "$JSON" -H 'Accept-Language: vi' --data-binary "@$TMP/body" >"$OUT"
    says 'Vietnamese by wish' 'ngày' <(jq -r .message "$OUT")
}

lookups() {
    local all
    same 'GET' 200 "$(check_get "$TAX_OWED" "$SERIAL_OWED")"
    json 'GET: the same verdict' '.verdict == "eligible" and .owed_days == 287 and .state == "owed"'
    silent 'GET: no personal data' 'CÔNG TY' "$OUT"
    silent 'GET: no tax code' "$TAX_OWED" "$OUT"
    same 'GET, tax code of another' 200 "$(check_get 0199999999 "$SERIAL_OWED")"
    cp "$OUT" "$TMP/mismatch"
    same 'GET, no such serial' 200 "$(check_get "$TAX_OWED" 0123456789ABCDEF)"
    json 'GET, no such serial: unknown' '.verdict == "refused" and .reasons == ["unknown-certificate"]'
    all='del(.serial, .server_time)'
    same 'GET: a wrong tax code tells nothing more' "$(jq -c "$all" "$OUT")" "$(jq -c "$all" "$TMP/mismatch")"
    same 'GET: lower-case and colons' 200 "$(check_get "$TAX_OWED" "$(echo "$SERIAL_OWED" | tr A-F a-f | sed 's/../&:/g; s/:$//')")"
    json 'GET: found' '.verdict == "eligible"'
    problem 'GET without a serial' 400 bad-request "$(status_of "/api/v1/check?tax_code=$TAX_OWED")"
    problem 'GET with nothing' 400 bad-request "$(status_of /api/v1/check)"
    problem 'GET, serial too long' 400 bad-request "$(check_get "$TAX_OWED" "$(printf 'A%.0s' {1..60})")"
    problem 'GET, tax code of letters' 400 bad-request "$(check_get abc "$SERIAL_OWED")"
    problem 'GET, another parameter' 400 bad-request "$(status_of "/api/v1/check?tax_code=$TAX_OWED&serial=$SERIAL_OWED&x=1")"
    silent 'no tax code in the log' "$TAX_OWED" "$DIR.log"
}

limits() {
    local good
    good=$(cat "$TMP/body")
    problem 'no such path' 404 not-found "$(status_of /api/v1/nothing)"
    same 'a whole address in place of a path (RFC 9112, 3.2.2)' 200 "$(status_of / --request-target "$URL/readyz")"
    problem 'no such method' 405 method-not-allowed "$(status_of /api/v1/check -X DELETE)"
    says 'the methods that there are' 'Allow: ' "$TMP/header"
    problem 'no such type' 415 wrong-content-type "$(status_of /api/v1/check -H 'Content-Type: text/plain' --data-binary "$good")"
    problem 'a path too long' 414 path-too-long "$(status_of "/$(printf 'a%.0s' {1..3000})")"
    head -c 200000 /dev/zero | tr '\0' ' ' >"$TMP/big"
    problem 'a body too long' 413 too-large "$(status_of /api/v1/check -H "$JSON" --data-binary "@$TMP/big")"
    problem 'a body too long, in chunks' 413 too-large \
        "$(status_of /api/v1/check -H "$JSON" -H 'Transfer-Encoding: chunked' --data-binary "@$TMP/big")"
    { printf '{"certificate":'; printf '[%.0s' {1..2000}; printf ']%.0s' {1..2000}; printf '}'; } >"$TMP/deep"
    problem 'JSON too deep' 400 bad-request "$(status_of /api/v1/check -H "$JSON" --data-binary "@$TMP/deep")"
    for bad in '' '{' 'null' '[]' '{"certificate":1}' '{"certificate":""}' '{"certificate":"!!"}' '{"certificate":"aGVsbG8="}' \
        '{"x":1}' "{\"certificate\":\"$(b64_of "$TMP/owed.pem")\",\"x\":1}" "$(printf '{"certificate":"\xff"}')" \
        '{"certificate":"","certificate":""}'; do
        printf '%s' "$bad" >"$TMP/bad"
        problem "body ${bad:0:30}" 400 bad-request "$(status_of /api/v1/check -H "$JSON" --data-binary "@$TMP/bad")"
    done
    head -c 9000 /dev/urandom | base64 -w0 >"$TMP/blob"
    printf '{"certificate":"%s"}' "$(cat "$TMP/blob")" >"$TMP/bad"
    problem 'a certificate too large' 400 bad-request "$(status_of /api/v1/check -H "$JSON" --data-binary "@$TMP/bad")"
    # The library answers 431 and closes with the rest unread: when the reset overtakes the answer, curl sees no status at all.
    case $(status_of /healthz -H "X-Large: $(head -c 60000 /dev/zero | tr '\0' a)") in
    431 | 000) ok 'a header too large is not served' ;;
    *) not_ok 'a header too large is not served' "$(cat "$TMP/header")" ;;
    esac
    if curl -s --max-time 5 --cacert "$DIR/server-ca.pem" --tls-max 1.1 "$URL/healthz"; then
        not_ok 'TLS 1.1 is refused'
    else
        ok 'TLS 1.1 is refused'
    fi
    same 'and it still serves' 200 "$(status_of /healthz)"
}

health() {
    same 'healthz' 200 "$(status_of /healthz)"
    json 'healthz: ok' '.status == "ok"'
    same 'HEAD' 200 "$(status_of /healthz -I)"
    same 'readyz' 200 "$(status_of /readyz)"
    json 'readyz: ready' '.ready == true and .reasons == []'
    same 'metrics' 200 "$(status_of /metrics)"
    says 'metrics: Prometheus' '# TYPE' "$OUT"
}

begin() { # begin JSON-MEMBERS: the status code
    printf '{"certificate":"%s"%s}' "$(b64_of "$TMP/owed.pem")" "$1" >"$TMP/begin"
    status_of /api/v1/begin -H "$JSON" --data-binary "@$TMP/begin"
}

beginning() {
    local consent=',"consent":{"text_id":"data-confirmed-1","given":true},"client_version":"9.0.0","device_model":"x","channel":"self"'
    same 'begin' 200 "$(begin "$consent")"
    json 'begin: go' '.go == true and (.ticket | length) > 0'
    problem 'begin without consent' 422 consent-missing "$(begin '')"
    problem 'begin as an account manager without a code' 422 assist-needed "$(begin "${consent/self/am}")"
    problem 'begin with a code nobody gave' 422 assist-unknown "$(begin "$consent,\"assist\":\"0000-0000\"")"
    quiet ctl assist new --holder 'AM 01' --channel am --json
    json 'assist new --json' '.code | length > 0'
    problem 'begin with a good code before phase 2 (R3.4)' 403 not-open-yet "$(begin "$consent,\"assist\":\"$(jq -r .code "$OUT")\"")"
}

# Default limits bear 400 requests a minute from one address; a small limit is kept.
rates() {
    local n
    for n in $(seq 400); do printf 'url = "%s/api/v1/check?tax_code=%s&serial=%s"\noutput = /dev/null\n' "$URL" "$TAX_OWED" "$SERIAL_OWED"; done >"$TMP/curlrc"
    same '400 lookups in a row' '400 200' \
        "$(curl -sS --cacert "$DIR/server-ca.pem" -w '%{http_code}\n' -K "$TMP/curlrc" | sort | uniq -c | awk '{ print $1, $2 }')"
    for n in $(seq 200); do printf 'url = "%s/api/v1/check"\noutput = /dev/null\n' "$URL"; done >"$TMP/checks" # one program, a connection each
    curl -sS --parallel --parallel-immediate --parallel-max 16 --cacert "$DIR/server-ca.pem" -w '%{http_code}\n' -H "$JSON" \
        -H 'Connection: close' --data-binary "@$TMP/body" -K "$TMP/checks" | sort | uniq -c | awk '{ print $1, $2 }' >"$TMP/codes"
    same '200 checks, 16 at once' '200 200' "$(cat "$TMP/codes")"
    server_stop
    conf_set capbud.conf requests_per_minute 30
    server_start
    sed -i "s|^url = \"https://[^/]*|url = \"$URL|" "$TMP/curlrc"
    curl -sS --cacert "$DIR/server-ca.pem" -w '%{http_code}\n' -K "$TMP/curlrc" | sort | uniq -c >"$TMP/codes"
    n=$(awk '$2 == 200 { print $1 }' "$TMP/codes")
    if [ "${n:-0}" -ge 30 ] && [ "$n" -le 60 ]; then ok "of 400 a limit of 30 let $n pass"; else not_ok 'the limit is kept' "$(cat "$TMP/codes")"; fi
    same 'the next one' 429 "$(check_get "$TAX_OWED" "$SERIAL_OWED")"
    json 'says why' '.code == "too-many-requests"'
    n=$(grep -c '"code":"too-many-requests"' "$DIR.log") # so many alike are ten lines a minute, the rest is counted
    if [ "$n" -ge 1 ] && [ "$n" -le 20 ]; then ok 'they do not fill the log'; else not_ok 'they do not fill the log' "$n lines"; fi
    holds 'Retry-After' grep -qiE '^retry-after: [0-9]+' "$TMP/header"
    same 'health is not limited' 200 "$(status_of /healthz)"
    server_stop
    sed -i '/^requests_per_minute/d' "$DIR/capbud.conf"
}

helpers() { # the server's helper processes
    pgrep -P "$(pgrep -P "$SERVER")" | tr '\n' ' '
}

ready() {
    [ "$(status_of /readyz)" = 200 ]
}

none_alive() {
    local pid
    for pid in $1; do ! kill -0 "$pid" 2>/dev/null || return 1; done
}

# The database is locked by another while capbud starts: a SIGTERM then ends it at once, though it is not ready.
stopped_early() {
    local holder pid
    if [ "$BACKEND" = pg ]; then
        { echo 'BEGIN; LOCK TABLE schema_version; SELECT 1;' && sleep 60; } | psql -qXtA "$DSN" >"$TMP/held" &
    else
        { echo 'BEGIN EXCLUSIVE; SELECT 1;' && sleep 60; } | sqlite3 "$DIR/capbu.db" >"$TMP/held" &
    fi
    holder=$!
    children="$children $holder"
    within 10 grep -q 1 "$TMP/held" || not_ok 'the database is locked'
    "$CAPBUD" --dir "$DIR" >"$TMP/early" 2>>"$DIR.log" &
    pid=$!
    within 10 pgrep -P "$pid" >/dev/null || not_ok 'capbud has forked its helpers'
    sleep 0.3 # on its way to the database
    kill -TERM "$pid"
    started=$(milliseconds)
    wait "$pid"
    same 'SIGTERM before it is ready: ends with 0' 0 "$?"
    if [ $(($(milliseconds) - started)) -lt 5000 ]; then ok 'at once'; else not_ok 'at once'; fi
    same 'without having said ready' '' "$(cat "$TMP/early")"
    pkill -P "$holder" 2>/dev/null
    kill "$holder" 2>/dev/null
    wait "$holder" 2>/dev/null
    ended "$holder"
}

ends() {
    local all pid started
    stopped_early
    server_start
    all=$(helpers)
    differs 'the CA key lives in helper processes' '' "$all"
    all="$all $(pgrep -P "$SERVER")"
    server_kill
    if within 3 none_alive "$all"; then ok 'kill -9 leaves no helper after 3 s'; else not_ok 'kill -9 leaves no helper after 3 s'; fi
    server_start
    all="$(helpers) $(pgrep -P "$SERVER")"
    server_stop
    if none_alive "$all"; then ok 'SIGTERM leaves no helper'; else not_ok 'SIGTERM leaves no helper'; fi
    server_start
    for pid in $(helpers); do kill -9 "$pid"; done
    within 5 grep -q signer-helper-died "$DIR.log"
    if within 20 ready; then ok 'helpers that died come back'; else not_ok 'helpers that died come back'; fi
    holds 'and are counted' grep -q '^capbu_signer_restarts_total [1-9]' <(api /metrics)
    all=$(helpers)
    kill -9 "$(pgrep -P "$SERVER")"
    server_ends 10 1 'capbud ends when their parent has died, to be started again'
    if within 3 none_alive "$all"; then ok 'their parent takes them along'; else not_ok 'their parent takes them along'; fi
    token_of owed
    expect 30 renew
    same 'nothing was issued' 0 "$(sql 'SELECT count(*) FROM issued WHERE issued_at IS NOT NULL')"
    server_start
    expect 0 renew
    check_post owed
    json 'then it is done' '.verdict == "done" and .reasons == ["already-compensated"] and .state == "confirmed" and
        .new_not_after == "2021-07-16T16:59:59Z" and .owed_days == 287'
    expect 4 "$CAPBUD" --dir "$TMP/nowhere"
    expect 2 "$CAPBUD" --frobnicate
}

# One server an installation, whatever its port; the lock dies with the process.
second() {
    local kept=$SERVER
    expect 1 timeout 20 "$CAPBUD" --dir "$DIR"
    says 'the second says why, and what to do' 'another capbud serves'
    holds 'the first goes on' kill -0 "$kept"
    server_kill
    server_start
}

# The server is started anew between kur and certConf. OpenSSL's client waits meanwhile: it writes the answer it got
# into a pipe that nobody reads yet.
restart_between() { # restart_between NAME COMMAND: COMMAND ends the server
    local client
    rm -f "$TMP/pipe"
    mkfifo "$TMP/pipe"
    openssl cmp -config '' -cmd kur -server "${URL#https://}" -path .well-known/cmp -tls_used -tls_trusted "$DIR/server-ca.pem" \
        -trusted "$DIR/new-ca.pem" -partial_chain -keep_alive 0 -attime "$(site_now)" -cert "$TMP/$1.pem" -key "$TMP/$1.key" -batch \
        -certout "$TMP/$1.new.pem" -rspout "$TMP/pipe $TMP/last" >"$TMP/client.out" 2>&1 &
    client=$!
    within 10 answered "$1" || not_ok "$1: issued and answered"
    "$2"
    server_start
    timeout 10 cat "$TMP/pipe" >/dev/null
    if wait "$client"; then ok "$1: the confirmation is taken after $2"; else not_ok "$1: the confirmation is taken after $2" "$(tail -n 3 "$TMP/client.out")"; fi
    same "$1: confirmed" 1 "$(sql "SELECT count(*) FROM issued WHERE confirmed_at IS NOT NULL AND old_serial = '$(serial_of "$TMP/$1.pem")'")"
}

answered() { # the log line comes when the answer has left
    grep -q "\"/.well-known/cmp\",\"status\":\"200\".*$(serial_of "$TMP/$1.pem")" "$DIR.log"
}

site_new
subscriber owed
TAX_OWED=$TAX SERIAL_OWED=$SERIAL
subscriber v2 device=v2
subscriber suspended status=suspended contract_to=2020-10-02
subscriber beyond contract_to=2025-01-01
subscriber unknown row=no
subscriber stopped
subscriber killed
expect 0 ctl import "$TMP/rows.csv"
port_keep
server_start
answers
lookups
limits
health
beginning
rates
ends
restart_between stopped server_stop
restart_between killed server_kill
second
expect 0 ctl audit verify
finish
