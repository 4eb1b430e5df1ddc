# shellcheck shell=bash disable=SC2034
# capbu.exe under wine in the place of capbu, the mock as a DLL in the place of the token's driver; the server is Linux's.
# Sourced after site.sh. WINEPREFIX, a scratch folder with Windows in it, comes from run.sh.
. "$here/mock.sh"
: "${CAPBU_WINDOWS:?the folder capbu.exe was built in}" "${WINEPREFIX:?}"
export WINEPREFIX
MODULE=$CAPBU_WINDOWS/tests/lib/modules/capbu-mock.dll
SHIM=$CAPBU_WINDOWS/tests/lib/modules/capbu-shim.dll
by_wine() { # by_wine PROGRAM: a command that runs it
    printf '#!/bin/sh\nexec wine "%s" "$@"\n' "$1" >"$TMP/${1##*/}"
    chmod +x "$TMP/${1##*/}"
    echo "$TMP/${1##*/}"
}
CAPBU=$(by_wine "$CAPBU_WINDOWS/capbu.exe")
STATE=$(echo "$WINEPREFIX"/drive_c/users/*/AppData/Local)/capbu
rm -rf "$STATE"
KILLED_STATUS=0 # what wine makes of a program that another one has ended: the driver's process ends capbu in these tests

# played PLAY ARGUMENTS: capbu.exe beside a WinHTTP of ours, which plays what Wine's does not (winhttp.c).
played() {
    mkdir -p "$TMP/played"
    cp "$CAPBU_WINDOWS/capbu.exe" "$TMP/played/played.exe"
    cp "$CAPBU_WINDOWS/tests/windows/winhttp.dll" "$TMP/played"
    WINHTTP_PLAY=$1 WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winhttp=n" CAPBU=$(by_wine "$TMP/played/played.exe") client "${@:2}"
}
