#!/usr/bin/env bash
# capbuctl import: every kind of bad row is refused by its line, the good rows are in, and again changes nothing.
. "$(dirname "$0")/../lib/site.sh"

FILE=$TMP/in.csv
HEADER=contract,tax_code,name,province,device,contract_to,status,certificate
: "${IMPORT_ROWS:=100000}"
LIMIT_KIB=$((100 * 1000000 / 1024))
if grep -q __asan_init "$CAPBUCTL"; then LIMIT_KIB=$((LIMIT_KIB * 6)); fi # AddressSanitizer keeps what was freed

row() { # row NAME [COLUMN=VALUE]...: a good row of that subscriber, with those columns changed
    local contract=HD-$1 tax_code=0101234567 name="CÔNG TY $1" province=01 device=v4 contract_to=2021-07-16 status=active
    local certificate pair
    certificate=$(b64_of "$TMP/$1.pem")
    shift
    for pair in "$@"; do local "${pair%%=*}=${pair#*=}"; done
    printf '%s,%s,%s,%s,%s,%s,%s,%s\n' "$contract" "$tax_code" "$name" "$province" "$device" "$contract_to" "$status" "$certificate"
}

counts() { # counts ROWS ADDED CHANGED SAME REFUSED: of the last import --json
    same 'rows, added, changed, same, refused' "$1 $2 $3 $4 $5" \
        "$(jq -r '"\(.rows) \(.added) \(.changed) \(.same) \(.refused)"' "$OUT")"
}

# refused_at LINE WORD: the list of refusals has that line with that reason.
refused_at() {
    if grep -qE "^$1,\"?$2" "$FILE.refused.csv"; then ok "line $1 is refused: $2"; else not_ok "line $1 is refused: $2" "$(grep -E "^$1," "$FILE.refused.csv" | head -c 300)"; fi
}

# bad WORD TEXT: appends a record that must be refused with that reason; remembers its line.
declare -a WANTED=()
bad() {
    WANTED+=("$(($(wc -l <"$FILE") + 1)) $1")
    printf '%s\n' "$2" >>"$FILE"
}

every_kind() {
    local want good=0
    echo "$HEADER" >"$FILE"
    row a >>"$FILE"
    bad not-utf8 "$(row x name=$'CONG TY \xc3\x28')"
    bad not-utf8 "$(row x name=$'CONG TY \xed\xa0\x80')"
    bad bad-quote "$(row x 'name="CONG TY" X')"
    bad bad-quote "$(row x 'name=CONG "TY')"
    row b >>"$FILE"
    bad bad-quote "$(row x 'name="never closed')"
    row c >>"$FILE"
    bad line-break "$(row x name=$'"two\nlines"')"
    bad control-character "$(row x name=$'BELL\a')"
    bad record: "$(row x | cut -d, -f1-7)"
    bad record: "$(row x),more"
    bad too-many-fields "$(printf ',%.0s' {1..100})"
    bad contract_to "$(row x contract_to=2021-02-30)"
    bad contract_to "$(row x contract_to=16/07/2021)"
    bad contract_to "$(row x contract_to=)"
    bad province "$(row x province=00)"
    bad province "$(row x province=1)"
    bad province "$(row x 'province=Hà Nội')"
    bad device "$(row x device=v7)"
    bad status "$(row x status=Active)"
    bad tax_code "$(row x tax_code=12345678)"
    bad tax_code "$(row x tax_code=0101234567-01)"
    bad contract "$(row x contract=)"
    bad name "$(row x "name=$(printf 'A%.0s' {1..600})")"
    bad certificate "$(row x certificate=)"
    bad certificate "$(row x 'certificate=@@@@')"
    bad certificate "$(row x certificate=aGVsbG8gd29ybGQ=)"
    bad certificate "$(row x "certificate=$(b64_of "$TMP/x.pem" | head -c 400)")"
    bad duplicate "$(row a contract_to=2022-01-01)"
    bad tax_code "$(row x 'contract==1+1' tax_code=x)"
    bad tax_code "$(row x 'contract=@SUM' tax_code=-1)"
    row a >>"$FILE" # the same row again: unchanged, not refused
    WANTED+=("$(($(wc -l <"$FILE") + 1)) control-character")
    printf 'HD-\0,0101234567,x,01,v4,2021-07-16,active,x\n' >>"$FILE"
    WANTED+=("$(($(wc -l <"$FILE") + 1)) too-long")
    { printf 'HD-x,0101234567,'; head -c 10000000 /dev/zero | tr '\0' A; printf ',01,v4,2021-07-16,active,x\n'; } >>"$FILE"
    row d >>"$FILE"
    expect 3 ctl import "$FILE" --json
    counts "$((${#WANTED[@]} + 5))" 4 0 1 "${#WANTED[@]}"
    same 'the list of refusals begins as it must' 'line,reason' "$(head -n 1 "$FILE.refused.csv" | cut -d, -f1,2)"
    for want in "${WANTED[@]}"; do refused_at "${want% *}" "${want#* }"; done
    good=$(sql 'SELECT count(*) FROM certs')
    same 'the good rows are in' 4 "$good"
    says 'a cell that begins with = is made harmless' "'=1+1" "$FILE.refused.csv"
    says 'a cell that begins with @ is made harmless' "'@SUM" "$FILE.refused.csv"
    says 'a cell that begins with - is made harmless' "'-1" "$FILE.refused.csv"
    expect 3 ctl import "$FILE" --json
    counts "$((${#WANTED[@]} + 5))" 0 0 5 "${#WANTED[@]}"
    same 'again changes nothing' "$good" "$(sql 'SELECT count(*) FROM certs')"
}

