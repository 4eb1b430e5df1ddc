#!/bin/sh
# Clause trace: every clause of the letter that software can answer is named where it is built and where it is tested; all of them
# are explained in doc/letter.md. Prints each clause that is not.
set -eu
cd "$(dirname "$0")/.."
clauses='R1.1 R1.2 R1.3 R2.1 R2.2 R2.3 R2.4 R2.5 R2.6 R2.7 R3.1 R3.2 R3.3 R3.4 R3.5 R3.6 R4.1 R4.2 R4.3 R4.4 R4.5
R5.1 R5.2 R5.3 R5.4 R5.5 R5.6 R5.7 R5.8 R5.9 R5.10 R5.11'
named() { # named CLAUSE PATH...: R2.1 is not found in R2.10
    clause=$(printf '%s' "$1" | sed 's/\./\\./')
    shift
    grep -rqE --exclude-dir=node_modules "$clause([^0-9]|\$)" "$@"
}
bad=0
for c in $clauses; do
    named "$c" doc/letter.md || { echo "$c: not in doc/letter.md"; bad=1; }
    case $c in R1.*|R4.*|R5.8) continue ;; esac
    named "$c" src conf || { echo "$c: named nowhere in src/ or conf/"; bad=1; }
    named "$c" tests || { echo "$c: no test names it"; bad=1; }
done
exit "$bad"
