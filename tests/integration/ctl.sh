#!/usr/bin/env bash
# capbuctl by itself: an init that fails leaves nothing behind and can be given again; it speaks two languages.
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

# What an init leaves that is killed in the middle goes with the next one; what a living one is at stays.
init_killed() {
    local pid
    DIR=$TMP/alone3
    "$CAPBUCTL" init --dir "$DIR" --drill >/dev/null 2>&1 &
    pid=$!
    until [ -d "$DIR.init-unfinished-$pid" ]; do kill -0 "$pid" 2>/dev/null || break; done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    same 'a killed init leaves what says what it is' 1 "$(find "$TMP" -maxdepth 1 -name 'alone3*' | wc -l)"
    mkdir "$DIR.init-unfinished-1"
    exec 9<"$DIR.init-unfinished-1"
    flock 9 # as a living one holds it
    database_new
    expect 0 init ${DSN:+--database "$DSN"}
    same 'the next init removes it, and no other' "alone3 alone3.init-unfinished-1" \
        "$(find "$TMP" -maxdepth 1 -name 'alone3*' -printf '%f\n' | sort | xargs)"
    exec 9<&-
    rm -r "$DIR.init-unfinished-1"
    DIR=$TMP/alone
}

# What is no regular file is refused at once: a pipe would wait for somebody to write into it.
no_files() {
    local odd
    mkfifo "$TMP/fifo"
    for odd in "$TMP/fifo" "$TMP" /dev/zero; do
        expect 6 timeout 5 "$CAPBUCTL" --dir "$DIR" import "$odd"
        expect 6 timeout 5 "$CAPBUCTL" --dir "$TMP/odd" init --drill --campaign "$odd"
        expect 6 timeout 5 "$CAPBUCTL" --dir "$DIR" drill cases --csv "$TMP/c.csv" --module "$MODULE" --pin-file "$odd"
    done
    says 'it says what is wrong' 'is not a regular file'
    mkdir "$TMP/piped"
    mkfifo "$TMP/piped/capbud.conf"
    expect 6 timeout 5 "$CAPBUCTL" --dir "$TMP/piped" check-config
    expect 6 timeout 5 "$CAPBUD" --dir "$TMP/piped"
}

# A failure is an object on standard output for who asked for JSON, and an output that takes nothing is a failure.
told_in_json() {
    expect 4 "$CAPBUCTL" --dir "$TMP/nowhere" report --json
    json 'not found, in JSON' '.status == 4 and .code == "not-found" and (.text | contains("nowhere"))'
    same 'in one line' 1 "$(wc -l <"$OUT")"
    expect 2 ctl report --json --frobnicate
    json 'a usage error too' '.status == 2 and .code == "usage"'
    expect 6 ctl import "$TMP/fifo" --json
    json 'and an unusable file' '.status == 6 and .code == "input"'
    for command in --help --version 'report --json' 'phase list' 'audit export'; do
        # shellcheck disable=SC2086 # words
        expect 4 sh -c '"$0" --dir "$@" >/dev/full' "$CAPBUCTL" "$DIR" $command
        same 'told once' 1 "$(wc -l <"$ERR")"
        # shellcheck disable=SC2086
        expect 4 gone ctl $command
        same 'a reader that left is not told of' '' "$(cat "$ERR")"
    done
}

# Who is credited has a name that can be read and printed.
holders() {
    local bad
    for bad in '' '  ' $'AM\n7' $'\033[31mAM' $'AM\xff' "$(printf 'x%.0s' {1..65})"; do
        expect 2 ctl assist new --holder "$bad"
    done
    silent 'what would colour a terminal is not printed' $'\033' "$ERR" "$OUT"
    expect 2 ctl phase halt p1 --why $'two\nlines'
    expect 2 ctl phase halt p1 --why "$(printf 'x%.0s' {1..501})"
    if "$CAPBUCTL" --dir "$DIR" screen --csv /dev/null --json >/dev/null; then ok 'two things to nowhere'; else not_ok 'two things to nowhere' "$?"; fi
    expect 0 ctl assist new --holder 'Nguyễn Văn A'
}

