#!/bin/sh
# Holds the tour against the house: each room of tools/layers.sh has its row in README.md and, with the same arrows, in HACKING.md; each
# path that these two name is there. Prints each breach.
set -eu
cd "$(dirname "$0")/.."
bad=0
say() { bad=1; echo "$*"; }
grep -oE 'allow\("[^"]+", "[^"]*"\)' tools/layers.sh | sed 's/allow("//; s/", "/|/; s/")//' >"${TMPDIR:-/tmp}/rooms.$$"
trap 'rm -f "${TMPDIR:-/tmp}/rooms.$$"' EXIT
while IFS='|' read -r room list; do
    case $room in */main) ;; *) grep -qF "| \`src/$room/\` |" README.md || say "README.md: no row for the room $room" ;; esac
    row=$(printf '%s' "$list" | sed 's/ /, /g')
    grep -qF "| $room |${row:+ }$row |" HACKING.md || say "HACKING.md: the row of $room must be: $room | $row"
done <"${TMPDIR:-/tmp}/rooms.$$"
# A row of HACKING.md's table that no room has any more.
for room in $(sed -n '/^| room | may include/,/^$/s/^| \([a-z0-9/]*\) |.*/\1/p' HACKING.md | grep -v '^room$'); do
    grep -qE "^$room\|" "${TMPDIR:-/tmp}/rooms.$$" || say "HACKING.md: there is no room $room"
done
for page in README.md HACKING.md; do
    for path in $(grep -oE '`[a-z0-9_./-]+/[a-z0-9_./-]*`' "$page" | tr -d '`' | sort -u); do
        case $path in /*|build*|../*) continue ;; esac
        [ -e "$path" ] || [ -e "src/$path" ] || say "$page: there is no $path"
    done
done
exit "$bad"
