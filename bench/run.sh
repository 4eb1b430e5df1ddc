#!/bin/sh
# Builds everything optimised in a folder of its own and runs the benchmarks; arguments name those wanted.
set -eu
cd "$(dirname "$0")/.."
build=build-bench
[ -f "$build/build.ninja" ] || meson setup "$build" --buildtype=release >/dev/null
meson compile -C "$build" capbu-bench | tail -n 1
load=$(cut -d' ' -f1 /proc/loadavg)
echo "load before: $load (trust figures taken below 0.3 only)"
exec "$build/bench/capbu-bench" "$@"
