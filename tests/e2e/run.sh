#!/usr/bin/env bash
# run.sh THEME: a theme of the subscriber's page (THEME.mjs) in a real browser, against a real capbud and software tokens
# of its own. Skips (77) where Chromium or node is missing: tools/deps.sh test installs them. SHOTS=FOLDER keeps pictures
# of every screen, ONLY=SCENE,… plays a few, E2E=full plays what takes too long for every change.
BACKEND=sqlite
e2e=$(cd "$(dirname "$0")" && pwd)
theme=${1:?a theme}
CHROMIUM=${CHROMIUM:-/usr/bin/chromium-headless-shell}
for program in "$CHROMIUM" node npm; do
    command -v "$program" >/dev/null || { echo "skipped: $program is not installed (tools/deps.sh test)"; exit 77; }
done
. "$e2e/../lib/site.sh"
. "$e2e/worlds.sh"
"$e2e/../../src/web/install.sh" "$e2e" || exit 1

site_new
tokens_new all
world_"$theme"
expect 0 ctl import "$TMP/rows.csv"
ASSIST=$(ctl --json assist new --holder AM-01 --channel am | jq -r .code)

export TMP DIR CAPBU CAPBUD CAPBUCTL SHIM MODULE PIN TOKENS CHROMIUM ASSIST
mkdir -p "$TMP/ui" ${SHOTS:+"$SHOTS"}
if node "$e2e/$theme.mjs"; then ok "$theme"; else not_ok "$theme"; fi
URL=https://127.0.0.1:1
[ "$theme" != pins ] || diag_tells
finish
