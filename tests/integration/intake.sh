#!/usr/bin/env bash
# capbuctl import of files as spreadsheets leave them, made by programs that know nothing of us; of files that would
# change too much; with lists that cannot be written; stopped by ^C, by kill -9. And what --force may replace.
. "$(dirname "$0")/../lib/site.sh"

FILE=$TMP/in.csv
HEADER=contract,tax_code,name,province,device,contract_to,status,certificate

counts() { # counts ROWS ADDED CHANGED SAME REFUSED: of the last import --json
    same 'rows, added, changed, same, refused' "$1 $2 $3 $4 $5" \
        "$(jq -r '"\(.rows) \(.added) \(.changed) \(.same) \(.refused)"' "$OUT")"
}

stored() { # stored NAME COLUMN: of that subscriber
    sql "SELECT $2 FROM certs WHERE serial = '$(serial_of "$TMP/$1.pem")'"
}

# Each form of one subscriber's row is taken, and is the same row as it was.
sheets() {
    local form
    cp "$TMP/rows.csv" "$TMP/plain.csv"
    sed 's/"//g' "$TMP/plain.csv" | tr , ';' >"$TMP/semicolon.csv"
    { printf '\xff\xfe' && sed 's/"//g' "$TMP/plain.csv" | tr , '\t' | iconv -f UTF-8 -t UTF-16LE; } >"$TMP/utf16le.csv"
    { printf '\xfe\xff' && iconv -f UTF-8 -t UTF-16BE "$TMP/plain.csv"; } >"$TMP/utf16be.csv"
    { printf 'sep=;\r\n' && sed 's/$/\r/' "$TMP/semicolon.csv"; } >"$TMP/sep.csv"
    tr '\n' '\r' <"$TMP/plain.csv" >"$TMP/cr.csv"
    sed '1s/.*/\U&/; s/$/,,/' "$TMP/plain.csv" >"$TMP/columns.csv"
    { sed '1s/name/name\xc2\xa0/' "$TMP/plain.csv" && printf ',,,,,,,\n,,,,,,,\n'; } >"$TMP/rows-behind.csv"
    { echo "$HEADER" && printf 'HD-1,%s,"CÔNG TY a",01,v4,2021-07-16,active,"%s"\n' "$TAXA" "$(cat "$TMP/a.pem")"; } >"$TMP/pem.csv"
    { echo "$HEADER" && printf 'HD-1,%s,"CÔNG TY a",01,v4,2021-07-16,active,"%s"\n' "$TAXA" "$(b64_of "$TMP/a.pem" | fold -w 64)"; } >"$TMP/folded.csv"
    expect 0 ctl import "$TMP/plain.csv" --json
    counts 1 1 0 0 0
    for form in semicolon utf16le utf16be sep cr columns rows-behind pem folded; do
        expect 0 ctl import "$TMP/$form.csv" --json
        counts 1 0 0 1 0
    done
    expect 0 ctl --lang vi import "$TMP/utf16le.csv"
    says 'how it was read is told' 'UTF-16'
    says 'tabs too' 'cách nhau bằng tab'
    echo "$HEADER" >"$FILE"
    expect 6 ctl --lang vi import "$FILE"
    says 'a file with no record is told' 'bản xuất trống'
}

