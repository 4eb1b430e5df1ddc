#!/usr/bin/env bash
# capbuctl check-config: finds what capbud could not write and what others can change, and tells all of it in one place.
. "$(dirname "$0")/../lib/site.sh"

# What capbud could not write is a fault, although it can be read; what root makes is the service's.
as_service() {
    setpriv --reuid daemon --regid daemon --clear-groups "$CAPBUCTL" --dir "$DIR" --lang en "$@"
}
unwritable_told() { # unwritable_told NAME TEXT
    expect 6 as_service check-config
    says "$1: told" "$2" "$OUT"
    silent "$1: and not called usable" 'configuration is usable' "$OUT" "$ERR"
}
not_to_write() {
    [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && id daemon >/dev/null 2>&1 || return 0
    chmod 711 "$TMP"
    site_new
    chown -R daemon:daemon "$DIR"
    expect 0 as_service check-config
    rm "$DIR/signed.journal"
    quiet ctl journal new
    same 'the journal is the owner of the folder'"'"'s' daemon:daemon "$(stat -c %U:%G "$DIR/signed.journal")"
    expect 0 as_service check-config
    chown root "$DIR/signed.journal"
    unwritable_told 'a journal of root'"'"'s' 'signed.journal cannot be written'
    chown daemon "$DIR/signed.journal"
    [ "$BACKEND" = sqlite ] || return 0
    chmod a-w "$DIR/capbu.db"
    unwritable_told 'a database that can only be read' 'can only be read here'
    chmod u+w "$DIR/capbu.db"
    rm -f "$DIR"/capbu.db-*
    chown root "$DIR" && chmod 755 "$DIR"
    unwritable_told 'a folder that cannot be written' 'database'
}

# Whatever is wrong stands on standard output, and the status is 6.
books_told() { # books_told NAME TEXT
    expect 6 ctl --lang en check-config
    says "$1: on standard output" "$2" "$OUT"
    expect 6 ctl --lang en check-config --json
    json "$1: in JSON" ".usable == false and any(.findings[]; .kind == \"error\" and (.text | test(\"$2\")))" "$OUT"
}
books_in_check() {
    site_new
    quiet ctl drill population --count 5 --csv "$TMP/books.csv"
    quiet ctl import "$TMP/books.csv"
    mv "$DIR/seal.key" "$TMP/away.key"
    books_told 'no seal key' 'there is no seal key'
    mv "$TMP/away.key" "$DIR/seal.key"
    sql "UPDATE certs SET contract_to = contract_to + 1000 WHERE id = 1" >/dev/null
    books_told 'a record changed' 'behind capbu'
    sql "UPDATE certs SET contract_to = contract_to - 1000 WHERE id = 1" >/dev/null
    expect 0 ctl check-config
    sql "UPDATE audit SET actor = 'nobody' WHERE seq = 1" >/dev/null
    books_told 'a line changed' 'the audit chain is broken at line 1'
}

# What is believed as it stands, and others can change: a warning, and a line of the log.
open_to_others() {
    local mode
    site_new
    chmod 770 "$DIR"
    expect 0 ctl --lang en check-config
    silent 'a group may share the folder' 'others can change' "$OUT" "$ERR"
    open_told() { # open_told FILE MODES BACK ADVICE
        for mode in $2; do
            chmod "$mode" "$1"
            expect 0 ctl --lang en check-config
            says "$(basename "$1"), $mode: told" "others can change what this installation believes: chmod $4 $1" "$OUT"
        done
        timeout 5 "$CAPBUD" --dir "$DIR" >"$OUT" 2>"$ERR"
        says "$(basename "$1"): in the log" "chmod $4 $1"
        chmod "$3" "$1"
    }
    open_told "$DIR" 777 700 o-w
    open_told "$DIR/campaign.conf" '646 664' 644 go-w
    open_told "$DIR/capbud.conf" '646 664' 644 go-w
    [ "$BACKEND" = pg ] || open_told "$DIR/capbu.db" '602 660' 600 go-w
    chmod 646 "$DIR/campaign.conf"
    expect 0 ctl --lang vi check-config
    says 'in Vietnamese' 'người khác trên máy này sửa được'
    chmod 644 "$DIR/campaign.conf"
}

not_to_write
books_in_check
open_to_others
finish
