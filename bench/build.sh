#!/bin/sh
# Builds targets as they are measured, optimised across files, in a folder of their own: $BUILD, else build-bench.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build-bench}
[ -f "$build/build.ninja" ] || meson setup "$build" --buildtype=release -Db_lto=true >/dev/null
said=$(meson compile -C "$build" "$@" 2>&1) || { echo "$said" | tail -n 40; exit 1; }
