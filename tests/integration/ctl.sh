#!/usr/bin/env bash
# capbuctl by itself: an init that fails leaves nothing behind and can be given again.
. "$(dirname "$0")/../lib/site.sh"

# other_sql STATEMENT: in the database that the next init is pointed to.
other_sql() {
    if [ "$BACKEND" = pg ]; then
        psql -qXtA "$DSN" -c "$1"
    else
        sqlite3 -cmd '.timeout 5000' "$DSN" "$1"
    fi
}

tables() {
    if [ "$BACKEND" = pg ]; then
        other_sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    else
        other_sql "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
    fi
}

init() {
    "$CAPBUCTL" init --dir "$DIR" --drill --listen 127.0.0.1:0 "$@"
}

nothing_left() { # nothing_left WHAT: neither DIR nor a half-built one beside it
    same "$1: no folder is left" 0 "$(find "$TMP" -maxdepth 1 -name 'alone*' | wc -l)"
}

init_all_or_nothing() {
    DIR=$TMP/alone
    database_new
    [ "$BACKEND" = pg ] || DSN=$TMP/elsewhere.db
    other_sql 'CREATE TABLE issued (theirs TEXT)' # in the way of the schema, after its first tables
    expect 4 init --database "$DSN"
    nothing_left 'a database with tables of others'
    same 'its tables are those it had' 1 "$(tables)"
    expect 6 init --database "$DSN" --campaign "$TMP/pin"
    nothing_left 'an unusable campaign file'
    other_sql 'DROP TABLE issued'
    expect 0 init --database "$DSN"
    expect 0 ctl check-config
    expect 0 ctl audit verify
    expect 5 init --database "$DSN" # DIR is in use
    expect 0 ctl audit verify
    DIR=$TMP/alone2
    expect 5 init --database "$DSN" # the database is
    same 'no second folder is left' 0 "$(find "$TMP" -maxdepth 1 -name 'alone2*' | wc -l)"
    DIR=$TMP/alone
    expect 0 ctl audit verify
}

init_all_or_nothing
finish