languages() {
    local lang
    expect 0 ctl --help
    says 'Vietnamese first' 'cách dùng: capbuctl'
    CAPBU_LANG=en expect 0 ctl --help
    says 'English by the environment' 'usage: capbuctl'
    silent 'every command is told of in Vietnamese' '(null)' "$OUT"
    expect 0 ctl --help --lang en
    silent 'and in English' '(null)' "$OUT"
    CAPBU_LANG=en expect 0 ctl --lang vi screen --help
    says 'the line beats the environment' 'xét từng chứng thư số'
    LANG=en_US.UTF-8 expect 0 ctl report
    says 'the language of the system does not count' 'mục tiêu'
    expect 2 ctl --frobnicate
    says 'an error in Vietnamese' 'không có tùy chọn --frobnicate'
    expect 2 ctl --frobnicate --lang en
    says 'an error in English' 'unknown option --frobnicate'
    expect 2 ctl --lang fr report
    says 'another language is no choice' 'vi | en'
    expect 4 "$CAPBUCTL" --dir "$TMP/nowhere" report
    says 'a failure has a Vietnamese headline' 'không tìm thấy: '
    expect 2 "$CAPBUCTL" --dir "$TMP/never" init
    says 'init says in Vietnamese what is missing' 'chương trình thật cần --old-ca'
    for lang in vi en; do
        expect 2 "$CAPBUCTL" --dir "$TMP/never" --lang "$lang" init --old-ca "$DIR/old-ca.pem" --ca-cert "$DIR/new-ca.pem" --ca-key "$DIR/new-ca.key"
        says "$lang: a real programme names its campaign" "--campaign"
    done
    says 'which' '--campaign must be given: the letter of this programme'
    expect 2 "$CAPBUCTL" --dir "$TMP/never" init --drill --clock tomorrow
    says 'and how a time is written' 'thời điểm phải theo RFC 3339'
    expect 2 "$CAPBUCTL" --dir "$TMP/never" init --drill --listen foo
    says 'and the option that is no address' '--listen: must be HOST:PORT'
    expect 2 "$CAPBUCTL" --dir "$TMP/never" init --drill --ca-cert "$DIR/new-ca.pem" --ca-key 'pkcs11:module-path=/x.so'
    says 'and where in a URI the module stands' 'module-path và pin-source đứng sau dấu ?'
    expect 2 ctl receipt --serial zz
    says 'and how a serial number is written' '--serial phải là số sê-ri dạng thập lục phân'
    expect 4 ctl receipt --serial 00
    says 'and that nothing was issued under one' 'chưa cấp gì cho chứng thư số 0: capbuctl export'
    expect 4 ctl drill cases --csv "$TMP/c.csv" --module /nowhere.so --pin-file "$TMP/pin"
    says 'and that a module is not there' 'không nạp được thư viện PKCS#11'
    expect 6 ctl import "$TMP/pin"
    says 'import what is wrong with a header' 'có cột lạ'
    says 'with the place behind' "($TMP/pin:1: unknown column"
    expect 6 ctl --lang en import "$TMP/pin"
    silent 'English alone by wish' 'có cột lạ' "$ERR"
    conf_set capbud.conf listen '"nowhere"'
    expect 6 ctl check-config
    says 'check-config what is wrong with a line' 'lỗi: địa chỉ phải có dạng MÁY:CỔNG'
    says 'with file and line' 'capbud.conf:1: listen: must be HOST:PORT'
    conf_set capbud.conf listen '"127.0.0.1:0"'
    subscriber one
    expect 0 ctl import "$TMP/rows.csv"
    says 'import counts in Vietnamese' '1 dòng: 1 mới'
    for lang in vi en; do
        expect 0 ctl --lang "$lang" screen --csv "$TMP/screen.$lang"
        expect 0 ctl --lang "$lang" screen --json
        jq -c 'del(.as_of)' "$OUT" >"$TMP/screen.json.$lang"
        expect 0 ctl --lang "$lang" report --csv "$TMP/report.$lang" --xlsx "$TMP/report.xlsx"
        expect 0 ctl --lang "$lang" phase list
        expect 0 ctl --lang "$lang" phase list --json
        cp "$OUT" "$TMP/phases.$lang"
    done
    same 'files for machines are the same in both' "$(cat "$TMP"/{screen,screen.json,phases}.vi)" "$(cat "$TMP"/{screen,screen.json,phases}.en)"
    conf_set capbud.conf clock_offset "$(($(date +%s -d 2020-10-03T09:00:00+07:00) - $(date +%s)))"
    expect 0 ctl report
    says 'a goal that is past is late' 'chưa đạt, quá hạn 3 ngày'
    expect 0 ctl --lang en report
    says 'in English too' '0 of 1, 0.0 % (goal 100 %), not met, 3 days late'
    ctl phase halt p1 --why 'driver v4'
    ctl phase list >"$OUT"
    says 'phases have headings' 'Quyết định'
    says 'and why one was halted' 'driver v4'
    ctl phase list --json >"$OUT"
    json 'in JSON too' '[.[].why] | unique == ["", "driver v4"]'
    ctl phase resume p1
    ctl --lang vi report --by province >"$OUT"
    same 'a report fits 80 columns' 0 "$(sed '/^$/,$d' "$OUT" | grep -cE '.{81}')"
    says 'and ends with a total' 'Tổng cộng'
    says 'in Vietnamese with a decimal comma' ' 0,0 % (mục tiêu'
    expect 2 ctl reprot
    says 'a mistyped command is guessed' 'report'
    expect 0 ctl help report
    says 'help of a command' 'report [--by'
    same 'a report has Vietnamese headings' 'Loại token,Phải bù,Đã xong' "$(head -n 1 "$TMP/report.vi" | cut -d, -f1-3)"
    same 'or English ones' 'device,owed,done,issued,held,done_self,refused' "$(head -n 1 "$TMP/report.en" | cut -d, -f1-7)"
}

