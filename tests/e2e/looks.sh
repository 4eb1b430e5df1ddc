#!/usr/bin/env bash
# looks.sh WORDS FOLDER: how the page looks, on made-up states: what fits where, in the dark, on paper, in the system's own
# colours. The program WORDS prints every screen's words; the page's script and style lie in FOLDER. Needs no server and no
# token. SHOTS=FOLDER keeps a picture of every screen: both languages, wide, narrow, dark. Skips (77) without Chromium.
set -u
e2e=$(cd "$(dirname "$0")" && pwd)
CHROMIUM=${CHROMIUM:-/usr/bin/chromium-headless-shell}
for program in "$CHROMIUM" node npm; do
    command -v "$program" >/dev/null || { echo "skipped: $program is not installed (tools/deps.sh test)"; exit 77; }
done
"$e2e/../../src/web/install.sh" "$e2e" || exit 1
WORDS=$1 WEB=$2
export WORDS WEB CHROMIUM
[ -z "${SHOTS:-}" ] || mkdir -p "$SHOTS"
exec node "$e2e/looks.mjs"
