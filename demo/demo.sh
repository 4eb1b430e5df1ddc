#!/usr/bin/env bash
# A drill of the letter at 15/03/2020: two CAs, a software token of every kind, real capbud and capbu over HTTPS; shows what was expected
# and what was seen. At a terminal the server then stays up until Ctrl-C. Exit 0 = every token ended as expected.
set -uo pipefail
build=$(cd "${1:-build}" && pwd)
module=${CAPBU_SOFTHSM:-/usr/lib/softhsm/libsofthsm2.so}
shim=$build/tests/lib/modules/capbu-shim.so
work=$(mktemp -d "${TMPDIR:-/tmp}/capbu-demo-XXXXXX") || exit 1 # without a folder of its own it would write over /
server=
bad=0

finish() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '\033[1m%s\033[0m\n' "$*"; }
die() {
    printf 'demo: %s\n' "$*" >&2
    [ -s "$work/capbud.log" ] && tail -n 5 "$work/capbud.log" >&2
    exit 1
}

stage() {
    say '1. Hai CA của công văn, cơ sở dữ liệu, đồng hồ 15/03/2020 / two CAs, database, clock'
    mkdir -p "$work/tokens" "$work/state"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n' "$work/tokens" >"$work/softhsm2.conf"
    export SOFTHSM2_CONF=$work/softhsm2.conf XDG_STATE_HOME=$work/state CAPBU_DIR=$work/site
    head -c 6 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/pin"
    "$build/capbuctl" init --drill --clock 2020-03-15T09:00:00+07:00 --listen 127.0.0.1:0 || die 'capbuctl init'
    say '2. Token mô phỏng của mọi trường hợp, và thuê bao của 63 tỉnh / a token of every kind, subscribers of 63 provinces'
    "$build/capbuctl" drill cases --csv "$work/cases.csv" --module "$module" --pin-file "$work/pin" >"$work/cases.tsv" || die 'drill cases'
    "$build/capbuctl" drill population --count 500 --csv "$work/population.csv" || die 'drill population'
    "$build/capbuctl" import "$work/cases.csv" || die 'import'
    "$build/capbuctl" import "$work/population.csv" || die 'import'
}

serve() {
    say '3. Máy chủ / the server'
    "$build/capbud" >"$work/ready" 2>"$work/capbud.log" &
    server=$!
    for _ in $(seq 100); do
        url=$(sed -n 's/^ready //p' "$work/ready")
        [ -n "$url" ] && break
        kill -0 "$server" 2>/dev/null || die 'capbud ended'
        sleep 0.1
    done
    [ -n "$url" ] || die 'capbud is not ready after 10 s'
    echo "$url"
}

# serials LABEL: the certificates on that token, newest first.
serials() {
    "$build/capbu" --module "$module" --json list |
        jq -r --arg t "$1" '.[] | select(.label == $t) | .certificates | sort_by(.not_before) | reverse | .[].serial'
}

# certificate LABEL SERIAL: PEM of one certificate as another program reads it from the token.
certificate() {
    "$build/capbu" --module "$module" --json list >"$work/list.json"
    id=$(jq -r --arg t "$1" --arg s "$2" '.[] | select(.label == $t) | .certificates[] | select(.serial == $s) | .label' "$work/list.json")
    pkcs11-tool --module "$module" --token-label "$1" --read-object --type cert --label "$id" 2>/dev/null | openssl x509 -inform DER
}

renew() { # renew MODULE SERIAL
    "$build/capbu" --server "$url" --server-ca "$work/site/server-ca.pem" --module "$1" renew --serial "$2" --pin-file "$work/pin" --yes
}

# What is on the token afterwards, judged by openssl under the new CA.
verified() { # verified LABEL OLD_SERIAL
    for s in $(serials "$1"); do
        [ "$s" = "$2" ] && continue
        certificate "$1" "$s" >"$work/new.pem" &&
            openssl verify -CAfile "$work/site/new-ca.pem" -partial_chain -attime "$now" "$work/new.pem" >/dev/null 2>&1 &&
            openssl x509 -in "$work/new.pem" -noout -enddate | sed 's/notAfter=//' && return
    done
    echo '-'
}

# Case LABEL whose token was broken off or served before: bring it into that state first.
prepare() {
    case $1 in
    half-way)
        SHIM_MODULE=$module SHIM_FAIL=C_CreateObject:1:kill:after renew "$shim" "$2" >/dev/null 2>&1
        [ $? = 137 ] || die "half-way: capbu was not killed in the middle of writing"
        ;;
    already-done) renew "$module" "$2" >/dev/null 2>&1 || die 'already-done: the first renewal failed' ;;
    esac
}

row() { # row ABOUT EXPECTED SEEN VERIFIED OK
    printf '%-3s %-42s %-26s %-28s %s\n' "$5" "$1" "$2" "$3" "$4"
}

one() { # one NAME EXPECT STATUS ABOUT
    local name=$1 expect=$2 status=$3 about=$4 first code seen end asked= mark=ok
    first=$(serials "$name" | tail -n 1)
    prepare "$name" "$first"
    if [ "$name" = two-certificates ]; then # choosing is the user's: without --serial capbu must not guess
        "$build/capbu" --server "$url" --server-ca "$work/site/server-ca.pem" --module "$module" renew --pin-file "$work/pin" --yes >"$work/out" 2>&1
        [ $? = "$status" ] || mark=BAD
        asked="exit $status, then "
        status=0
    fi
    renew "$module" "$first" >"$work/out" 2>&1
    code=$?
    seen=$code
    end=$(verified "$name" "$first")
    case $expect in
    *done) seen="${asked}exit $code, $(serials "$name" | wc -l) certificates"; [ "$end" != - ] || mark=BAD ;;
    'not open yet') seen="exit $code"; [ "$end" = - ] || mark=BAD ;;
    *) grep -q "$expect" "$work/out" || mark=BAD; seen="exit $code, $(grep -o "$expect" "$work/out" | head -n 1)"; [ "$end" = - ] || mark=BAD ;;
    esac
    [ "$code" = "$status" ] || mark=BAD
    [ "$mark" = ok ] || { bad=$((bad + 1)); cat "$work/out" >&2; }
    row "$name" "$expect" "$seen" "$end" "$mark"
}

[ -e "$shim" ] || die "$shim is missing: build first"
stage
serve
now=$(date -d '2020-03-15T09:00:00+07:00' +%s)
say '4. Cắm từng token, nhập PIN, cấp bù / plug in each token, type the PIN, renew'
row token expected seen 'openssl verify: new certificate until' ''
while IFS=$'\t' read -r name expect status about; do
    one "$name" "$expect" "$status" "$about"
done <"$work/cases.tsv"
say '5. Tiến độ và nhật ký / progress and audit'
"$build/capbuctl" report
"$build/capbuctl" export --csv "$work/export.csv"
"$build/capbuctl" audit verify || bad=$((bad + 1))
if [ "$bad" -eq 0 ]; then say 'Mọi token kết thúc đúng như dự kiến / every token ended as expected'; else say "$bad BAD"; fi
if [ -t 0 ] && [ -t 1 ]; then
    say "Máy chủ còn chạy / the server stays up: $url (Ctrl-C)"
    wait "$server"
fi
exit $((bad > 0))