written() { # written COMMAND... OPTION: the command with that option, whose value is where it writes
    expect 0 ctl "$@" "$TMP/written"
    same "$*: not for everybody" 640 "$(stat -c %a "$TMP/written")"
    expect 0 ctl "$@" -
    case $* in
    *xlsx) same "$*: a workbook" PK "$(head -c 2 "$OUT")" ;; # with the second it was made
    *) holds "$* -: the same and nothing else" cmp "$TMP/written" "$OUT" ;;
    esac
    expect 0 ctl "$@" /dev/stdout
    case $* in
    *xlsx) same "$*: a workbook by its other name" PK "$(head -c 2 "$OUT")" ;;
    *) same "$*: by its other name" "$(wc -c <"$TMP/written")" "$(wc -c <"$OUT")" ;;
    esac
    rm "$TMP/written"
    expect 4 ctl "$@" "$TMP/nowhere/out"
    same "$*: one clear line" '1 1' "$(grep -c nowhere/out "$ERR") $(wc -l <"$ERR")"
}

# A file for people is for its owner and group; "-" is standard output, and so is what that was sent to already.
outputs() {
    local what
    umask 022
    cd "$TMP" || return
    for what in 'report --csv' 'screen --csv' 'export --csv' 'drill population --count 3 --csv' 'report --xlsx'; do
        # shellcheck disable=SC2086 # words
        written $what
    done
    expect 2 ctl report --csv - --xlsx -
    expect 2 ctl report --csv - --json
    { sleep 1 && ctl screen --csv - 2>"$TMP/told"; } | true
    same 'a reader who has gone hears nothing' '' "$(cat "$TMP/told")"
    expect 2 ctl audit verify --out "$TMP/unwritten"
    expect 2 ctl --lang en report --csv "$TMP/both" --xlsx "$TMP/./both"
    says 'two outputs are two files' 'name one file'
    holds 'and nothing is written' test ! -e "$TMP/both"
    head -n 1 "$TMP/rows.csv" >"$TMP/mine.csv"
    cp "$TMP/mine.csv" "$TMP/mine.before"
    expect 5 ctl --lang en drill population --count 3 --csv "$TMP/mine.csv"
    says 'a list for import may be somebody'"'"'s' 'is there already'
    holds 'it stays' cmp -s "$TMP/mine.before" "$TMP/mine.csv"
    expect 0 ctl drill population --count 3 --csv "$TMP/mine.csv" --force
    cp "$TMP/pin" "$TMP/pin.before"
    expect 5 ctl drill population --count 3 --tokens 1 --module "$MODULE" --pin-file "$TMP/pin" --csv "$TMP/pin" --force
    expect 5 ctl drill cases --module "$MODULE" --pin-file "$TMP/pin" --csv "$TMP/./pin" --force
    holds 'a PIN file is no output' cmp -s "$TMP/pin.before" "$TMP/pin"
    rm "$TMP/pin.before"
    same 'no file is called -' 0 "$(find "$TMP" -name - | wc -l)"
    { head -n 1 "$TMP/rows.csv" && echo nonsense; } >"$TMP/nonsense.csv"
    expect 3 ctl import "$TMP/nonsense.csv"
    same 'refused rows: not for everybody' 640 "$(stat -c %a "$TMP/nonsense.csv.refused.csv")"
}

