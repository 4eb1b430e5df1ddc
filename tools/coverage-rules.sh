#!/bin/sh
# Branch coverage of the rules by their own tests: prints it file by file and fails under 100 %.
set -eu
cd "$(dirname "$0")/.."
command -v gcovr >/dev/null || { echo 'gcovr is missing: make deps' >&2; exit 1; }
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
quietly() { "$@" >"$build/log" 2>&1 || { tail -n 40 "$build/log" >&2; exit 1; }; }
targets=$(cd tests/unit/rules && for t in test_*.c; do echo "tests/unit/rules/${t%.c}"; done)
# gcc, because gcov is its tool; -O0, so that the branches counted are those of the source.
quietly env CC=gcc meson setup "$build/tree" -Db_coverage=true -Doptimization=0 -Ddebug=true
# shellcheck disable=SC2086 # the list is words
quietly ninja -C "$build/tree" $targets
quietly meson test -C "$build/tree" --no-rebuild --suite rules
gcovr --root . --object-directory "$build/tree" --filter 'src/rules/' --branches --print-summary --fail-under-branch 100 "$build/tree"
