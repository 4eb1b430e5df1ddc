#!/usr/bin/env bash
# PostgreSQL at the start: one that is not up yet is waited for, one that refuses us is told as what it does.
. "$(dirname "$0")/../lib/site.sh"

database_of() { # database_of PORT [USER]: $DIR's database by another way
    local to=${DSN##*@}
    conf_set capbud.conf database "\"postgresql://${2:-capbu}@127.0.0.1:$1/${to#*/}\""
}
forwards() { # forwards PORT: what PostgreSQL answers is answered there too, from now on
    python3 -c 'import socket, sys, threading
def pump(a, b):
    try:
        while data := a.recv(65536): b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError: pass
here = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    a, _ = here.accept()
    b = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    for pair in ((a, b), (b, a)): threading.Thread(target=pump, args=pair, daemon=True).start()' "$1" "$PG_PORT" &
    children="$children $!"
}
starts() {
    "$CAPBUD" --dir "$DIR" >"$DIR.ready" 2>"$DIR.log" &
    SERVER=$!
    children="$children $SERVER"
    within 10 grep -q database-awaited "$DIR.log" || not_ok 'it waits, and says so' "$(cat "$DIR.log")"
}

site_new
PG_PORT=${DSN##*:} PG_PORT=${PG_PORT%%/*}
LATE=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

database_of "$LATE"
starts
sleep 2
same 'nothing is ready before the database' '' "$(cat "$DIR.ready")"
forwards "$LATE"
holds 'it starts when the database is there' within 20 grep -q '^ready https://' "$DIR.ready"
same 'the waiting is said once' 1 "$(grep -c database-awaited "$DIR.log")"
server_stop

database_of 1
starts
server_stop # at once, and with 0
expect 4 ctl --lang en audit verify
says 'capbuctl does not wait, and says that it is away' 'no connection'

# A role that is not there, a password that is not, and a wrong one.
database_of "$PG_PORT" nobody
expect 4 ctl --lang en audit verify
says 'an unknown user is refused' 'the server refuses this connection'
says 'in the words of the server' 'role "nobody" does not exist'
silent 'and not called busy' 'busy' "$ERR"
expect 4 ctl --lang vi audit verify
says 'in Vietnamese' 'kiểm tra tên người dùng'
quiet psql -qX "$CAPBU_TEST_PG" -c "CREATE ROLE locked LOGIN PASSWORD 'right-7781'" -c "COPY (SELECT 'host all locked all scram-sha-256'
    UNION ALL SELECT unnest(string_to_array(pg_read_file(current_setting('hba_file')), E'\n'))) TO '$(psql -qXtA "$CAPBU_TEST_PG" -c 'SHOW hba_file')'" \
    -c 'SELECT pg_reload_conf()'
database_of "$PG_PORT" locked
refused() { # refused NAME WORDS
    expect 4 ctl --lang en audit verify
    says "$1: refused" 'the server refuses this connection'
    says "$1: and why" "$2"
    silent "$1: the password is not shown" 'wrong-5512' "$OUT" "$ERR"
    timeout 20 "$CAPBUD" --dir "$DIR" >"$OUT" 2>"$ERR"
    same "$1: capbud does not wait" 1 $?
    says "$1: and says why" "$2"
}
refused 'no password' 'no password supplied'
printf '127.0.0.1:*:*:locked:wrong-5512\n' >"$HOME/.pgpass" && chmod 600 "$HOME/.pgpass"
refused 'a wrong password' 'password authentication failed'
finish