# With a key that others can read neither capbud nor the signers start, and check-config says the same.
refused_to_start() { # refused_to_start PROGRAM...: ends by itself with 6, and says what to do
    local status
    timeout 20 "$@" >"$OUT" 2>"$ERR"
    status=$?
    same "$(shown "$@") does not start" 6 "$status"
    says 'and says what to do' "chmod go= $EXPOSED" "$ERR"
}
exposed() {
    local key
    expect 0 ctl --lang en check-config
    silent 'nothing is said of keys that are kept' 'chmod' "$OUT"
    printf 1234 >"$DIR/pin" && chmod 600 "$DIR/pin"
    conf_set capbud.conf ca_pin_file '"pin"'
    conf_set capbud.conf signer_socket '"signer.sock"'
    for key in tls.pem cmp.key devices.key new-ca.key pin; do
        EXPOSED=$DIR/$key
        for mode in 640 604 620; do
            chmod "$mode" "$EXPOSED"
            expect 6 ctl --lang en check-config
            says "check-config tells of $key, $mode" "chmod go= $EXPOSED"
        done
        refused_to_start "$CAPBUD" --dir "$DIR"
        refused_to_start "$CAPBUD" --signer --dir "$DIR"
        chmod 600 "$EXPOSED"
    done
    chmod 644 "$DIR/tls.pem" "$DIR/cmp.key"
    expect 6 ctl --lang vi check-config
    says 'in Vietnamese, of all at once' "chmod go= $DIR/cmp.key $DIR/tls.pem"
    says 'what it is' 'khóa riêng'
    chmod 600 "$DIR/tls.pem" "$DIR/cmp.key"
    conf_set capbud.conf ca_pin_file '""'
    conf_set capbud.conf signer_socket '""'
    expect 0 ctl --lang en check-config
}

# What a file brings in does not drive the terminal it is told on: an escape, a CSI of eight bits, writing turned round.
hidden() {
    local lang hidden_bytes
    hidden_bytes=$(printf '\033|\302\233|\342\200\256|\342\200\213')
    for lang in vi en; do
        printf 'contract,\302\233x\342\200\256y\342\200\213\n1,2\n' >"$TMP/hidden.csv"
        expect 6 ctl --lang "$lang" import "$TMP/hidden.csv"
        if grep -qE "$hidden_bytes" "$ERR" "$OUT"; then not_ok "$lang: nothing hidden is printed"; else ok "$lang: nothing hidden is printed"; fi
        printf 'database = "capbu.db"\n\302\233\342\200\256 = 1\n' >"$TMP/hidden/capbud.conf"
        expect 6 "$CAPBUCTL" --dir "$TMP/hidden" --lang "$lang" report --json
        if grep -qE "$hidden_bytes" "$ERR" "$OUT"; then not_ok "$lang: nor with --json"; else ok "$lang: nor with --json"; fi
    done
    # shellcheck disable=SC2059 # the bytes
    printf 'see \302\233 \342\200\256 here' >"$TMP/why"
    expect 2 ctl phase halt p1 --why "$(cat "$TMP/why")"
}

# capbud speaks both languages on its command line.
server_words() {
    expect 0 "$CAPBUD" --help
    says 'Vietnamese first' 'cách dùng: capbud'
    expect 0 "$CAPBUD" --lang en --help
    says 'English by wish' 'usage: capbud'
    expect 2 "$CAPBUD" --lang fr
    says 'another language is no choice' 'vi | en'
    expect 1 sh -c '"$0" --help >/dev/full' "$CAPBUD"
}

# The made-up certificates have the province as the subscriber profile has it (domain.md): in upper case, accents kept.
population() {
    local places
    expect 0 ctl drill population --count 40 --csv "$TMP/people.csv"
    places=$(tail -n +2 "$TMP/people.csv" | awk -F, '{ print $NF }' | while read -r der; do
        base64 -d <<<"$der" | openssl x509 -inform DER -noout -subject -nameopt utf8,sep_multiline | sed -n 's/^ *L=//p'
    done | sort -u)
    same 'L= is in upper case' "${places^^}" "$places"
    if grep -qx 'HÀ NỘI' <<<"$places"; then ok 'accents are kept'; else not_ok 'accents are kept' "$places"; fi
}

