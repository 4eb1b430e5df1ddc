# shellcheck shell=bash
# The world of a test in shell: a scratch folder that goes with the script, installations, servers, clients.
# BACKEND=sqlite (default) or pg; for pg the script runs under `with-pg`. Programs come from $CAPBU_BUILD.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/check.sh"
. "$here/mint.sh"
. "$here/token.sh"

: "${CAPBU_BUILD:?the build folder}" "${BACKEND:=sqlite}"
built() { # built NAME: where a program lies in the build folder
    local path
    for path in "$CAPBU_BUILD/$1" "$CAPBU_BUILD"/*/"$1" "$CAPBU_BUILD"/*/*/"$1" "$CAPBU_BUILD"/*/*/*/"$1"; do
        [ -f "$path" ] && echo "$path" && return
    done
    echo "$1 is not built in $CAPBU_BUILD" >&2
}
CAPBU=$(built capbu) CAPBUD=$(built capbud) CAPBUCTL=$(built capbuctl)
SHIM=$(built capbu-shim.so) PEAK=$(built peak)
CLOCK=2020-03-15T09:00:00+07:00
unset PIN # never exported
PIN=8gK-grep-me # pin.sh and `finish` look for it everywhere
MODULE=
for path in /usr/lib/softhsm/libsofthsm2.so /usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so /usr/lib64/libsofthsm2.so; do
    [ -z "$MODULE" ] && [ -f "$path" ] && MODULE=$path
done

TMP=$(mktemp -d "${TMPDIR:-/tmp}/capbu-it.XXXXXX")
OUT=$TMP/out ERR=$TMP/err
# SoftHSM syncs every object to the disk: memory is several times faster.
HSM=$TMP/tokens
[ ! -w /dev/shm ] || HSM=$(mktemp -d /dev/shm/capbu-it.XXXXXX)
printf '%s' "$PIN" >"$TMP/pin"
chmod 600 "$TMP/pin"
export XDG_STATE_HOME=$TMP/state HOME=$TMP LC_ALL=C.UTF-8
unset CAPBU_SERVER CAPBU_SERVER_CA CAPBU_DIR CAPBU_LANG CAPBU_MODULES SOFTHSM2_CONF http_proxy https_proxy
DIR=$TMP/site URL='' SERVER='' children=''

if [ "$BACKEND" = pg ] && [ -z "${CAPBU_TEST_PG:-}" ]; then
    echo 'skipped: BACKEND=pg wants to run under with-pg'
    exit 77
fi

tidy() {
    local pid
    for pid in $children; do kill -9 "$pid" 2>/dev/null; done
    wait 2>/dev/null
    [ -n "${KEEP_SCRATCH:-}" ] && echo "kept: $TMP $HSM" || rm -rf "$TMP" "$HSM"
}
trap tidy EXIT
trap 'exit 1' INT TERM HUP

# ended PID: it has been waited for; another process may get its number now.
ended() {
    children=" $children "
    children=${children/ $1 / }
}

# Where in the scratch folder the PIN stands, apart from the file it was given in.
pin_traces() {
    grep -rlaF -e "$PIN" "$TMP" "$HSM" 2>/dev/null | grep -vxF -e "$TMP/pin"
}