# What is no CSV is named for what it is, with how to get one; nothing is taken.
kinds() {
    local kind words before
    before=$(sql 'SELECT count(*) FROM certs')
    quiet ctl report --xlsx "$TMP/book.xlsx"
    cp "$TMP/book.xlsx" "$TMP/named.csv"
    gzip -c "$TMP/plain.csv" >"$TMP/packed.gz"
    printf '%%PDF-1.7\n' >"$TMP/list.pdf"
    printf '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on' >"$TMP/book.xls"
    printf '\xef\xbb\xbf\r\n<HTML><table>' >"$TMP/page.xls"
    python3 - "$TMP" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/book.ods', 'w') as z:
    z.writestr('mimetype', 'application/vnd.oasis.opendocument.spreadsheet')
with zipfile.ZipFile(sys.argv[1] + '/late.xlsx', 'w') as z: # its parts in another order than Excel's
    z.writestr('xl/media/image1.png', bytes(20000))
    z.writestr('xl/workbook.xml', '<workbook/>')
with zipfile.ZipFile(sys.argv[1] + '/packed.zip', 'w') as z:
    z.writestr('people.csv', 'contract')
PY
    while IFS='|' read -r kind words; do
        expect 6 ctl --lang vi import "$TMP/$kind"
        says "$kind is named, in Vietnamese" "đây là $words"
        expect 6 ctl --lang en import "$TMP/$kind" --dry-run
        says 'and told what to do' 'no CSV'
    done <<'LIST'
book.xlsx|sổ tính Excel (.xlsx), không phải CSV: mở bằng Excel
named.csv|sổ tính Excel (.xlsx)
late.xlsx|sổ tính Excel (.xlsx)
book.xls|sổ tính Excel 97 (.xls)
book.ods|bảng tính LibreOffice (.ods)
list.pdf|PDF
packed.gz|tệp nén gzip
packed.zip|tệp nén ZIP
page.xls|trang web hoặc XML
LIST
    same 'nothing of them is in' "$before" "$(sql 'SELECT count(*) FROM certs')"
}

# What a spreadsheet made of a cell is told by line, column and value.
spoilt() {
    local b64
    b64=$(b64_of "$TMP/a.pem")
    { echo "$HEADER"
        echo "HD,$TAXA,CÔNG TY a,01,v4,16/07/2021,active,$b64"
        echo "HD,$TAXA,CÔNG TY a,01,v4,44393,active,$b64"
        echo "HD,1.1E+09,CÔNG TY a,01,v4,2021-07-16,active,$b64"
        echo "HD,'$TAXA,CÔNG TY a,01,v4,2021-07-16,active,$b64"
        echo "HD,0109999999,CÔNG TY a,01,v4,2021-07-16,active,$b64"; } >"$FILE"
    expect 3 ctl import "$FILE" --json
    counts 5 0 0 0 5
    says 'a date written another way' '2,"contract_to: ""16/07/2021"": bảng tính đã viết ngày' "$FILE.refused.csv"
    says 'days that it counted' 'nghĩa là 2021-07-16' "$FILE.refused.csv"
    says 'a number made scientific' '4,"tax_code: ""1.1E+09"":' "$FILE.refused.csv"
    says 'an apostrophe' '5,"tax_code: ""'"'$TAXA" "$FILE.refused.csv"
    says "another's tax code, both named" '6,"tax_code: ""0109999999"": chứng thư số ghi MST:'"$TAXA" "$FILE.refused.csv"
    same 'each with its own row' 5 "$(grep -c ",active,$b64\$" "$FILE.refused.csv")"
    { echo "$HEADER" && echo "HD-1,$TAXA,CÔNG TY a,01,v4,2021-02-29,active,$b64"; } >"$FILE"
    expect 3 ctl import "$FILE"
    says 'a day that is in no calendar' 'không có ngày này' "$FILE.refused.csv"
    # What acts on a terminal is shown, also behind a NUL.
    { echo "$HEADER" && printf 'HD-1,%s,A\0B\033[31m\xe2\x80\xae,01,v4,2021-07-16,active,%s\n' "$TAXA" "$b64"; } >"$FILE"
    expect 3 ctl import "$FILE"
    says 'behind a NUL too' 'A�B�[31m�' "$FILE.refused.csv"
    # Its zeros lost, there is no doubt which is meant: what the certificate says is taken, and told.
    { echo "$HEADER" && echo "HD-1,${TAXA#0},CÔNG TY KHÁC,01,v4,2021-07-16,active,$b64"; } >"$FILE"
    expect 0 ctl import "$FILE" --json
    json 'lost zeros are told' '.warned == 1 and .refused == 0'
    says 'by line' 'MST:'"$TAXA" "$FILE.warnings.csv"
    same 'and the certificate is believed' "$TAXA" "$(stored a tax_code)"
    { echo "$HEADER" && echo "HD-1,$TAXA,CÔNG TY KHÁC,01,v4,2021-07-16,active,$b64"; } >"$FILE"
    expect 0 ctl --lang vi import "$FILE"
    says 'another name is told too' '2: name: "CÔNG TY KHÁC"; chứng thư số ghi "CÔNG TY a"'
}