# R3.1: which provinces there are is the campaign's to say, in a file that lies beside it and goes with it.
provinces() {
    local conf=$here/../../conf
    mkdir "$TMP/letter"
    sed 's/^provinces *=.*/provinces = "places.csv"/' "$conf/campaign.conf" >"$TMP/letter/mine.conf"
    DIR=$TMP/places
    database_new
    expect 4 init --lang en ${DSN:+--database "$DSN"} --campaign "$TMP/letter/mine.conf"
    says 'a list that is not there is named' "$TMP/letter/places.csv: No such file"
    printf 'code,name\n98,Nơi xa\n' >"$TMP/letter/places.csv"
    expect 0 init ${DSN:+--database "$DSN"} --campaign "$TMP/letter/mine.conf"
    holds 'the list lies in DIR under its name' cmp "$TMP/letter/places.csv" "$DIR/places.csv"
    same 'both files are known again by the hash' "$(cat "$DIR/campaign.conf" "$DIR/places.csv" | sha256sum | cut -d' ' -f1)" \
        "$(sql "SELECT value FROM meta WHERE key = 'campaign_hash'")"
    expect 0 ctl drill population --count 3 --csv "$TMP/far.csv"
    sed '$s/,98,/,01,/' "$TMP/far.csv" >"$TMP/one-near.csv"
    expect 3 ctl import "$TMP/one-near.csv" --json
    json 'a province of another list is refused' '.added == 2 and .refused == 1'
    expect 0 ctl report --by province --csv -
    says 'a report names it' '98 Nơi xa'
    printf 'code,name\n98,Nơi xa\n98,Nơi khác\n' >"$DIR/places.csv"
    expect 6 ctl check-config
    says 'check-config: what is wrong' 'một mã tỉnh, thành được ghi hai lần'
    says 'with file and line' "$DIR/places.csv:3: this province stands there twice: 98"
    rm "$DIR/places.csv"
    expect 6 ctl check-config
    says 'and that it is gone' 'thiếu danh sách tỉnh, thành'
    DIR=$TMP/no-list # a campaign file that stands alone means the list that capbu comes with
    database_new
    grep -v '^provinces *=' "$conf/campaign.conf" >"$TMP/alone.conf"
    expect 0 init ${DSN:+--database "$DSN"} --campaign "$TMP/alone.conf"
    holds 'the 63 of 2020' cmp "$conf/provinces.csv" "$DIR/provinces.csv"
    expect 0 ctl check-config
}

# A line taken out of the audit behind its back.
audit_broken() {
    site_new
    quiet ctl phase open p1 --why test
    quiet ctl phase halt p1 --why test
    sql 'DELETE FROM audit WHERE seq = 2' >/dev/null
    expect 5 ctl --lang en audit verify
    says 'where it is broken' 'broken at line 2: it is missing'
    expect 5 ctl --lang vi audit verify
    says 'in Vietnamese' 'chuỗi nhật ký kiểm toán bị đứt'
}