headers() {
    local bad before
    before=$(sql 'SELECT count(*) FROM certs')
    for bad in '' 'contract,tax_code' "$HEADER,extra" "$HEADER,status" "${HEADER/status/state}" $'\xff\xfe' \
        "$(row a)" "${HEADER//,/|}" "${HEADER/,/;}"; do
        { printf '%s\n' "$bad"; row x; } >"$FILE"
        expect 6 ctl import "$FILE"
    done
    expect 6 ctl import /dev/null
    expect 4 ctl import "$TMP/no-such.csv"
    expect 2 ctl import
    same 'nothing of them is in' "$before" "$(sql 'SELECT count(*) FROM certs')"
    { echo "$HEADER,extra"; row e | sed 's/$/,x/'; } >"$FILE"
    expect 0 ctl import "$FILE" --ignore-columns
    { printf '\xef\xbb\xbf'; echo "certificate,status,contract_to,device,province,name,tax_code,contract" ; # BOM, another order, CRLF
        row f | awk -F, '{ print $8 "," $7 "," $6 "," $5 "," $4 ",\"" $3 "\"," $2 "," $1 }'; } | sed 's/$/\r/' >"$FILE"
    expect 0 ctl import "$FILE" --json
    counts 1 1 0 0 0
    same 'and read rightly' 'HD-f|0101234567|v4' "$(sql "SELECT contract, tax_code, device FROM certs WHERE contract = 'HD-f'")"
    if [ -e "$FILE.refused.csv" ]; then not_ok 'no list without refusals'; else ok 'no list without refusals'; fi
}

# As Excel writes it where the comma is a decimal point: the header decides.
semicolons() {
    local before
    before=$(sql 'SELECT count(*) FROM certs')
    { printf '\xef\xbb\xbf'; echo "${HEADER//,/;}"; row g 'name="CÔNG TY A, B; C"' | awk -F, -v OFS=';' '{ print $1, $2, $3 "," $4, $5, $6, $7, $8, $9 }'; } |
        sed 's/$/\r/' >"$FILE"
    expect 0 ctl import "$FILE" --json
    counts 1 1 0 0 0
    same 'and read rightly' 'CÔNG TY A, B; C|1' "$(sql "SELECT name, province FROM certs WHERE contract = 'HD-g'")"
    same 'one more' $((before + 1)) "$(sql 'SELECT count(*) FROM certs')"
}

