#!/bin/sh
# Builds everything optimised and runs the benchmarks; arguments name those wanted: screening issuing exchange.
set -eu
cd "$(dirname "$0")/.."
bench/build.sh capbu-bench
echo "load before: $(cut -d' ' -f1 /proc/loadavg) (figures mean something below 0.3 only)"
exec "${BUILD:-build-bench}/bench/capbu-bench" "$@"
