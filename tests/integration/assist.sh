#!/usr/bin/env bash
# Helped renewals: an account manager's laptop, one token after the other, the code credits channel and holder wherever it
# counts; codes that are wrong, expired or used up are told apart; and one support code finds a run on every side.
. "$(dirname "$0")/../lib/site.sh"

CLOCK=2020-08-10T09:00:00+07:00 # the assisted channels are open (R3.6, R5.6)
JSON='Content-Type: application/json'

code_new() { # code_new OPTIONS...: prints the code
    ctl assist new "$@"
}

begin_of() { # begin_of NAME CODE [CURL OPTIONS]: the status
    printf '{"certificate":"%s","consent":{"text_id":"data-confirmed-1","given":true},"client_version":"9.9","channel":"am","assist":"%s"}' \
        "$(b64_of "$TMP/$1.pem")" "$2" >"$TMP/body"
    status_of /api/v1/begin -H "$JSON" --data-binary "@$TMP/body" "${@:3}"
}

audit() { # audit FILTER: the lines it is true of, as many as there are
    ctl audit export | jq -c "select($1)" | wc -l
}

# Three customers of one account manager, one after the other on the same machine; and one who does it alone.
many_tokens() {
    local n code hash
    code=$(code_new --holder AM-007 --channel am)
    for n in 1 2 3; do
        token_of "helped$n"
        expect 0 renew --assist "$code"
    done
    token_of alone
    expect 0 renew
    hash=$(printf %s "$code" | sha256sum | cut -d' ' -f1)
    same 'audit: three consents by that code' 3 "$(audit ".kind == \"consent\" and .detail.assist == \"$hash\" and .detail.channel == \"am\"")"
    same 'audit: three issued for the channel' 3 "$(audit '.kind == "issued" and .detail.channel == "am"')"
    same 'audit: nobody finds the code itself' 0 "$(ctl audit export | grep -cF "$code")"
    same 'store: channel and holder' 3 "$(sql "SELECT count(*) FROM issued WHERE channel = 'am' AND holder = 'AM-007'")"
    same 'store: who was alone is credited to nobody' 1 "$(sql "SELECT count(*) FROM issued WHERE channel = 'self' AND holder = ''")"
    quiet ctl export --csv "$TMP/export.csv"
    same 'export: channel and holder' 3 "$(awk -F, '$4 == "am" && $9 == "AM-007"' "$TMP/export.csv" | wc -l)"
    ctl report --by channel --json >"$TMP/report"
    json 'report by channel' '[.lines[] | {(.key): .done}] | add == {"self": 1, "am": 3}' "$TMP/report"
    ctl report --by holder --json >"$TMP/report"
    json 'report by holder' '[.lines[] | {(.key): .done}] | add == {"(none)": 1, "AM-007": 3}' "$TMP/report"
    expect 0 client receipt --json --serial "$(serial_of "$TMP/helped2.pem")"
    json 'the receipt names the channel' '.channel == "am"'
}