finish() {
    local traces
    [ -z "$SERVER" ] || server_stop
    if grep -hE 'ERROR: [A-Za-z]*Sanitizer|runtime error: ' "$TMP"/*.log 2>/dev/null; then not_ok 'the sanitizers are content'; fi
    traces=$(pin_traces)
    if [ -z "$traces" ]; then ok 'the PIN is nowhere'; else not_ok 'the PIN is nowhere' "it is in $traces"; fi
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 1 ]
    exit
}

ctl() { # capbuctl on the current installation
    "$CAPBUCTL" --dir "$DIR" "$@"
}

# database_new: sets DSN to a new database of the back end's ("" for SQLite, which makes its own).
databases=0
database_new() {
    DSN=
    [ "$BACKEND" = pg ] || return 0
    databases=$((databases + 1))
    quiet psql -qX "$CAPBU_TEST_PG" -c "CREATE DATABASE it_$$_$databases"
    DSN=${CAPBU_TEST_PG%/*}/it_$$_$databases
}

# A statement in the current installation's database, by the back end's own shell; rows to stdout.
sql() {
    if [ "$BACKEND" = pg ]; then
        psql -qXtA "$DSN" -c "$1"
    else
        sqlite3 -cmd '.timeout 5000' "$DIR/capbu.db" "$1"
    fi
}

# site_new [INIT OPTIONS]: a drill at $CLOCK in a new $DIR.
sites=0
site_new() {
    sites=$((sites + 1))
    DIR=$TMP/site$sites
    database_new
    quiet "$CAPBUCTL" init --dir "$DIR" --drill --clock "$CLOCK" --listen 127.0.0.1:0 ${DSN:+--database "$DSN"} "$@"
}

conf_set() { # conf_set FILE KEY VALUE: changes or adds a line of a configuration file of $DIR
    sed -i "/^$2[ =]/d" "$DIR/$1" && sed -i "1i $2 = $3" "$DIR/$1"
}

# port_keep: $DIR's server gets the same port after every restart, one that is free now. It lies below those that the system
# gives to outgoing connections, or one of these might have it while the server is away.
port_keep() {
    local port
    for port in $(shuf -i 20000-30000 -n 50); do
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
        conf_set capbud.conf listen "\"127.0.0.1:$port\""
        return
    done
    not_ok 'a free port is found'
}

# server_start: starts capbud for $DIR on a free port; sets SERVER (its pid) and URL. Its log is $DIR.log. It promises to be
# ready within 10 s; a machine that is busy with the other tests may take longer.
server_start() {
    : >"$DIR.ready"
    "$CAPBUD" --dir "$DIR" >"$DIR.ready" 2>>"$DIR.log" &
    SERVER=$!
    children="$children $SERVER"
    if ! within 30 grep -q '^ready https://' "$DIR.ready"; then
        not_ok 'capbud becomes ready'
        tail -n 5 "$DIR.log"
        finish
    fi
    URL=$(sed -n 's/^ready //p' "$DIR.ready")
}

server_gone() {
    ! kill -0 "$SERVER" 2>/dev/null
}

# server_stop: SIGTERM, gone within 5 s with 0.
server_stop() {
    local status
    kill -TERM "$SERVER"
    within 5 server_gone || not_ok 'capbud is gone within 5 s of SIGTERM'
    server_gone || kill -9 "$SERVER"
    wait "$SERVER" 2>/dev/null
    status=$?
    ended "$SERVER"
    [ "$status" = 0 ] || not_ok 'capbud ends cleanly' "status $status, $(tail -n 3 "$DIR.log")"
    SERVER=
}

server_kill() { # as a crash would
    kill -9 "$SERVER"
    wait "$SERVER" 2>/dev/null
    ended "$SERVER"
    SERVER=
}

api() { # api PATH [CURL OPTIONS]: the body to stdout
    local path=$1
    shift
    curl -sS --max-time 20 --cacert "$DIR/server-ca.pem" "$URL$path" "$@"
}

# The status code; the body is in $OUT, the header in $TMP/header.
status_of() {
    local path=$1
    shift
    api "$path" -o "$OUT" -D "$TMP/header" -w '%{http_code}' "$@" 2>"$ERR"
}

# POST /api/v1/check of a certificate file (PEM).
check_of() {
    printf '{"certificate":"%s"}' "$(b64_of "$1")" | api /api/v1/check -H 'Content-Type: application/json' --data-binary @-
}

client() { # capbu against the current server; $TOKENS names the SoftHSM configuration (or the mock's folder, see mock.sh), $P11 the module
    SOFTHSM2_CONF=${TOKENS:-$TMP/none.conf} MOCK_TOKEN=${TOKENS:-} "$CAPBU" --server "$URL" --server-ca "$DIR/server-ca.pem" \
        --module "${P11:-$MODULE}" --lang en "$@"
}

renew() { # the usual command line
    client renew --yes --pin-file "$TMP/pin" "$@"
}

site_now() { # this instant of the drill's clock, in seconds since 1970
    echo $(($(date +%s) + $(sed -n 's/^clock_offset *= *//p' "$DIR/capbud.conf")))
}
