#!/usr/bin/env bash
# A copy of an installation where nothing can be written (a disc, a backup mounted read-only; without root a folder without
# the right to write): it can be audited and reported on, and says so when something would be written. SQLite's alone.
. "$(dirname "$0")/../lib/site.sh"

site_new
subscriber a
subscriber b device=v1
expect 0 ctl import "$TMP/rows.csv"

# sealed COPY: a copy of $DIR that cannot be written, with what lies beside the database now.
sealed() {
    mkdir "$TMP/$1"
    if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=32m tmpfs "$TMP/$1" 2>/dev/null; then
        mounted="$TMP/$1 ${mounted:-}"
        cp -r "$DIR" "$TMP/$1/site" && mount -o remount,ro "$TMP/$1"
    elif [ "$(id -u)" = 0 ]; then
        echo 'skipped: root may write everywhere, and cannot mount here'
        exit 77
    else
        cp -r "$DIR" "$TMP/$1/site" && chmod -R a-w "$TMP/$1/site"
    fi
    COPY=$TMP/$1/site
}
mounted=
unseal() {
    local place
    for place in $mounted; do umount "$place"; done
    mounted=
    chmod -R u+w "$TMP"
}
trap 'unseal; tidy' EXIT
copy() {
    "$CAPBUCTL" --dir "$COPY" --lang en "$@"
}

timeless() { sed 's/"as_of":"[^"]*"//' "$1"; } # a report says when it was made

# read_all WHAT: everything that only looks; the copy says the same as the original.
read_all() {
    local command
    expect 0 copy audit verify
    for command in 'audit export' 'screen --as-of 2020-03-20 --json' 'report --json' 'phase list --json'; do
        # shellcheck disable=SC2086 # words
        ctl $command >"$TMP/original" 2>"$ERR"
        # shellcheck disable=SC2086
        expect 0 copy $command
        same "$1: $command as the original" "$(timeless "$TMP/original")" "$(timeless "$OUT")"
    done
    expect 0 copy screen --csv "$TMP/screen.csv"
    expect 0 copy export --csv "$TMP/export.csv"
    expect 4 copy phase halt p1
    says "$1: what would write says why not" 'can only be read here'
}

ctl phase list >"$TMP/phases" 2>&1
sealed stopped
read_all 'a copy of an installation at rest'
server_start
check_of "$TMP/a.pem" >"$OUT"
quiet sql "UPDATE meta SET value = '' WHERE key = 'ping'" # something stands in the log only
sealed running
holds 'the log beside the database came along' test -s "$COPY/capbu.db-wal"
expect 0 copy audit verify
server_stop
read_all 'a copy of an installation in use'
timeout 20 "$CAPBUD" --dir "$COPY" >"$OUT" 2>"$ERR"
differs 'capbud does not serve it' 0 $?
unseal
finish
