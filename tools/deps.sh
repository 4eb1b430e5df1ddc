#!/bin/sh
# Installs what building needs, from Debian's packages; does nothing when all of it is there. `deps.sh test`: the browser
# for the tests of the page too. `deps.sh windows`: what `make windows` and `make test-windows` need.
set -eu
packages='
gcc clang-14 libclang-rt-14-dev llvm-14 clang-format meson ninja-build pkg-config gcovr
libssl-dev libhttp-parser-dev libmicrohttpd-dev libjansson-dev libconfuse-dev libsqlite3-dev libpq-dev libcurl4-openssl-dev
libxlsxwriter-dev zlib1g-dev libutf8proc-dev libp11-kit-dev libcmocka-dev
opensc-pkcs11 pcscd vsmartcard-vpcd iproute2
openssl softhsm2 opensc libengine-pkcs11-openssl postgresql-15 sqlite3 curl jq xxd mandoc procps util-linux ca-certificates'

command -v node >/dev/null && command -v npm >/dev/null || packages="$packages nodejs npm"
[ "${1:-}" != test ] || packages="$packages chromium-headless-shell fonts-dejavu-core"
[ "${1:-}" != windows ] || packages="$packages gcc-mingw-w64-x86-64-win32 wine wine64 autoconf automake libtool make dpkg-dev xz-utils"
missing=
for p in $packages; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "please install as root:$missing" >&2; exit 1; }
    as_root=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # the list is words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