# All of the chain hashed anew, so that it is whole by itself: the seal on its end does not hold.
rehashed() { # rehashed edit|drop|cut: what is done to the lines before
    sql 'SELECT seq, at, kind, old_serial, actor, detail FROM audit ORDER BY seq' |
        python3 -c '
import hashlib, sys
rows = [l.rstrip("\n").split("|", 5) for l in sys.stdin]
what = sys.argv[1]
if what == "cut": rows = rows[:-1]
if what == "drop": del rows[1]
if what == "edit": rows[1][5] = "{}"
field = lambda t: str(len(t.encode())).encode() + b":" + t.encode() + b","
prev = bytes(32)
print("DELETE FROM audit;")
for n, (_, at, kind, old, actor, detail) in enumerate(rows, 1):
    prev = hashlib.sha256(prev + f"{n} {at} ".encode() + field(kind) + (field(old) if old else b"-") + field(actor) + field(detail)).digest()
    quoted = [t.replace("\x27", "\x27\x27") for t in (kind, actor, detail)]
    print("INSERT INTO audit VALUES (%d, %s, \x27%s\x27, %s, \x27%s\x27, \x27%s\x27, \x27%s\x27);" % (n, at, quoted[0], "\x27%s\x27" % old if old else "NULL", quoted[1], quoted[2], prev.hex()))
print("UPDATE audit_head SET seq = %d, hash = \x27%s\x27;" % (len(rows), prev.hex()))' "$1" >"$TMP/rehash.sql"
    sql "$(cat "$TMP/rehash.sql")" >/dev/null
}
audit_rewritten() {
    local how
    for how in edit drop cut; do
        site_new
        quiet ctl phase open p1 --why test
        quiet ctl phase halt p1 --why test
        expect 0 ctl audit verify
        rehashed $how
        expect 5 ctl --lang en audit verify
        says "hashed anew after $how: found" 'the audit was rewritten: the seal on its end'
        expect 5 ctl --lang en phase open p1 --why test
        says 'nothing goes on from there' 'the audit was rewritten'
        expect 5 ctl --lang vi audit verify
        says 'in Vietnamese' 'nhật ký kiểm toán đã bị viết lại'
        timeout 20 "$CAPBUD" --dir "$DIR" >"$OUT" 2>"$ERR"
        same 'capbud does not start' 1 $?
        says 'and says why' 'the audit was rewritten'
    done
    sql "UPDATE audit_head SET mac = ''" >/dev/null
    expect 5 ctl --lang en audit verify
    says 'without a seal' 'the audit carries no seal'
}

# A head for elsewhere: what openssl and the public certificate say of it, and what it finds.
audit_checkpoint() {
    site_new
    quiet ctl phase open p1 --why test
    [ "$BACKEND" = pg ] || { sqlite3 "$DIR/capbu.db" 'PRAGMA wal_checkpoint(truncate)' >/dev/null && cp "$DIR/capbu.db" "$TMP/older.db"; }
    quiet ctl phase halt p1 --why test
    expect 0 ctl audit checkpoint --out "$TMP/point.p7m"
    holds 'openssl verifies it' openssl cms -verify -binary -inform DER -in "$TMP/point.p7m" -CAfile "$DIR/new-ca.pem" \
        -partial_chain -purpose any -attime "$(site_now)" -out "$TMP/point"
    same 'it says the end' "capbu-audit $(sql 'SELECT seq, hash FROM audit_head' | tr '|' ' ')" "$(cat "$TMP/point")"
    quiet ctl phase resume p1 --why test
    expect 0 ctl audit verify --checkpoint "$TMP/point.p7m"
    expect 6 ctl audit verify --checkpoint "$DIR/campaign.conf"
    [ "$BACKEND" = pg ] && return
    rm -f "$DIR"/capbu.db-*
    cp "$TMP/older.db" "$DIR/capbu.db"
    expect 0 ctl audit verify
    expect 5 ctl --lang en audit verify --checkpoint "$TMP/point.p7m"
    says 'an older copy is found' 'not the one of the checkpoint'
    cp -p "$TMP/point.p7m" "$TMP/proof.p7m"
    expect 5 ctl --lang en audit checkpoint --out "$TMP/proof.p7m"
    says 'the proof of it is no file to replace' 'keep it as the proof'
    holds 'and stays' cmp -s "$TMP/point.p7m" "$TMP/proof.p7m"
    expect 0 ctl audit checkpoint --out "$TMP/other.p7m"
    expect 0 ctl audit checkpoint --out "$TMP/other.p7m"
    expect 0 ctl audit checkpoint --out "$TMP/proof.p7m" --force
    holds 'unless somebody forces it' test "$(cmp -s "$TMP/point.p7m" "$TMP/proof.p7m" || echo differs)" = differs
}

