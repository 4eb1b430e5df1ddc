#!/usr/bin/env bash
# capbu.exe is one file: it asks for no library that Windows does not have, it is stripped, and it is guarded as Windows can.
. "$(dirname "$0")/../lib/check.sh"
set -u
TMP=$(mktemp -d) || exit 1
OUT=$TMP/out ERR=$TMP/err PIN=none
trap 'rm -rf "$TMP"' EXIT
exe=$CAPBU_WINDOWS/capbu.exe
x86_64-w64-mingw32-objdump -p "$exe" >"$TMP/head"
same 'Windows itself has all it loads' '' "$(sed -n 's/.*DLL Name: //p' "$TMP/head" | tr A-Z a-z |
    grep -vxE '(advapi32|bcrypt|crypt32|kernel32|msvcrt|ole32|setupapi|shell32|user32|winhttp|ws2_32)\.dll')"
for guard in HIGH_ENTROPY_VA DYNAMIC_BASE NX_COMPAT; do says "$guard" "$guard" "$TMP/head"; done
same 'no symbols in it' 0 "$(x86_64-w64-mingw32-objdump -t "$exe" 2>/dev/null | grep -c cmp_cli)"
same 'nor any folder of who built it' 0 "$(strings "$exe" | grep -cF -e "$HOME" -e "$CAPBU_BUILD")"
echo "   $(stat -c %s "$exe") bytes"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
