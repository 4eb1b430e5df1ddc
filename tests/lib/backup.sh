# shellcheck shell=bash
# Copies of the current installation's database, made while capbud runs or not, and put back while it does not.

backup() { # backup NAME
    if [ "$BACKEND" = pg ]; then
        pg_dump --format=custom --file="$TMP/backup.$1" "$DSN"
    else
        sqlite3 -cmd '.timeout 10000' "$DIR/capbu.db" ".backup '$TMP/backup.$1'"
    fi
}

put_back() { # put_back NAME
    if [ "$BACKEND" = pg ]; then
        psql -qX "$CAPBU_TEST_PG" -c "DROP DATABASE ${DSN##*/} WITH (FORCE)" -c "CREATE DATABASE ${DSN##*/}" &&
            pg_restore --dbname="$DSN" "$TMP/backup.$1"
    else
        rm -f "$DIR/capbu.db-wal" "$DIR/capbu.db-shm"
        cp "$TMP/backup.$1" "$DIR/capbu.db"
    fi
}
