#!/usr/bin/env bash
# capbu.exe behind an HTTP proxy that was named by hand, one that wants a login, and one that is not there. The system's own
# proxy is not among it: Wine does not ask for one.
. "$(dirname "$0")/../lib/site.sh"
. "$here/population.sh"
. "$(dirname "$0")/world.sh"
command -v node >/dev/null || { echo 'skipped: node is not installed' && exit 0; }
CLOCK=2020-08-10T09:00:00+07:00
WORD=9hL-proxy-word
printf '%s\n' "$WORD" >"$TMP/word"
printf 'another-word\n' >"$TMP/wrong"

proxy_start() { # proxy_start NAME [LOGIN PASSWORD]: sets PROXY; its log is $TMP/NAME.proxy
    node "$here/proxy.mjs" "${@:2}" >"$TMP/$1.proxy" &
    children="$children $!"
    within 10 test -s "$TMP/$1.proxy" || not_ok 'the proxy starts'
    PROXY=127.0.0.1:$(head -n 1 "$TMP/$1.proxy")
    PROXY_LOG=$TMP/$1.proxy
}
answers() { grep -c " $1\$" "$PROXY_LOG"; }
behind() { client --proxy "$PROXY" "$@"; }
logged_in() { behind --proxy-user 'CTY\an' --proxy-password-file "$TMP/$1" "${@:2}"; }

# Wine's WinHTTP does not look at what a proxy answers to CONNECT, and begins TLS whatever it was: the proxy takes that
# for a bad request. Windows hands a 407 to the program.
login_is_tested() { [ "$(answers 400)" = 0 ]; }

site_new
subscriber one
quiet ctl import "$TMP/rows.csv"
server_start
URL=${URL/127.0.0.1/localhost} # Wine asks no proxy whose host has the server's own name
token_of one

proxy_start open
expect 0 behind check
same 'through the proxy' 1 "$(answers 200)"
expect 0 behind renew --yes --pin-file "$TMP/pin"
same 'a renewal, too' 2 "$(token_serials one | wc -l)"
same 'and by no other way' 2 "$(answers 200)"
PROXY=127.0.0.1:1 expect 30 client --proxy 127.0.0.1:1 check
says 'no proxy there' 'no connection'
expect 2 client --proxy "http://an:$WORD@127.0.0.1:1" check
says 'a password does not stand on the command line' 'http://HOST:PORT'

proxy_start strict 'CTY\an' "$WORD"
expect 30 behind check
same 'a proxy that wants a login lets nothing through' '1 0' "$(answers 407) $(answers 200)"
if login_is_tested; then
    says 'and it is said' 'wants a name and password (407): use --proxy-user'
    expect 30 logged_in wrong check
    says 'a login that is wrong' 'does not take this name and password'
    expect 0 logged_in word check
    same 'a right one' 1 "$(answers 200)"
else
    echo "skipped: logins; this Wine's WinHTTP begins TLS after a proxy's 407 ($(grep -c . "$PROXY_LOG") lines of the proxy)"
    expect 30 logged_in wrong check
    expect 30 logged_in word check
    same 'nothing gets past a 407' 0 "$(answers 200)"
fi
same 'the password is nowhere' '' "$(grep -rlaF -e "$WORD" "$TMP" "$WINEPREFIX/drive_c/users" "$WINEPREFIX"/*.reg 2>/dev/null | grep -vxF "$TMP/word")"
finish
