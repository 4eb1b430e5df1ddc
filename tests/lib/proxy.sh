# shellcheck shell=bash
# The proxy of proxy.mjs, and passwords for it: $TMP/word is right where a login "CTY\an" is wanted, $TMP/wrong is not. Sourced
# after site.sh.
command -v node >/dev/null || { echo 'skipped: node is not installed' && exit 77; }
WORD=9hL-proxy-word
printf '%s\n' "$WORD" >"$TMP/word"
printf 'another-word\n' >"$TMP/wrong"
chmod 600 "$TMP/word" "$TMP/wrong"

proxy_start() { # proxy_start NAME [LOGIN PASSWORD]: sets PROXY; its log is $TMP/NAME.proxy
    node "$here/proxy.mjs" "${@:2}" >"$TMP/$1.proxy" &
    children="$children $!"
    within 10 test -s "$TMP/$1.proxy" || not_ok 'the proxy starts'
    PROXY=127.0.0.1:$(head -n 1 "$TMP/$1.proxy")
    PROXY_LOG=$TMP/$1.proxy
}
tunnels() { # tunnels STATUS: how often the proxy answered with it
    grep -c " $1\$" "$PROXY_LOG"
}
