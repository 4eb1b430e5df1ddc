#!/usr/bin/env bash
# capbu.exe behind an HTTP proxy that was named by hand, one that wants a login, and one that is not there. The system's own
# proxy is not among it: Wine does not ask for one.
. "$(dirname "$0")/../lib/site.sh"
. "$here/population.sh"
. "$(dirname "$0")/world.sh"
. "$here/proxy.sh"
CLOCK=2020-08-10T09:00:00+07:00
behind() { client --proxy "$PROXY" "$@"; }
logged_in() { behind --proxy-user 'CTY\an' --proxy-password-file "$TMP/$1" "${@:2}"; }

site_new
subscriber one
quiet ctl import "$TMP/rows.csv"
server_start
URL=${URL/127.0.0.1/localhost} # Wine asks no proxy whose host has the server's own name
token_of one

proxy_start open
expect 0 behind check
same 'through the proxy' 1 "$(tunnels 200)"
expect 0 behind renew --yes --pin-file "$TMP/pin"
same 'a renewal, too' 2 "$(token_serials one | wc -l)"
same 'and by no other way' 2 "$(tunnels 200)"
PROXY=127.0.0.1:1 expect 30 client --proxy 127.0.0.1:1 check
says 'no proxy there' 'no connection'
expect 2 client --proxy "http://an:$WORD@127.0.0.1:1" check
says 'a password does not stand on the command line' 'http://HOST:PORT'

proxy_start strict 'CTY\an' "$WORD"
expect 30 behind check
holds 'a proxy that wants a login is asked' test "$(tunnels 407)" -ge 1
same 'and lets nothing through' 0 "$(tunnels 200)"
# Wine's WinHTTP does not look at what a proxy answers to CONNECT: it begins TLS, which the proxy takes for a bad request.
if [ "$(tunnels 400)" = 0 ]; then
    says 'and it is said' 'wants a name and password (407): use --proxy-user'
    expect 30 logged_in wrong check
    says 'a login that is wrong' 'does not take this name and password'
    expect 0 logged_in word check
    same 'a right one' 1 "$(tunnels 200)"
else
    echo "skipped: logins to a real proxy: this Wine begins TLS after a 407"
    expect 30 logged_in word check
    same 'nothing gets past a 407' 0 "$(tunnels 200)"
fi

# The same with a WinHTTP that tells of the 407, as Windows does; who gets past it meets a server that nobody knows.
played_login() { played "login:CTY\\an:$WORD" --proxy "$PROXY" "$@" check; }
expect 30 played_login
says 'a login is asked for' 'wants a name and password (407): use --proxy-user'
expect 30 played_login --proxy-user 'CTY\an' --proxy-password-file "$TMP/wrong"
says 'a wrong one is refused' 'does not take this name and password'
expect 30 played_login --proxy-user 'CTY\an' --proxy-password-file "$TMP/word"
says 'a right one gets through' 'of an unknown authority'
same 'the password is nowhere' '' "$(grep -rlaF -e "$WORD" "$TMP" "$WINEPREFIX/drive_c/users" "$WINEPREFIX"/*.reg 2>/dev/null | grep -vxF "$TMP/word")"
finish
