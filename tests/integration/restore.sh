#!/usr/bin/env bash
# Yesterday's copy is put back: nobody gets a second certificate, what is missing is named, and it comes back from clients,
# from certificate files and from an export. Then the journal itself is lost, older, broken, locked, or finds no room.
. "$(dirname "$0")/../lib/site.sh"
. "$here/backup.sh"

both() { # both NAME: the serial numbers on that token are the old one's and the new one's
    same "$1: its token has the old one and the one new" "$(printf '%s\n' "$(serial_of "$TMP/$1.pem")" "$(serial_of "$TMP/$1.first.pem")" | sort)" \
        "$(token_serials "$1")"
}

# keep NAME: what was issued for it, as a file.
keep() {
    certs_on "$1"
    cert_read "$1" "$1 [2021-07-16]" "$TMP/$1.first.pem"
}

lost() { # lost NAME: check says so
    check_of "$TMP/$1.pem" >"$OUT"
    json "$1: it was issued before, says check" '.verdict == "refused" and .reasons == ["issued-before"] and .successor_wanted and
        (.message | test("được khôi phục"))'
}

stored() { # the new serial numbers that are recorded
    sql 'SELECT new_serial FROM issued WHERE issued_at IS NOT NULL ORDER BY new_serial'
}

missing() { # missing N: how many capbuctl recover knows to be missing
    ctl recover --json >"$OUT"
    json "$1 are missing" ".missing == $1"
}

stays_away() { # stays_away STATUS WHAT TEXT: capbud does not start
    timeout 30 "$CAPBUD" --dir "$DIR" >"$OUT" 2>"$ERR"
    same "$2: capbud does not start" "$1" $?
    says "$2: it says why" "$3"
}

site_new
for name in old client file export nobody; do
    subscriber "$name"
    token_of "$name"
done
expect 0 ctl import "$TMP/rows.csv"
quiet backup none
server_start
tokens_use old
expect 0 renew
quiet backup yesterday
cp "$DIR/signed.journal" "$TMP/journal.yesterday"
for name in client file export; do
    tokens_use "$name"
    expect 0 renew
    keep "$name"
done
# The one of `nobody` reaches nobody: it is asked for with OpenSSL, and thrown away.
openssl cmp -config '' -cmd kur -server "${URL#https://}" -path .well-known/cmp -tls_used -tls_trusted "$DIR/server-ca.pem" \
    -trusted "$DIR/new-ca.pem" -partial_chain -attime "$(site_now)" -cert "$TMP/nobody.pem" -key "$TMP/nobody.key" \
    -certout "$TMP/nobody.first.pem" -batch >"$OUT" 2>"$ERR" || not_ok 'OpenSSL renews nobody' "$(tail -n 2 "$ERR")"
sql "UPDATE issued SET channel = 'am', holder = 'AM-007' WHERE old_serial = '$(serial_of "$TMP/export.pem")'" # who helped
expect 0 ctl export --csv "$TMP/export.csv"
stored >"$TMP/stored"
same 'five were issued' 5 "$(wc -l <"$TMP/stored")"
same 'the journal has a head and 64 bytes for each' $((6 * 64)) "$(stat -c %s "$DIR/signed.journal")"
server_stop

quiet put_back yesterday
expect 0 ctl --lang en check-config
says 'check-config says how many are missing' '4 certificates were signed that it does not have'
for name in client file export nobody; do says "and names $name's" "the new certificate of $(serial_of "$TMP/$name.pem")"; done
expect 3 ctl recover
missing 4
cp -p "$TMP/export.csv" "$TMP/daily.csv"
expect 5 ctl --lang en export --csv "$TMP/daily.csv"
says 'an export that has more is not replaced' "capbuctl recover $TMP/daily.csv"
holds 'it stays as it was' cmp -s "$TMP/export.csv" "$TMP/daily.csv"
expect 0 ctl export --csv "$TMP/daily.csv" --force
same 'unless somebody forces it' 2 "$(wc -l <"$TMP/daily.csv")"
expect 0 ctl export --csv "$TMP/daily.csv"
server_start
says 'the log says it too' 'is older than the journal' "$DIR.log"
same 'it is ready all the same' 200 "$(status_of /readyz)"
json 'with a note' '.notes | any(test("capbuctl recover"))'
for name in client file export nobody; do lost "$name"; done
tokens_use nobody
expect 10 renew
says 'a renewal is refused in clear words' 'was issued before'
same 'and nothing was reserved for it' 1 "$(sql 'SELECT count(*) FROM issued')"