refused_codes() {
    local code old
    same 'wrong: refused' 422 "$(begin_of next K7QF-2M9XA)"
    json 'wrong: says so' '.code == "assist-unknown"'
    token_of next
    expect 31 renew --assist K7QF-2M9XA
    says 'wrong: capbu says so' assist-unknown
    code=$(code_new --holder AM-008 --uses 1)
    same 'used for one' 200 "$(begin_of next "$code")"
    same 'the same certificate may ask again' 200 "$(begin_of next "$code")"
    same 'and so may another: asking uses nothing up' 200 "$(begin_of other "$code")"
    expect 0 renew --assist "$code"
    same 'once it was used, another may not' 422 "$(begin_of other "$code")"
    json 'used up: says so' '.code == "assist-used-up"'
    same 'and is credited' AM-008 "$(sql "SELECT holder FROM issued WHERE old_serial = '$(serial_of "$TMP/next.pem")'")"
    token_of other
    expect 31 renew --assist "$code"
    says 'used up: capbu says so' assist-used-up
    old=$(code_new --holder AM-009 --days 1)
    same 'before it is ended' 200 "$(begin_of other "$old")"
    ctl assist list --json >"$OUT"
    json 'the list tells what each was used for' 'map({(.holder): [.used, .uses, .state]}) | add ==
        {"AM-007": [3, null, "good"], "AM-008": [1, 1, "used up"], "AM-009": [0, null, "good"]}'
    same 'and none of the codes themselves' 0 "$(grep -cF "$old" "$OUT")"
    expect 0 ctl assist revoke "${old,,}"
    same 'ended: refused' 422 "$(begin_of other "$old")"
    json 'ended: says so' '.code == "assist-expired"'
    expect 4 ctl assist revoke "$old-no"
    expect 2 ctl assist revoke
    old=$(code_new --holder AM-010)
    expect 0 ctl assist revoke "$(ctl assist list --json | jq -r '.[] | select(.holder == "AM-010").mark')"
    same 'ended by its mark: refused' 422 "$(begin_of other "$old")"
    same 'both are in the audit' 2 "$(audit '.kind == "assist" and .detail.revoked')"
    same 'a channel without a code' 422 "$(begin_of other '')"
    json 'needed: says so' '.code == "assist-needed"'
    same 'each kind of refusal is in the audit' 4 \
        "$(ctl audit export | jq -r 'select(.kind == "unproven" and (.detail.code | startswith("assist-"))) | .detail.code' | sort -u | wc -l)"
    same 'and none as a word of the subscriber' 0 "$(audit '.kind == "refused" and .detail.code == "assist-unknown"')"
}

# The code of a run: on the screen (here: the caller's), in the answer, the log and the audit.
support_code() {
    local code=K7QF-2M9XA got
    got=$(curl -sS --cacert "$DIR/server-ca.pem" "$URL/api/v1/check?tax_code=1" | jq -r .support_code)
    begin_of other nope -H "Support-Code: $got" >"$TMP/status"
    code=$got
    same 'the problem has it' "$code" "$(jq -r .support_code "$OUT")"
    says 'so has the header' "$code" "$TMP/header"
    same 'the log line has it' 1 "$(jq -rR 'fromjson? | select(.path == "/api/v1/begin" and .support_code == "'"$code"'") | .code' "$DIR.log" | grep -c assist-unknown)"
    printf '{"certificate":"%s","consent":{"text_id":"data-confirmed-1","given":true},"client_version":"9.9"}' "$(b64_of "$TMP/other.pem")" >"$TMP/body"
    same 'a place' 200 "$(status_of /api/v1/begin -H "$JSON" --data-binary "@$TMP/body" -H "Support-Code: $code")"
    same 'is no consent: who has a certificate only has nothing recorded' 0 "$(audit ".kind == \"consent\" and .detail.support_code == \"$code\"")"
    same 'a misread one is replaced' 1 "$(status_of /healthz -H 'Support-Code: AAAA-AAAAA' >/dev/null; grep -i '^support-code:' "$TMP/header" | grep -vc AAAA-AAAAA)"
    expect 0 renew
    ctl audit export | jq -r --arg s "$(serial_of "$TMP/other.pem")" 'select(.old_serial == $s) | .kind + " " + .detail.support_code' |
        tail -n 4 >"$TMP/run"
    same 'the four steps of a run of capbu are in the audit' 'consent reserved issued confirmed' "$(cut -d' ' -f1 "$TMP/run" | xargs)"
    same 'under one code' 1 "$(cut -d' ' -f2 "$TMP/run" | sort -u | grep -cE '^[0-9A-Z]{4}-[0-9A-Z]{5}$')"
    same 'which the log has for each of its four requests' 4 "$(grep -c "$(cut -d' ' -f2 "$TMP/run" | head -n 1)" "$DIR.log")"
}

site_new
for n in 1 2 3; do subscriber "helped$n"; done
subscriber alone
subscriber next
subscriber other
expect 0 ctl import "$TMP/rows.csv"
server_start
many_tokens
refused_codes
support_code
expect 0 ctl audit verify
finish
