#!/usr/bin/env bash
# The page of capbu.exe: served on 127.0.0.1 to who has its token, Host, Origin, cookie and key, and to nobody else; and one
# renewal through it, by curl. The page itself is tested in a browser by tests/e2e: it is the same on every system.
. "$(dirname "$0")/../lib/site.sh"
. "$here/population.sh"
. "$(dirname "$0")/world.sh"
CLOCK=2020-08-10T09:00:00+07:00

code() { # code NAME WANT CURL-OPTIONS: the status code of an answer; its body is in $OUT
    same "$1" "$2" "$(curl -s --max-time 30 -o "$OUT" -D "$TMP/header" -w '%{http_code}' "${@:3}")"
    [ "$2" = 200 ] || silent "$1: no data" 'CÔNG TY' "$OUT"
}

state() { # the page's present state into $TMP/view
    curl -s --max-time 30 "${GOOD[@]}" "$AT/api/state" >"$TMP/view"
}

at() { # at SCREEN: within a minute the page shows it
    shows() { state && [ "$(jq -r .screen "$TMP/view")" = "$1" ]; }
    if within 60 shows "$1"; then ok "the screen: $1"; else not_ok "the screen: $1" "$(head -c 300 "$TMP/view")"; fi
}

gives() { # gives COMMAND CURL-OPTIONS: what a person gives on the present screen
    same "takes: $1" 204 "$(curl -s -o /dev/null -w '%{http_code}' "${GOOD[@]}" -H "Capbu-Seq: $(jq .seq "$TMP/view")" \
        "${@:2}" "$AT/api/$1")"
}

site_new
subscriber page bits=2048
quiet ctl import "$TMP/rows.csv"
server_start
token_of page
opens=$TMP/opened # what Windows opens .html with here writes down what it was given
quiet wine reg add 'HKCR\.html' /ve /d capbu-test /f
quiet wine reg add 'HKCR\capbu-test\shell\open\command' /ve /d "cmd.exe /c echo %1>Z:${opens//\//\\}" /f
client ui >"$TMP/ui.out" 2>"$TMP/ui.err" &
page=$!
children="$children $page"
within 20 grep -q '^ui http://127.0.0.1:' "$TMP/ui.out" || not_ok 'the page is served within 20 s' "$(cat "$TMP/ui.err")"
DOOR=$(tr -d '\r' <"$TMP/ui.out" | sed -n 's/^ui //p')
AT=${DOOR%%/\?*}
PORT=${AT##*:}

if within 20 test -s "$opens"; then ok 'a browser is started'; else not_ok 'a browser is started' "$(cat "$TMP/ui.err")"; fi
door=$(echo "$STATE"/open-*.html)
same 'with one file of ours and nothing else' "$(winepath -w "$door" | tr -d '\r')" "$(tr -d '\r' <"$opens")"
same 'in which stands our own address and no other' "$DOOR" "$(grep -oE '[a-z]+://[^"]*' "$door" | sort -u)"
code 'no token' 403 "$AT/"
code 'a wrong token' 403 "$AT/?t=00000000000000000000000000000000"
code 'a foreign Host with the right token' 403 -H "Host: evil.example:$PORT" "$DOOR"
code 'localhost is another name' 403 -H "Host: localhost:$PORT" "$DOOR"
code 'a script without cookie' 403 "$AT/app.js"
code 'the state without anything' 403 "$AT/api/state"
code 'the right token' 200 "$DOOR"
says 'the page' '<script' "$OUT"
says 'its policy' "Content-Security-Policy: default-src 'none'; script-src 'self'" "$TMP/header"
COOKIE=$(tr -d '\r' <"$TMP/header" | sed -n 's/^Set-Cookie: \(capbu[-0-9]*=[0-9A-F]*\);.*/\1/p')
KEY=$(grep -oE '[0-9A-F]{32}' "$OUT" | head -n 1)
code 'the token a second time' 403 "$DOOR"
GOOD=(-H "Cookie: $COOKIE" -H "Capbu-Key: $KEY" -H "Origin: $AT")
code 'the script' 200 "${GOOD[@]}" "$AT/app.js"
code 'the style' 200 "${GOOD[@]}" "$AT/app.css"
code 'a key that is not ours' 403 -H "Cookie: $COOKIE" -H 'Capbu-Key: 00000000000000000000000000000000' "$AT/api/state"
code 'a command of another origin' 403 -H "Cookie: $COOKIE" -H "Capbu-Key: $KEY" -H 'Origin: http://evil.example' -d '{}' "$AT/api/retry"
code 'a command without origin' 403 -H "Cookie: $COOKIE" -H "Capbu-Key: $KEY" -d '{}' "$AT/api/retry"

at confirm
json 'the name is there' 'tostring | contains("CÔNG TY page")' "$TMP/view"
gives consent -d '{}'
at pin
tr '\0' ' ' </proc/$page/cmdline >"$TMP/argv"
gives pin -H 'Content-Type: application/octet-stream' --data-binary "@$TMP/pin"
at done
silent 'no PIN in arguments' "$PIN" "$TMP/argv"
certs_on page
same 'two certificates on the token' 2 "$ON"
cert_read page 'page [2021-07-16]' "$TMP/new.pem"
renewal_is_right 'by the page' "$TMP/page.pem" "$TMP/new.pem" 'Jul 16 16:59:59 2021 GMT'
gives close -d '{}'
page_gone() { ! kill -0 "$page" 2>/dev/null; }
if within 30 page_gone; then ok 'capbu.exe ends with its page'; else not_ok 'capbu.exe ends with its page'; fi
wait "$page"
same 'and ends well' 0 $?
ended "$page"

# Ctrl-C, which wine makes of SIGINT (a shell's background ignores it).
MOCK_TOKEN=$TOKENS env --default-signal=INT "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" --module "$MODULE" ui >"$TMP/ui.out" 2>"$TMP/ui.err" &
page=$!
children="$children $page"
has_door() { [ -s "$(echo "$STATE"/open-*.html)" ]; }
within 20 has_door || not_ok 'the browser is given a file again' "$(cat "$TMP/ui.err")"
kill -INT "$page"
wait "$page"
same 'Ctrl-C ends it well' 0 $?
ended "$page"
same 'and its file is gone' '' "$(find "$STATE" -name 'open-*')"
same 'the PIN is nowhere in Windows' '' "$(grep -rlaF -e "$PIN" "$WINEPREFIX/drive_c/users" "$WINEPREFIX"/*.reg)"
finish