# Its holder comes back: the certificate on the token is what the server lacks.
tokens_use client
expect 0 client check
same 'the check has brought it back' 2 "$(stored | wc -l)"
expect 0 renew
both client
# A file off a token. What is no missing one is left alone: another's, the CA's own, one that somebody made up.
cat "$TMP/file.first.pem" "$DIR/new-ca.pem" "$TMP/old.pem" >"$TMP/bundle.pem"
expect 3 ctl --lang en recover "$TMP/bundle.pem"
says 'one of three' '1 of 3 certificates brought back; 2 are none of the missing ones'
missing 2
# A stranger shows a certificate, for it is public; an export knows more. Twice is once.
check_of "$TMP/export.first.pem" >"$OUT"
missing 1
same 'who showed it may be anybody, who has the command is named' '1 capbuctl 2 stranger' \
    "$(sql "SELECT actor FROM audit WHERE kind = 'recovered'" | sed 's/:.*//' | sort | uniq -c | xargs)"
expect 0 ctl --lang en recover "$TMP/export.csv"
says 'what was there without its credit is completed' 'are completed: channel, helper, times, confirmation'
expect 0 ctl --lang en recover "$TMP/export.csv"
silent 'once only' 'are completed' "$OUT"
missing 0
told() { # of those in an export: all but the certificate; the client's holder has confirmed it anew
    sed 1d "$1" | grep -v "^$(serial_of "$TMP/client.pem")" | cut -d, -f1-7,9 | sort
}
expect 0 ctl export --csv "$TMP/export.again.csv"
same 'the stranger has taken nobody the credit or the times' "$(told "$TMP/export.csv")" "$(told "$TMP/export.again.csv")"
same 'all are recorded again, and no others' "$(cat "$TMP/stored")" "$(stored)"
same 'a confirmed one of the export is confirmed again, with its receipt' 1 \
    "$(sql "SELECT count(*) FROM issued WHERE old_serial = '$(serial_of "$TMP/export.pem")' AND confirmed_at IS NOT NULL AND receipt IS NOT NULL")"
expect 0 ctl audit verify
for name in file export; do
    tokens_use "$name"
    expect 0 renew
    both "$name"
done
tokens_use nobody
expect 0 renew
keep nobody
both nobody
same 'still these, and no others' "$(cat "$TMP/stored")" "$(stored)"
same 'and nothing was signed twice' $((6 * 64)) "$(stat -c %s "$DIR/signed.journal")"
expect 2 ctl recover "$TMP/rows.csv" "$TMP/none" three four
expect 6 ctl recover "$TMP/rows.csv"
expect 4 ctl recover "$TMP/none.pem"

# Two signers on one journal.
first=$DIR dsn=$DSN
BACKEND=sqlite site_new
conf_set capbud.conf signed_journal "\"$first/signed.journal\""
conf_set capbud.conf seal_key "\"$first/seal.key\""
stays_away 1 'a second signer' 'another signer writes the journal'
DIR=$first DSN=$dsn
server_stop

