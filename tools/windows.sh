#!/bin/sh
# windows.sh BUILD: builds capbu.exe for 64-bit Windows into that folder and strips it.
set -eu
cd "$(dirname "$0")/.."
build=$1
folders=$(tools/windows-deps.sh)
[ -e "$build/build.ninja" ] ||
    meson setup "$build" --cross-file tools/mingw.ini -Dpkg_config_path="$folders" -Db_pie=false >/dev/null
[ "$(meson introspect "$build" --buildoptions | jq -r '.[] | select(.name == "pkg_config_path").value | join(",")')" = "$folders" ] ||
    meson setup --reconfigure "$build" -Dpkg_config_path="$folders" --clearcache >/dev/null
ninja -C "$build" --quiet
x86_64-w64-mingw32-strip -o "$build/capbu-stripped.exe" "$build/capbu.exe"
mv "$build/capbu-stripped.exe" "$build/capbu.exe"
