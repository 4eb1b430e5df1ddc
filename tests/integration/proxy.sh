#!/usr/bin/env bash
# Through a company's proxy: found in the environment, named by hand, with a login that is right, wrong or missing; the
# password is nowhere, and a renewal costs at most four requests and two connections.
. "$(dirname "$0")/../lib/site.sh"
. "$here/proxy.sh"
export XDG_CONFIG_HOME=$TMP/config
unset no_proxy NO_PROXY HTTPS_PROXY
requests() { grep -c '"path":"\/' "$DIR.log"; }
behind() { # behind COMMAND...: the client, which reaches nothing but the proxy it names
    client --proxy "$PROXY" "$@"
}

site_new
token_all() { for name in one two three; do subscriber "$name" && token_of "$name"; done; }
csv_header "$TMP/rows.csv"
token_all
expect 0 ctl import "$TMP/rows.csv"
server_start

proxy_start open
tokens_use one
https_proxy=http://$PROXY expect 0 client check
same 'the environment names the proxy' 1 "$(tunnels 200)"
https_proxy=http://$PROXY no_proxy=127.0.0.1 expect 0 client check
same 'no_proxy goes past it' 1 "$(tunnels 200)"
https_proxy=http://127.0.0.1:1 expect 0 behind check
same 'the one named by hand comes first' 2 "$(tunnels 200)"
expect 2 client --proxy https://x check
says 'an address that is none' 'http://HOST:PORT'
expect 2 client --proxy "http://an:$WORD@127.0.0.1:1" check
says 'a password does not stand on the command line' 'http://HOST:PORT'

proxy_start strict 'CTY\an' "$WORD"
expect 30 behind check
says 'a proxy that wants a login: said in English' 'wants a name and password (407): use --proxy-user'
expect 30 behind --lang vi check
says 'and in Vietnamese' 'Proxy đòi tên và mật khẩu (407)'
expect 30 behind --proxy-user 'CTY\an' --proxy-password-file "$TMP/wrong" check
says 'a login that is wrong' 'does not take this name and password'
same 'nothing got through' 0 "$(tunnels 200)"
asked=$(tunnels 407)
expect 30 behind --proxy-user 'CTY\an' --proxy-password-file "$TMP/wrong" renew --yes --pin-file "$TMP/pin"
holds 'a wrong password is not tried again and again: accounts get locked' test $(($(tunnels 407) - asked)) -le 2
expect 2 behind --lang vi --proxy-user 'CTY\an' --proxy-password-file "$TMP/none" check
says 'a password file that is not there is named' "capbu: --proxy-password-file $TMP/none: Không có tệp"
setsid -w env SOFTHSM2_CONF="$TOKENS" "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" --module "$MODULE" --lang en \
    --proxy "$PROXY" --proxy-user an check </dev/null >"$OUT" 2>"$ERR"
same 'no terminal to ask for the password' 2 $?
says 'says what to use' '--proxy-password-file'

# On a terminal it is asked for, and what is typed is not shown: `script` is the terminal.
cat >"$TMP/ask" <<END
#!/bin/sh
exec env SOFTHSM2_CONF="$TOKENS" "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" --module "$MODULE" --lang en \
    --proxy "$PROXY" --proxy-user 'CTY\an' check
END
chmod +x "$TMP/ask"
{ within 10 grep -q 'assword' "$TMP/terminal" && printf '%s\n' "$WORD"; within 10 grep -q "made good" "$TMP/terminal"; } | script -qefc "$TMP/ask" "$TMP/terminal" >"$OUT" 2>"$ERR"
same 'the terminal: the password that was asked for is taken' 0 $?
says 'and the check goes on' 'days made good'
silent 'it is not shown' "$WORD" "$TMP/terminal" "$OUT"

before=$(requests) through=$(tunnels 200)
expect 0 behind --proxy-user 'CTY\an' --proxy-password-file "$TMP/word" renew --yes --pin-file "$TMP/pin"
asked=$(($(requests) - before))
holds "at most 4 requests a token (it took $asked)" test "$asked" -le 4
echo "requests of a renewal through the proxy: $asked"
through=$(($(tunnels 200) - through))
holds "on one connection, or two on a slow machine (it took $through)" test "$through" -le 2
same 'the token has both' 2 "$(token_serials one | wc -l)"

mkdir -p "$XDG_CONFIG_HOME/capbu"
cat >"$XDG_CONFIG_HOME/capbu/capbu.conf" <<END
# của công ty
proxy = $PROXY
proxy-user = CTY\\an
proxy-password-file = $TMP/word
END
tokens_use two
expect 0 renew
same 'as the configuration file says' 2 "$(token_serials two | wc -l)"
echo 'proxy-password = x' >>"$XDG_CONFIG_HOME/capbu/capbu.conf"
expect 2 client list
says 'a password does not stand in the file: refused by its line' 'capbu.conf:5: unknown key "proxy-password"'
rm "$XDG_CONFIG_HOME/capbu/capbu.conf"

tokens_use three
expect 0 behind --proxy-user 'CTY\an' --proxy-password-file "$TMP/word" diag
rm "$PROXY_LOG"
same 'the password is nowhere' '' "$(grep -rlaF "$WORD" "$TMP" 2>/dev/null | grep -vxF "$TMP/word")"
finish
