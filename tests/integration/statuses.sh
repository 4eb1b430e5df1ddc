#!/usr/bin/env bash
# The exit statuses of capbu (interfaces.md) and what each leaves behind; C_Login is counted by the shim.
. "$(dirname "$0")/../lib/site.sh"
export XDG_CONFIG_HOME=$TMP/config

REACHED=$TMP/reached # every status that capbu ended with here

# exit.h, capbu(1) and what was seen here name the same statuses.
all_reached() {
    local source=$here/../../src/client/exit.h page=$here/../../doc/capbu.1 told
    told=$(sed -n 's/^ *EXIT_[A-Z_]* = \([0-9]*\).*/\1/p' "$source" | sort -n | xargs)
    same 'every exit status was reached' "$told" "$(sort -nu "$REACHED" | grep -vx 137 | xargs)"
    same 'the man page tells of each' "$told" "$(sed -n '/^.Sh EXIT STATUS/,/^.Sh SEE/s/^.It \([0-9]*\)$/\1/p' "$page" | sort -n | xargs)"
}

# Our own server, and what it says makes no sense: nobody's fault but ours.
nonsense() {
    local mad good=$URL
    (printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"serial"'; sleep 5) |
        openssl s_server -accept 127.0.0.1:0 -cert "$DIR/tls.pem" -key "$DIR/tls.pem" -naccept 1 >"$TMP/mad" 2>&1 &
    mad=$!
    children="$children $mad"
    within 20 grep -q ACCEPT "$TMP/mad" || not_ok 'the mad server is there' "$(cat "$TMP/mad")"
    tokens_use away
    URL=https://127.0.0.1:$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$TMP/mad" | head -n 1)
    expect 70 client check
    says 'it is said whose fault it is' 'our fault, not yours'
    URL=$good
    kill "$mad" 2>/dev/null
    ended "$mad"
}

several() {
    tokens_new pair
    token_add pair-a
    token_add pair-b
    token_add suspended
    expect 21 renew
    says 'both are named' "$(serial_of "$TMP/pair-b.pem")" "$OUT"
    silent 'what cannot be chosen is not' "$(serial_of "$TMP/suspended.pem")" "$OUT"
    SHIM_FAIL=C_CreateObject:1:DEVICE_MEMORY expect 40 shim renew --serial "$(serial_of "$TMP/pair-b.pem")"
    expect 21 renew
    same 'the unfinished one is marked' "$(serial_of "$TMP/pair-b.pem")" "$(sed -n 's/: .*(unfinished).*//p' "$OUT")"
    expect 0 client resume --yes --pin-file "$TMP/pin"
    expect 0 renew
    expect 21 client receipt
    says 'which receipt, is the question' 'the receipt of one with --serial' "$OUT"
    same 'the renewed ones are named' 2 "$(grep -Ec '^[0-9A-F]{16,}:' "$OUT")"
    expect 21 client --json receipt
    json 'in JSON too' 'map(.serial) | length == 2'
    expect 21 client clean --pin-file "$TMP/pin"
    says 'which old one, is the question' 'old certificates may be removed' "$OUT"
    same 'both old ones are named' 2 "$(grep -c -e "^$(serial_of "$TMP/pair-a.pem")" -e "^$(serial_of "$TMP/pair-b.pem")" "$OUT")"
}

logins() { # how often the run that wrote SHIM_COUNT tried a PIN
    grep -c C_Login "$TMP/count" || true
}

shim() { # shim COMMAND...: with the counting module, its environment is the caller's
    rm -f "$TMP/count"
    P11=$SHIM SHIM_MODULE=$MODULE SHIM_COUNT=$TMP/count "$@"
}

usage() {
    expect 2 client
    expect 2 client frobnicate
    expect 2 client renew --frobnicate
    expect 2 client renew --yes --pin-file "$TMP/pin" --pin-stdin
    expect 2 client renew --pin-stdin </dev/null
    says 'a PIN cannot be read as consent' 'needs --yes too'
    expect 2 client --lang fr list
    expect 2 "$CAPBU" --server http://127.0.0.1:1 list
    expect 2 "$CAPBU" --server https://127.0.0.1:99999 --lang vi check
    says 'no port has that number' 'cổng từ 1 đến 65535'
    expect 0 client --help
    expect 0 client --version
    expect 74 full client --help
    says 'a full output is told' 'standard output cannot be written'
    expect 74 gone client --help
    same 'a reader that left is not told of' '' "$(cat "$ERR")"
    mkdir -p "$XDG_CONFIG_HOME/capbu"
    echo 'speed = 3' >"$XDG_CONFIG_HOME/capbu/capbu.conf"
    expect 2 client --lang vi list
    same 'capbu.conf: a line with its place, and no word on how to call' \
        "capbu: $XDG_CONFIG_HOME/capbu/capbu.conf:1: Dòng này có khóa lạ: hãy sửa hoặc xóa dòng; các khóa có trong capbu(1)." "$(cat "$ERR")"
    rm "$XDG_CONFIG_HOME/capbu/capbu.conf"
    expect 2 client --json renew --frobnicate
    problem 2 usage 'unknown option --frobnicate'
    expect 2 client --json frobnicate
    problem 2 usage 'unknown command "frobnicate"'
}

full() { # full COMMAND...: onto a disk that is full
    "$@" >/dev/full
}

problem() { # problem STATUS CODE TEXT: a failure with --json is told in one object on standard output
    json "told in JSON: $1 $2" ".status == $1 and .code == \"$2\" and (.text | contains($(jq -n --arg t "$3" '$t')))"
    same 'in one line' 1 "$(wc -l <"$OUT")"
}

tokens_and_modules() {
    tokens_new empty
    expect 20 client list
    expect 20 client check
    expect 20 client --json check
    problem 20 no-token 'No token is plugged in'
    expect 20 renew
    P11=/nonexistent/module.so expect 20 renew
    says 'the module is named' /nonexistent/module.so
    says 'and what is wrong with it' 'there is no such file'
    silent 'nobody is asked to plug in' 'Plug it in' "$OUT" "$ERR"
    token_of owed
    expect 0 client list
    says 'list shows the serial' "$(serial_of "$TMP/owed.pem")"
    expect 74 full client list
    expect 74 full client --json list
    expect 74 full client diag
    expect 74 full client diag --out -
    same 'and told once' 1 "$(wc -l <"$ERR")"
    expect 74 client --lang vi diag --out "$TMP/nowhere/out"
    says 'what cannot be written has its name' "capbu: --out $TMP/nowhere/out: Không có tệp hoặc thư mục này"
    expect 0 client diag --out -
    json 'a dash is standard output' .capbu
    if [ -e - ]; then not_ok 'and no file of that name'; else ok 'and no file of that name'; fi
    ln -s "$TMP/bundle" "$TMP/bundle.link"
    expect 74 client diag --out "$TMP/bundle.link"
    says 'a link is refused, and what to do' 'name the file itself'
    holds 'it stays one' test -L "$TMP/bundle.link"
    holds 'and is not followed' test ! -e "$TMP/bundle"
    expect 0 client diag --out "$TMP/bundle"
    expect 0 client diag --out "$TMP/bundle"
    echo 'my own words' >"$TMP/words"
    expect 74 client diag --out "$TMP/words"
    same 'what is no bundle stays' 'my own words' "$(cat "$TMP/words")"
    expect 0 client diag --out "$TMP/words" --force
    json 'unless it is forced' .capbu "$TMP/words"
    local kept
    cp "$TMP/pin" "$TMP/own.pin"
    cp "$DIR/server-ca.pem" "$TMP/own.pem"
    for kept in own.pin own.pem; do
        ln "$TMP/$kept" "$TMP/$kept.other"
        cp "$TMP/$kept" "$TMP/before"
        expect 74 client diag --pin-file "$TMP/own.pin" --ca "$TMP/own.pem" --out "$TMP/$kept" --force
        says "what is read is no output: $kept" 'one that capbu reads'
        expect 74 client diag --pin-file "$TMP/own.pin" --ca "$TMP/own.pem" --out "$TMP/./$kept.other" --force
        holds 'by no name' cmp -s "$TMP/before" "$TMP/$kept"
    done
    rm "$TMP/own.pin" "$TMP/own.pin.other" "$TMP/before"
    expect 0 client diag --out /dev/stdout
    json 'so is standard output by its name' .capbu
    expect 0 client --json list
    json 'list --json' '.[0].label == "owed" and .[0].certificates[0].key_seen'
    expect 0 client --json check
    json 'check --json' '.[0].verdict == "eligible" and .[0].owed_days == 287 and .[0].due == "now"'
    expect 0 client --lang vi check
    says 'Vietnamese by wish' 'cấp bù 287 ngày'
    expect 10 renew --serial 0123456789ABCDEF
}

pins() {
    local code
    printf 'wrong-pin-1\n' >"$TMP/wrong"
    tokens_use owed
    SOFTHSM2_CONF=$TOKENS expect 2 shim setsid -w "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" --module "$SHIM" renew --yes </dev/null
    expect 2 shim client renew --yes --pin-file "$TMP/no-such-file"
    says 'English says what to do' "--pin-file $TMP/no-such-file: name a file that holds the PIN: "
    expect 2 shim client --lang vi renew --yes --pin-file "$TMP/no-such-file"
    says 'so does Vietnamese' "capbu: --pin-file $TMP/no-such-file: Không có tệp hoặc thư mục này: hãy kiểm tra lại"
    expect 2 client renew </dev/null
    says 'no answer: nobody cancelled' 'nobody answered: use --yes'
    silent 'so it is not said' 'cancelled' "$ERR"
    mkfifo "$TMP/fifo"
    expect 2 shim client renew --yes --pin-file "$TMP/fifo" # where nobody writes
    says 'a pipe is no PIN file' 'is not a regular file'
    expect 2 client --server-ca "$TMP/fifo" check
    P11=$TMP/fifo expect 20 client list
    same 'without a PIN none is tried' 0 "$(logins)"
    expect 22 shim client renew --yes --pin-stdin </dev/null
    printf 'half\0half\n' >"$TMP/bad"
    expect 22 shim client renew --yes --pin-file "$TMP/bad"
    expect 22 shim client renew --yes --pin-file "$TMP/wrong"
    same 'a wrong PIN is tried exactly once' 1 "$(logins)"
    code=$(sed -n 's/^Support code: \([0-9A-Z-]*\)\..*/\1/p' "$ERR")
    holds 'the support code is said' test -n "$code"
    says 'it is the one in the log' "\"$code\"" "$DIR.log"
    expect 0 client diag
    says 'and in the steps for the hotline, with the raw value' "$code renew pin-wrong CKR_PIN_INCORRECT"
    for bad in abc '' "$(printf 'x%.0s' {1..300})" 'mật-khẩu-8'; do
        printf '%s\n' "$bad" >"$TMP/bad"
        expect 22 shim client renew --yes --pin-file "$TMP/bad"
        same "a PIN of ${#bad} characters that cannot be right is not tried" 0 "$(logins)"
    done
    SHIM_FLAGS=final_try expect 23 shim renew
    says 'and that is what is said' 'ONE PIN try is left'
    same 'the last try is not spent unasked' 0 "$(logins)"
    SHIM_FLAGS=locked expect 23 shim renew
    says 'that it is locked' 'PIN is locked'
    same 'a locked PIN is not tried' 0 "$(logins)"
    SHIM_FLAGS=locked expect 23 shim renew --last-try
    SHIM_FAIL=C_Login:1:PIN_LOCKED expect 23 shim renew
    SHIM_FAIL=C_Login:1:PIN_INCORRECT expect 22 shim renew
    says 'that it was wrong' 'Wrong PIN'
    same 'a refused PIN is not tried again' 1 "$(logins)"
    same 'nothing was issued by all this' 0 "$(sql 'SELECT count(*) FROM issued')"
    SHIM_FLAGS=count_low expect 0 shim renew
    says 'few tries left is said' 'PIN'
    same 'one login for a renewal' 1 "$(logins)"
    token_of last
    SHIM_FLAGS=final_try expect 0 shim renew --last-try
    token_of stdin
    expect 0 client renew --yes --pin-stdin < <(printf '%s\nmore' "$PIN")
}

# R5.6: what is open for one who is alone and what with an assist code are told apart before any consent or PIN.
ways() {
    local code
    code=$(ctl assist new --holder AM-007)
    expect 11 client check --assist "$code"
    expect 11 shim client renew --pin-file "$TMP/pin" --assist "$code" </dev/null
    says 'alone it is open' 'without --assist'
    same 'no PIN was tried' 0 "$(logins)"
    expect 0 client check
    quiet ctl phase open p3-ho-tro --why test
    quiet ctl phase halt p1
    expect 11 client --json check
    json 'open, but not this way' '.[0].open and .[0].due == "other-way" and (.[0].channels | index("am")) and .[0].verdict == "eligible"'
    expect 11 shim client renew --pin-file "$TMP/pin" </dev/null
    says 'with a code it is open' 'capbu renew --assist CODE'
    says 'the hotline has one' '(18008000'
    same 'no PIN was tried' 0 "$(logins)"
    same 'nothing was agreed to' 0 "$(ctl audit export | grep -c "begin.*$(serial_of "$TMP/halted.pem")")"
    expect 0 client check --assist "$code"
    expect 31 renew --assist 0000-0000
    says 'a wrong code, and none is no way' 'open with a code only: ask for another one'
    silent 'so none is offered' 'without' "$ERR"
    expect 31 client --lang vi renew --yes --pin-file "$TMP/pin" --assist 0000-0000
    says 'in Vietnamese, too' 'chỉ mở khi có mã: hãy xin một mã khác'
    silent 'and so is what not to do' 'không cần mã' "$ERR"
    expect 11 shim renew --assist "$(ctl assist new --holder HL-1 --channel hotline)"
    says 'a code whose channel is closed: what is true of it' 'the help that this code is for is not open today'
    says 'and what helps' 'ask for another one'
    same 'no PIN was tried' 0 "$(logins)"
    quiet ctl phase resume p1
    expect 31 renew --assist 0000-0000
    says 'where it is open alone, too' 'open today without a code, too'
}

refusals() {
    token_of halted
    quiet ctl phase halt p1
    expect 11 renew
    says 'that it is halted' 'owed, but halted for now'
    silent 'and not that it opens some day' 'open yet' "$OUT"
    expect 11 client --json check
    json 'check --json: halted' '.[0].halted == true and .[0].open == false and .[0].due == "later"'
    quiet ctl phase resume p1
    expect 0 client --json check
    json 'check --json: resumed' '.[0].halted == false and .[0].open'
    ways
    expect 31 renew --assist WRONG-CODE
    says 'the support code is given' '('
    expect 31 client renew --yes --pin-file "$TMP/pin" --serial "$(serial_of "$TMP/halted.pem")" --assist 0000-0000
    quiet ctl phase halt p3-ho-tro
    expect 0 renew
    says 'the new end is said' 2021-07-16
    expect 31 client clean --pin-file "$TMP/pin" # R5.11: the campaign keeps old certificates
    same 'clean without leave removes nothing' 2 "$(token_serials halted | wc -l)"
    token_of suspended
    expect 10 renew
    expect 10 client check
    expect 10 client --json check
    json 'what does not apply is null' '.[0] | .state == null and .halted == null and .owed_days == null and .new_not_after == null'
    token_of later
    expect 11 client check
    expect 11 client --lang vi check
    silent 'the day it opens, as people read it' 2020-04-01 "$OUT"
    quiet ctl phase open p2 --why test # R3.3 by hand
    expect 0 client check
    quiet ctl phase halt p2 # before its own day: not the day of the next phase, which opens to help only
    expect 11 renew
    says 'halted, and no other day' 'owed, but halted for now'
    expect 11 client --json check
    json 'neither open nor on its way' '.[0] | .open == false and .due == "later" and (.message | contains("halted for now"))'
    quiet ctl phase open p2
    expect 0 renew
    openssl genrsa -out "$TMP/foreign.key" 1024 2>/dev/null
    token_of foreign # its key is not the certificate's
    expect 20 renew # not the token that holds the key: running again does not help
    says 'the missing key is said' "$(serial_of "$TMP/foreign.pem")"
}

# The journal and --json of a good run; consent by hand.
consent() {
    token_of asked
    echo n >"$TMP/no"
    expect 2 client renew --pin-file "$TMP/pin" <"$TMP/no"
    says 'the data are shown' 'CÔNG TY asked'
    same 'no consent, nothing written' 1 "$(token_serials asked | wc -l)"
    echo y >"$TMP/yes"
    expect 0 client renew --pin-file "$TMP/pin" <"$TMP/yes"
    token_of json
    expect 31 client --ca "$DIR/old-ca.pem" renew --yes --pin-file "$TMP/pin"
    says 'a server with another CA' 'hostile server'
    CAPBU_CA=$DIR/old-ca.pem expect 31 client check
    expect 2 client --ca "$TMP/pin" check
    expect 2 client --lang vi --ca "$TMP/no-such-file" check
    says 'the file of --ca is named' "capbu: --ca $TMP/no-such-file: Không có tệp hoặc thư mục này"
    expect 2 client --ca "$DIR/server-ca.pem" receipt
    says 'and what is no CA is refused' 'this is no CA certificate'
    same 'nothing was written' 1 "$(token_serials json | wc -l)"
    expect 0 client --ca "$DIR/new-ca.pem" check
    expect 0 client --json renew --yes --pin-file "$TMP/pin"
    json 'renew --json' '.result == "done" and (.new_serial | length) == 32 and .not_after == "2021-07-16T16:59:59Z"'
    same 'the certificate told is the one on the token' "$(jq -r .new_serial "$OUT")" \
        "$(token_serials json | grep -v "$(serial_of "$TMP/json.pem")")"
}

writing_fails() {
    token_of full
    before=$(token_serials full)
    SHIM_FAIL=C_CreateObject:1:DEVICE_MEMORY expect 40 shim renew
    same 'full: the old certificate is intact' "$before" "$(token_serials full)"
    same 'full: issued, not confirmed' 1 "$(sql 'SELECT count(*) FROM issued WHERE issued_at IS NOT NULL AND confirmed_at IS NULL')"
    expect 0 client check
    expect 0 client resume --yes --pin-file "$TMP/pin"
    same 'full: then two' 2 "$(token_serials full | wc -l)"
    same 'full: then confirmed' 0 "$(sql 'SELECT count(*) FROM issued WHERE confirmed_at IS NULL')"
    token_of unique # a card that refuses two certificates with one CKA_ID
    SHIM_UNIQUE_ID=1 expect 0 shim renew
    certs_on unique
    same 'unique: two certificates' 2 "$ON"
    differs 'unique: under two CKA_IDs' "$(cat "$TMP/on/1.id")" "$(cat "$TMP/on/2.id")"
    SHIM_UNIQUE_ID=1 expect 0 shim renew
    same 'unique: still two' 2 "$(token_serials unique | wc -l)"
}

# Two of us on one token: the second comes away before it asks for anything.
two_at_once() {
    local first
    token_of twice
    mkdir -p "$TMP/gate"
    : >"$TMP/gate/C_CreateObject"
    SHIM_GATE=$TMP/gate P11=$SHIM SHIM_MODULE=$MODULE renew >"$TMP/first" 2>&1 &
    first=$!
    children="$children $first"
    within 20 grep -q 'DO NOT UNPLUG' "$TMP/first" || not_ok 'the first is writing' "$(cat "$TMP/first")"
    expect 40 shim renew
    says 'and says why' 'Another capbu is at work'
    same 'without trying a PIN' 0 "$(logins)"
    expect 0 client check # looking is free
    rm "$TMP/gate/C_CreateObject"
    wait "$first"
    same 'the first ends well' 0 $?
    ended "$first"
    expect 0 renew
    same 'two certificates' 2 "$(token_serials twice | wc -l)"
}

in_diag() { # in_diag OUTCOME: the support code that was told is among the steps for the hotline
    local code
    code=$(grep -oE '[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}' "$ERR" | tail -n 1)
    expect 0 client diag
    says "diag knows the code $code" "${code:-none} end $1"
}

unreachable() {
    token_of away
    local good=$DIR
    server_stop
    started=$(milliseconds)
    expect 30 renew
    if [ $(($(milliseconds) - started)) -lt 10000 ]; then ok 'within 10 s'; else not_ok 'within 10 s'; fi
    in_diag server-away
    same 'nothing changed' 1 "$(token_serials away | wc -l)"
    server_start
    quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 2 \
        -keyout "$TMP/other.key" -out "$TMP/other.pem"
    for lang in vi en; do
        expect 30 client --server-ca "$TMP/other.pem" --lang $lang check # another's certificate is no server at all
        silent 'it is not called away or busy' "$([ $lang = vi ] && echo 'Chưa kết nối' || echo 'cannot be reached')" "$ERR"
        says 'but what it is' "$([ $lang = vi ] && echo 'Không xác minh được máy chủ' || echo 'is not our server')"
    done
    yes | head -c 1100000 >"$TMP/huge.pem"
    expect 2 client --server-ca "$TMP/huge.pem" check
    expect 30 client --server-ca "$TMP/other.pem" --json renew --yes --pin-file "$TMP/pin"
    problem 30 server-away 'is not our server'
    URL=https://127.0.0.1:1 expect 30 renew
    DIR=$good
    expect 0 renew
}

# A signal ends the page as closing it does, and takes the browser's file away. (A background ignores INT, one under nohup HUP too.)
page_stopped() {
    local sig page door
    mkdir "$TMP/bin"
    ln -s /bin/true "$TMP/bin/xdg-open"
    tokens_use away
    for sig in TERM INT HUP; do
        SOFTHSM2_CONF=$TOKENS PATH=$TMP/bin:$PATH env --default-signal=INT,HUP "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" \
            --module "$MODULE" ui >"$OUT" 2>"$ERR" &
        page=$!
        children="$children $page"
        door=$XDG_STATE_HOME/capbu/open-$page.html
        within 20 test -s "$door" || not_ok 'the browser is given a file' "$(cat "$ERR")"
        kill -$sig $page
        wait $page
        same "$sig ends the page well" 0 $?
        ended $page
        same "$sig: its file is gone" '' "$(find "$XDG_STATE_HOME" -name 'open-*')"
    done
}

# Rule R5.11 once the campaign allows it: the old certificate goes only after the new one is confirmed.
clean() {
    server_stop
    conf_set campaign.conf old_certificate remove-allowed
    server_start
    tokens_use owed
    old=$(serial_of "$TMP/owed.pem")
    SHIM_FAIL=C_Login:1:PIN_INCORRECT expect 22 shim client clean --pin-file "$TMP/pin"
    code=$(grep -oE '[0-9A-Z]{4}-[0-9A-Z]{5}' "$ERR")
    expect 0 client diag
    says 'the failure is among the steps for the hotline, with its support code' "$code clean pin-wrong CKR_PIN_INCORRECT"
    expect 0 client clean --pin-file "$TMP/pin"
    same 'clean: one is left' 1 "$(token_serials owed | wc -l)"
    differs 'clean: the new one' "$old" "$(token_serials owed)"
    expect 0 client clean --pin-file "$TMP/pin"
    expect 0 renew
    says 'the new one alone has its full term (R2.6): nothing is left to do' 'full term'
    expect 0 client check
    expect 0 client resume --yes --pin-file "$TMP/pin"
    tokens_use unique
    SHIM_UNIQUE_ID=1 expect 0 shim client clean --pin-file "$TMP/pin"
    certs_on unique
    same 'clean: the new one has the key'"'"'s CKA_ID now' '1 01' "$ON $(cat "$TMP/on/1.id")"
}

site_new
for name in owed last stdin halted foreign asked json full unique twice away pair-a pair-b; do subscriber "$name"; done
subscriber suspended status=suspended
subscriber later device=v2
expect 0 ctl import "$TMP/rows.csv"
sed -i 's/"am agent hotline"/"am agent"/' "$DIR/campaign.conf" # a channel that stays closed
server_start
usage
tokens_and_modules
pins
refusals
consent
writing_fails
two_at_once
unreachable
page_stopped
clean
nonsense
several
all_reached
expect 0 ctl audit verify
finish
