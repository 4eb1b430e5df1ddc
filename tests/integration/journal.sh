#!/usr/bin/env bash
# The journal that a start finds is older than its database: capbud completes it before the first signature, so that no old
# certificate ever has two signed sets of bytes, whichever copy is put back in which order. What cannot be proven stops it.
. "$(dirname "$0")/../lib/site.sh"
. "$here/backup.sh"

entries() { # in the journal
    echo $(($(stat -c %s "$DIR/signed.journal") / 64 - 1))
}

ready() {
    [ "$(status_of /readyz)" = 200 ]
}

# issued_to NAME: the digest of the new certificate that is recorded for it.
issued_to() {
    ctl export --csv "$TMP/look.csv" --force >/dev/null 2>&1
    grep "^$(serial_of "$TMP/$1.pem")," "$TMP/look.csv" | cut -d, -f8 | sha256sum | cut -c1-16
}

site_new
for name in a b c d; do
    subscriber "$name"
    token_of "$name"
done
expect 0 ctl import "$TMP/rows.csv"
server_start
tokens_use a
expect 0 renew
quiet backup early
cp "$DIR/signed.journal" "$TMP/journal.early"
for name in b c; do
    tokens_use "$name"
    expect 0 renew
done
first_b=$(issued_to b) first_c=$(issued_to c)
server_kill

# An older journal, the newest database: it is completed, and renewals go on.
cp "$TMP/journal.early" "$DIR/signed.journal"
server_start
if within 20 ready; then ok 'the server becomes ready'; else not_ok 'the server becomes ready' "$(cat "$OUT")"; fi
json 'with nothing to note of the journal' '.notes | any(test("journal")) | not'
same 'the journal has what it lacked' 3 "$(entries)"
says 'which the log says' 'journal-completed' "$DIR.log"
tokens_use d
expect 0 renew
server_kill
cp "$DIR/signed.journal" "$TMP/journal.now"

# Then the older database too: nobody gets a second one.
quiet put_back early
server_start
for name in b c d; do
    check_of "$TMP/$name.pem" >"$OUT"
    json "$name: it was issued before, says check" '.reasons == ["issued-before"]'
done
tokens_use b
expect 0 renew
same 'b has the one it had' "$first_b" "$(issued_to b)"
same 'and the journal has four still' 4 "$(entries)"
python3 "$here/journal.py" "$DIR/signed.journal" "$DIR/old-ca.pem" >"$OUT"
says 'none twice' 'verdict twice 0 other 0'

# What capbuctl brings back while it serves is seen without a restart.
same 'it is ready' 200 "$(status_of /readyz)"
json 'with a note of what is missing' '.notes | any(test("capbuctl recover"))'
printf '%s\n%s\n' "$(head -n 1 "$TMP/look.csv")" "" | sed '/^$/d' >"$TMP/c.csv"
for name in c d; do
    tokens_use "$name"
    certs_on "$name"
    cert_read "$name" "$name [2021-07-16]" "$TMP/$name.first.pem"
done
cat "$TMP/c.first.pem" "$TMP/d.first.pem" >"$TMP/bundle.pem"
expect 0 ctl --lang en recover "$TMP/bundle.pem"
none_missing() { ready && jq -e '.notes | any(test("capbuctl recover")) | not' "$OUT"; }
if within 20 none_missing; then ok 'soon the note is gone'; else not_ok 'soon the note is gone' "$(cat "$OUT")"; fi
same 'c has the one it had' "$first_c" "$(issued_to c)"
server_kill

# A certificate that the CA never signed is not entered, and until an operator looks at it nothing is signed.
cp "$TMP/journal.early" "$DIR/signed.journal"
sql "UPDATE issued SET der = (SELECT der FROM certs WHERE certs.id = issued.old_id) WHERE old_serial = '$(serial_of "$TMP/c.pem")'"
subscriber e
token_of e
expect 0 ctl import "$TMP/rows.csv"
server_start
tokens_use e
expect 30 renew
same 'nothing is reserved' 0 "$(sql "SELECT count(*) FROM issued WHERE old_serial = '$(serial_of "$TMP/e.pem")'")"
same 'it is not ready' 503 "$(status_of /readyz)"
json 'and says why' '.reasons | any(test("the journal is older than the database"))'
same 'what can be proven is entered' 3 "$(entries)"
says 'the log names what cannot' "$(serial_of "$TMP/c.pem")" "$DIR.log"
check_of "$TMP/e.pem" >"$OUT"
json 'check still answers' '.verdict == "eligible"'
tokens_use b
expect 0 renew
server_kill
cp "$TMP/journal.now" "$DIR/signed.journal"
server_start
within 20 ready || not_ok 'with the newest journal it is ready' "$(cat "$OUT")"
tokens_use e
expect 0 renew
finish