# The journal is an older one, is lost, is another installation's, is changed.
cp "$DIR/signed.journal" "$TMP/journal.whole"
cp "$TMP/journal.yesterday" "$DIR/signed.journal"
expect 0 ctl --lang en check-config
says 'an older journal is said' 'the journal is older than the database: 4 certificates'
expect 0 ctl --lang en journal add
says 'and what it lacks is entered' '4 entries written, 1 were there'
cp "$TMP/journal.yesterday" "$DIR/signed.journal" # journal.sh has what capbud does about it
expect 5 ctl journal new
rm "$DIR/signed.journal"
stays_away 4 'no journal' 'capbuctl journal new'
expect 6 ctl check-config
expect 0 ctl --lang en journal new
says 'a new one has what the database has' '5 entries written'
expect 0 ctl check-config
byte=$(od -An -tu1 -j 150 -N 1 "$DIR/signed.journal")
printf '%b' "\\0$(printf %o $((byte ^ 1)))" | dd of="$DIR/signed.journal" bs=1 seek=150 conv=notrunc 2>/dev/null
stays_away 6 'a changed journal' 'entry 2 of 5 does not hold'
cp "$TMP/journal.whole" "$DIR/signed.journal"
cp "$DIR/seal.key" "$TMP/seal.key"
rm "$DIR/seal.key"
cp "$TMP/site2/seal.key" "$DIR/seal.key"
stays_away 6 'another seal key' 'sealed with another key'
cp "$TMP/seal.key" "$DIR/seal.key"
head -c 330 "$TMP/journal.whole" >"$DIR/signed.journal"
server_start
says 'a torn end is cut off and said' 'are cut off' "$DIR.log"
whole() { [ "$(stat -c %s "$DIR/signed.journal")" = 384 ]; }
if within 20 whole; then ok 'back to whole entries, and the one that was torn is entered again'; else not_ok 'back to whole entries'; fi
server_stop
cp "$TMP/journal.whole" "$DIR/signed.journal"

# The database is an old one and the journal made anew: files prove that both are behind.
quiet put_back none
rm "$DIR/signed.journal"
expect 0 ctl --lang en journal new
says 'an empty journal is warned of' 'WARNING: this journal is EMPTY'
expect 0 ctl journal add
silent 'which is for a new one only' 'TRỐNG' "$OUT"
server_start
expect 3 ctl --lang en recover "$TMP/export.csv"
says 'while capbud has the journal nothing can be entered, says it aloud' 'WARNING: 5 issued certificates are in neither'
says 'and why' 'another signer writes the journal'
silent 'and all is not well' 'no signed certificate is missing' "$OUT"
server_stop
cat "$TMP/file.first.pem" "$DIR/new-ca.pem" "$TMP/old.pem" >"$TMP/bundle.pem"
expect 0 ctl --lang en recover "$TMP/bundle.pem"
says 'by its key one off a token is known' '1 were in neither journal nor database'
says 'what is none of ours is left alone' '2 are none of the missing ones'
# As a spreadsheet saves it: semicolons, UTF-16, and the tax codes without their zeros.
awk -F, -v OFS=';' 'NR > 1 { sub(/^0+/, "", $3) } { $1 = $1; print }' "$TMP/export.csv" | iconv -f UTF-8 -t UTF-16 >"$TMP/saved.csv"
expect 0 ctl --lang en recover "$TMP/saved.csv"
says 'an export that was saved anew brings the others' '4 were in neither journal nor database'
says 'all are in the journal' 'no signed certificate is missing: 5 entries'
expect 0 ctl --lang en recover "$TMP/export.csv"
silent 'once' 'in neither' "$OUT"
same 'all are recorded again' "$(cat "$TMP/stored")" "$(stored)"
same 'and in the journal' $((6 * 64)) "$(stat -c %s "$DIR/signed.journal")"
expect 0 ctl check-config
expect 0 ctl audit verify
server_start
tokens_use export
expect 0 renew
both export
server_stop

# Another certificate stands where the one that was signed belongs: it is told, and stays told.
sql "UPDATE issued SET der = (SELECT der FROM issued WHERE old_serial = '$(serial_of "$TMP/old.pem")') WHERE old_serial = '$(serial_of "$TMP/file.pem")'"
expect 3 ctl --lang en recover "$TMP/file.first.pem"
says 'it cannot be brought back' '1 that are missing CANNOT be brought back'
missing 1
finish
