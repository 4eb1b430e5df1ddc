# shellcheck shell=bash
# capbu.exe under wine in the place of capbu, the mock as a DLL in the place of the token's driver; the server is Linux's.
# Sourced after site.sh. WINEPREFIX, a scratch folder with Windows in it, comes from run.sh.
. "$here/mock.sh"
: "${CAPBU_WINDOWS:?the folder capbu.exe was built in}" "${WINEPREFIX:?}"
export WINEPREFIX
MODULE=$CAPBU_WINDOWS/tests/lib/modules/capbu-mock.dll
SHIM=$CAPBU_WINDOWS/tests/lib/modules/capbu-shim.dll
printf '#!/bin/sh\nexec wine "%s" "$@"\n' "$CAPBU_WINDOWS/capbu.exe" >"$TMP/capbu.exe"
chmod +x "$TMP/capbu.exe"
CAPBU=$TMP/capbu.exe
STATE=$(echo "$WINEPREFIX"/drive_c/users/*/AppData/Local)/capbu
rm -rf "$STATE"