# One byte after the other turned round in the database's file: what check-config says of each copy. What it does not see
# lies where nothing is kept: the free part of a page.
bytes_flipped() {
    [ "$BACKEND" = sqlite ] || return 0
    local n unseen=0
    site_new
    quiet ctl drill population --count 60 --csv "$TMP/flip.csv"
    quiet ctl import "$TMP/flip.csv"
    sqlite3 "$DIR/capbu.db" 'PRAGMA wal_checkpoint(truncate)' >/dev/null
    cp "$DIR/capbu.db" "$TMP/whole.db"
    expect 0 ctl check-config
    for n in $(seq 1 "${FLIPS:-20}"); do
        rm -f "$DIR"/capbu.db-*
        python3 -c 'import random, sys
b = bytearray(open(sys.argv[1], "rb").read()); random.seed(int(sys.argv[3]))
used = [i for i in range(4096, len(b)) if b[i] != 0]
b[random.choice(used)] ^= 0xff
open(sys.argv[2], "wb").write(b)' "$TMP/whole.db" "$DIR/capbu.db" "$n"
        "$CAPBUCTL" --dir "$DIR" check-config >/dev/null 2>&1 && unseen=$((unseen + 1))
    done
    echo "bytes flipped: ${FLIPS:-20}, unseen: $unseen"
    holds "hardly one is unseen" test "$unseen" -le $((${FLIPS:-20} / ${UNSEEN_PART:-5}))
}

# Who has the database alone takes every seal out of it, and the operator believes the program: it does not help.
adopt_refused() { # adopt_refused NAME TEXT
    sql "UPDATE audit_head SET mac = ''" >/dev/null
    expect 5 ctl --lang en audit adopt
    says "$1: not adopted" "$2"
    says "$1: and what to do" 'put the last good copy back'
    expect 5 ctl --lang vi audit adopt
    says "$1: in Vietnamese" 'bản sao tốt gần nhất'
    same "$1: nothing is sealed" '' "$(sql 'SELECT mac FROM audit_head')"
}
adopted_never_twice() {
    site_new
    quiet ctl drill population --count 5 --csv "$TMP/again.csv"
    quiet ctl import "$TMP/again.csv"
    mv "$DIR/signed.journal" "$TMP/again.journal"
    sql "UPDATE certs SET contract_to = contract_to + 1000" >/dev/null
    adopt_refused 'records with seals' 'carries a seal'
    sql "UPDATE certs SET contract_to = contract_to - 1000, mac = ''" >/dev/null
    mv "$TMP/again.journal" "$DIR/signed.journal"
    adopt_refused 'no seal in the database' 'signed.journal says so'
    mv "$DIR/signed.journal" "$TMP/again.journal"
    rm "$DIR/seal.key" # lost: what operations.md says
    expect 0 ctl --lang en audit adopt
    expect 0 ctl journal new
    expect 0 ctl audit verify
    rm "$DIR/signed.journal"
    sql "UPDATE certs SET mac = ''" >/dev/null
    adopt_refused 'adopted before' 'of the audit says so'
}

# The key of another installation: the audit is not what is wrong.
foreign_seal() {
    site_new
    quiet ctl phase open p1 --why test
    mv "$DIR/seal.key" "$TMP/right.key"
    (umask 077 && openssl rand -hex 32 >"$DIR/seal.key")
    expect 6 ctl --lang en audit verify
    says 'another key is told as that' 'is another key than the one that sealed this installation'
    silent 'and not as a crime' 'rewritten' "$OUT" "$ERR"
    expect 6 ctl --lang vi phase halt p1 --why test
    says 'in Vietnamese' 'seal_key không phải khóa đã niêm phong'
    mv "$TMP/right.key" "$DIR/seal.key"
    expect 0 ctl audit verify
}

# A database and a folder from before there were seals.
audit_adopted() {
    site_new
    sql "UPDATE audit_head SET mac = ''" >/dev/null
    rm "$DIR/seal.key" "$DIR/signed.journal"
    expect 5 ctl audit verify
    expect 5 ctl phase open p1 --why test
    timeout 20 "$CAPBUD" --dir "$DIR" >"$OUT" 2>"$ERR"
    says 'capbud names the command' 'capbuctl audit adopt'
    expect 0 ctl --lang en audit adopt
    says 'how many lines' 'the audit is sealed: 2 lines'
    same 'the key is its owner alone'"'"'s' 600 "$(stat -c %a "$DIR/seal.key")"
    expect 0 ctl audit verify
    expect 0 ctl phase open p1 --why test
    expect 0 ctl audit verify
    expect 5 ctl --lang en audit adopt
    says 'once only' 'sealed already'
}

init_all_or_nothing
init_killed
no_files
told_in_json
holders
languages
population
outputs
exposed
mkdir "$TMP/hidden"
hidden
server_words
provinces
audit_broken
audit_rewritten
audit_adopted
adopted_never_twice
foreign_seal
audit_checkpoint
bytes_flipped
finish