# people N [SED]: rows of N certificates that differ by serial number (see import.sh), changed by SED.
people() {
    sed 's/"//g' "$TMP/rows.csv" | awk -v n="$1" -F, -v OFS=, 'NR == 1 { print } NR == 2 { c = $8
        for (i = 1; i <= n; i++) { $1 = "M-" i; $8 = substr(c, 1, 28) sprintf("%08d", i) substr(c, 37); print } }' | sed "${2:-}"
}

guard() {
    local before
    people 200 >"$FILE"
    expect 0 ctl import "$FILE" --json
    before=$(sql 'SELECT count(*) FROM certs')
    people 240 '2,31s/,active,/,suspended,/' >"$FILE"
    expect 5 ctl --lang vi import "$FILE"
    says 'a tenth stops, with what to do' '--changes N'
    says 'and the figures' "of $before certificates known, 30 would be changed (30 of them suspended or revoked) and 0 refused"
    says 'nothing is in' 'chưa ghi gì'
    same 'nothing is' "$before 0" "$(sql 'SELECT count(*) FROM certs') $(sql "SELECT count(*) FROM certs WHERE status = 'suspended'")"
    expect 0 ctl import "$FILE" --dry-run --json
    json 'a dry run says what it needs' '.needs_changes == 30 and .changed == 30 and .added == 40'
    expect 5 ctl import "$FILE" --changes 29
    expect 0 ctl import "$FILE" --changes 30 --json
    counts 240 40 30 170 0
    same 'then it is done' 30 "$(sql "SELECT count(*) FROM certs WHERE status = 'suspended'")"
    people 240 '2,31s/,2021-07-16,/,16\/07\/2021,/' >"$FILE"
    expect 5 ctl --lang en import "$FILE"
    says 'so do refusals of what is known' 'and 30 refused'
    expect 2 ctl import "$FILE" --changes some
    ctl audit export >"$TMP/audit"
    holds 'the audit has both' jq -se '[.[] | select(.kind == "import" and .detail.stopped != null)] | length >= 3' "$TMP/audit"
}

lists() {
    local list=$TMP/list.csv
    { echo "${HEADER//,/;}" && echo 'HD;12;"A; B";01;v4;2021-07-16;active;AAAA'; } >"$FILE"
    expect 3 ctl import "$FILE" --refused "$list"
    same "with the file's own separator and columns" "line;reason;${HEADER//,/;}" "$(head -n 1 "$list")"
    says 'and the row itself' ';HD;12;"A; B";01;v4;2021-07-16;active;AAAA' "$list"
    expect 2 ctl import "$FILE" --refused - --json
    expect 3 ctl import "$FILE" --refused -
    says 'to standard output too' '2;"tax_code:'
    expect 4 ctl import "$FILE" --refused "$TMP/no/such/list.csv"
    expect 5 ctl import "$FILE" --refused "$FILE" --force
    expect 5 ctl import "$FILE" --refused "$DIR/campaign.conf" --force
    echo 'my own words' >"$TMP/words"
    expect 5 ctl import "$FILE" --refused "$TMP/words"
    expect 3 ctl import "$FILE" --refused "$TMP/words" --force
    says 'by force it goes there' 'line;reason' "$TMP/words"
    [ "$(id -u)" = 0 ] && unwritable
}

