#!/usr/bin/env bash
# The PIN of every token of this suite appears nowhere: files, logs, audit, journals, arguments, environments, and what the
# other tests left behind. Runs last.
. "$(dirname "$0")/../lib/site.sh"

# Looks at the programs of this test (their environment names its scratch folder) until $TMP/over is there.
watch() {
    local pid file
    while [ ! -e "$TMP/over" ]; do
        for pid in $(pgrep '^capbu'); do
            grep -qaF -e "HOME=$TMP" "/proc/$pid/environ" 2>/dev/null || continue
            for file in cmdline environ; do
                ! grep -qaF -e "$PIN" "/proc/$pid/$file" 2>/dev/null || echo "$pid $file" >>"$TMP/seen"
            done
            echo "$pid" >>"$TMP/watched"
        done
    done
}

site_new
for name in good wrong broken json full; do subscriber "$name"; done
subscriber held contract_to=2025-01-01
expect 0 ctl import "$TMP/rows.csv"
watch &
watcher=$!
server_start
token_of good
expect 0 renew
expect 0 renew
token_of json
expect 0 client --json renew --yes --pin-stdin <"$TMP/pin"
token_of wrong
printf 'not-the-PIN-1' >"$TMP/other"
expect 22 client renew --yes --pin-file "$TMP/other"
silent 'what was typed wrongly is not repeated' 'not-the-PIN-1' "$OUT" "$ERR" "$DIR.log"
token_of held
expect 10 renew
token_of full
SHIM_MODULE=$MODULE SHIM_FAIL=C_CreateObject:1:DEVICE_MEMORY P11=$SHIM expect 40 renew
token_of broken
SHIM_MODULE=$MODULE SHIM_FAIL=C_CreateObject:1:kill:after P11=$SHIM expect 137 renew
says 'a journal was left' step=issued "$TMP/state/capbu/renewal-$(serial_of "$TMP/broken.pem")"
quiet ctl screen --csv "$TMP/screen.csv"
quiet ctl report --csv "$TMP/report.csv" --xlsx "$TMP/report.xlsx"
quiet ctl export --csv "$TMP/export.csv"
ctl audit export >"$TMP/audit"
sql "SELECT * FROM audit" >"$TMP/dump"
same 'no trace while a journal is there' '' "$(pin_traces)"
expect 0 client resume --yes --pin-file "$TMP/pin"
server_stop
: >"$TMP/over"
wait "$watcher"
if [ -e "$TMP/seen" ]; then not_ok 'not in arguments or environments' "$(sort -u "$TMP/seen")"; else ok 'not in arguments or environments'; fi
expect 2 client renew --yes --pin "$PIN" # no such option, so the argument must not come back in a text
silent 'a PIN in the wrong place is not repeated' "$PIN" "$OUT" "$ERR"
differs 'programs were watched' 0 "$(sort -u "$TMP/watched" | wc -l)"
same 'nor in what the other tests printed' '' "$(grep -rlaF -e "$PIN" "$CAPBU_BUILD/meson-logs" 2>/dev/null)"
printf '%s' "$PIN" >"$TMP/bait"
same 'and it would be found' "$TMP/bait" "$(pin_traces)"
rm "$TMP/bait"
finish