changes() {
    { echo "$HEADER"; row a contract_to=2022-12-31; row b status=suspended; row c; } >"$FILE"
    expect 0 ctl import "$FILE" --dry-run --json
    counts 3 0 2 1 0
    same 'a dry run writes nothing' 0 "$(sql "SELECT count(*) FROM certs WHERE status = 'suspended'")"
    expect 0 ctl import "$FILE" --json
    counts 3 0 2 1 0
    ctl screen --csv "$TMP/screen.csv" >"$OUT"
    same 'a changed contract changes the dates' '2022-12-31T16:59:59Z,820' \
        "$(grep "^$(serial_of "$TMP/a.pem")," "$TMP/screen.csv" | cut -d, -f8,9)"
    same 'a changed status changes the verdict' 'refused,suspended' \
        "$(grep "^$(serial_of "$TMP/b.pem")," "$TMP/screen.csv" | cut -d, -f5,6)"
    ctl audit export >"$TMP/audit"
    holds 'the audit has the change' jq -se --arg s "$(serial_of "$TMP/b.pem")" \
        'any(.old_serial == $s and .kind == "changed")' "$TMP/audit"
}

# Many rows: certificates of the drill's shape that differ by serial number, which fills bytes 15 to 30 of the DER: bytes
# 21 to 26 are eight base64 digits of their own.
many() {
    local started rate
    row a | awk -v n="$IMPORT_ROWS" -F, -v OFS=, -v header="$HEADER" 'BEGIN { print header } { c = $8
        for (i = 1; i <= n; i++) { $1 = "M-" i; $8 = substr(c, 1, 28) sprintf("%08d", i) substr(c, 37); print } }' >"$TMP/many.csv"
    server_start
    started=$(milliseconds)
    "$PEAK" "$TMP/peak" "$CAPBUCTL" --dir "$DIR" import "$TMP/many.csv" --json >"$OUT" 2>"$ERR" &
    answers_meanwhile $!
    rate=$((IMPORT_ROWS * 1000 / ($(milliseconds) - started)))
    counts "$IMPORT_ROWS" "$IMPORT_ROWS" 0 0 0
    below "import of $IMPORT_ROWS rows ($rate a second)"
    expect 0 "$PEAK" "$TMP/peak" "$CAPBUCTL" --dir "$DIR" import "$TMP/many.csv" --json
    counts "$IMPORT_ROWS" 0 0 "$IMPORT_ROWS" 0
    below 'the same once more'
    expect 0 "$PEAK" "$TMP/peak" "$CAPBUCTL" --dir "$DIR" screen --csv "$TMP/screen.csv"
    below 'screening them'
    same 'a line for each' "$(sql 'SELECT count(*) FROM certs')" "$(tail -n +2 "$TMP/screen.csv" | wc -l)"
}

answers_meanwhile() { # answers_meanwhile PID: asks capbud until that import ends, well
    local n=0 wrong=0
    while kill -0 "$1" 2>/dev/null; do
        check_of "$TMP/c.pem" | jq -e '.verdict == "eligible"' >/dev/null || wrong=$((wrong + 1))
        n=$((n + 1))
    done
    if wait "$1"; then ok 'import while capbud runs'; else not_ok 'import while capbud runs' "$(cat "$ERR")"; fi
    same "$n checks meanwhile were answered" 0 "$wrong"
}

# A contract that changes after the renewal changes nothing that was issued.
after_renewal() {
    token_of c
    expect 0 renew
    { echo "$HEADER"; row c contract_to=2023-01-01; } >"$FILE"
    expect 0 ctl import "$FILE" --json
    counts 1 0 1 0 0
    check_of "$TMP/c.pem" >"$OUT"
    json 'what was issued stays as it was issued' '.verdict == "done" and .new_not_after == "2021-07-16T16:59:59Z"'
    expect 0 renew
    server_stop
}

below() { # below WHAT: held less than the limit
    local kib
    kib=$(cat "$TMP/peak")
    if [ "$kib" -lt "$LIMIT_KIB" ]; then ok "$1: peak $((kib / 1024)) MiB"; else not_ok "$1: too much memory" "$((kib / 1024)) MiB"; fi
}

site_new
for name in a b c d e f g x; do subscriber "$name" tax=0101234567; done
every_kind
headers
semicolons
changes
many
after_renewal
expect 0 ctl audit verify
finish