# The service's user, and a folder of the operator's which that user may read only.
unwritable() {
    local before
    [ "$BACKEND" = sqlite ] || return 0
    mkdir -p "$TMP/share" && cp "$TMP/rows.csv" "$TMP/share/good.csv"
    { cat "$TMP/rows.csv" && echo 'HD-9,12,X,01,v4,2021-07-16,active,AAAA'; } >"$TMP/share/bad.csv"
    chmod 755 "$TMP" && chown -R nobody "$DIR"
    before=$(sql 'SELECT count(*) FROM audit')
    expect 0 as_nobody import "$TMP/share/good.csv"
    expect 4 as_nobody import "$TMP/share/bad.csv"
    says 'what is wrong with the row is told' 'Line 3: tax_code: "12"'
    expect 3 as_nobody import "$TMP/share/bad.csv" --refused -
    chown -R root "$DIR"
}
as_nobody() {
    setpriv --reuid nobody --regid nogroup --clear-groups "$CAPBUCTL" --dir "$DIR" --lang en "$@"
}

last_part() { # how many rows are in, by the audit's last word
    ctl audit export | jq -sr '[.[] | select(.kind == "import-part")][-1].detail.added'
}
some_are_in() {
    [ "$(sql 'SELECT count(*) FROM certs')" -gt 1000 ]
}

stops() {
    local pid status n
    site_new
    people 60000 >"$TMP/many.csv"
    # What a shell starts in the background ignores ^C: this one must not.
    python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' \
        "$CAPBUCTL" --dir "$DIR" --lang vi import "$TMP/many.csv" >"$OUT" 2>"$ERR" &
    pid=$!
    within 60 some_are_in
    kill -INT "$pid"
    wait "$pid"
    status=$?
    same '^C ends it with 4' 4 "$status"
    n=$(sql 'SELECT count(*) FROM certs')
    says 'and says how much is in' "$n dòng mới và 0 dòng thay đổi đã được ghi; chạy lại là an toàn"
    same 'so does the audit' "interrupted $n" \
        "$(ctl audit export | jq -r 'select(.kind == "import") | "\(.detail.stopped) \(.detail.added)"')"
    below_all "$n"
    site_new
    "$CAPBUCTL" --dir "$DIR" import "$TMP/many.csv" >"$OUT" 2>"$ERR" &
    pid=$!
    within 60 some_are_in
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    n=$(sql 'SELECT count(*) FROM certs')
    below_all "$n"
    same 'killed, the audit has it exactly' "$n" "$(last_part)"
    expect 0 ctl import "$TMP/many.csv" --json
    counts 60000 $((60000 - n)) 0 "$n" 0
    expect 0 ctl audit verify
}
below_all() { # the import was really cut off
    if [ "$1" -gt 0 ] && [ "$1" -lt 60000 ]; then ok "cut off at $1"; else not_ok 'cut off half way' "$1 of 60000"; fi
}

# What an output takes the place of.
outputs() {
    local book=$TMP/book.xlsx
    echo 'my own words' >"$TMP/mine"
    expect 5 ctl report --csv "$TMP/mine"
    expect 0 ctl report --csv "$TMP/mine" --force
    expect 0 ctl report --csv "$TMP/mine"
    expect 0 ctl report --xlsx "$book"
    holds 'another program reads it' python3 -c 'import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None' "$book"
    expect 0 ctl report --xlsx "$book"
    python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("a", "mine")' "$TMP/own.xlsx"
    expect 5 ctl report --xlsx "$TMP/own.xlsx"
    for name in capbud.conf campaign.conf tls.pem new-ca.key ${DSN:-capbu.db-wal}; do
        [[ $name != postgresql:* ]] || continue
        sha256sum "$DIR/$name" >"$TMP/sum" 2>/dev/null
        expect 5 ctl screen --csv "$DIR/$name" --force
        sha256sum "$DIR/$name" 2>/dev/null | cmp -s - "$TMP/sum" || not_ok "$name is left alone"
    done
    ln -s "$TMP/mine" "$TMP/link"
    expect 2 ctl report --csv "$TMP/link" --force
}

site_new
subscriber a
TAXA=$TAX
sheets
kinds
spoilt
guard
lists
outputs
stops
finish
