#!/bin/sh
# Budgets: no file over 600 lines, no header over 120, no function over 60, a median file of at most 250. Prints each breach.
set -eu
cd "$(dirname "$0")/.."
files=$(find src tests bench tools demo \( -name '*.c' -o -name '*.h' -o -name '*.sh' -o -name '*.ts' -o -name '*.tsx' \) -not -path '*/node_modules/*')
# shellcheck disable=SC2086 # the list is words
wc -l $files | awk '$2 != "total" { n[++k] = $1
    if ($1 > 600) { print $2 ": " $1 " lines, at most 600"; bad = 1 }
    if ($2 ~ /\.h$/ && $1 > 120) { print $2 ": " $1 " lines, a header has at most 120"; bad = 1 } }
    END { for (i = 1; i <= k; i++) for (j = i + 1; j <= k; j++) if (n[j] < n[i]) { t = n[i]; n[i] = n[j]; n[j] = t }
    m = n[int((k + 1) / 2)]; if (m > 250) { print "median file: " m " lines, at most 250"; bad = 1 } exit bad }' || failed=1
# A function starts at column one with a line that ends the head, and ends with "}" at column one.
# shellcheck disable=SC2086
awk 'FNR == 1 { head = 0; start = 0 }
    /^[a-zA-Z_].*\(/ && !/;[[:space:]]*$/ && !/^#/ && !start { head = FNR; name = $0 }
    /^[a-zA-Z_].*=.*\{$/ || /;[[:space:]]*$/ && !start { head = 0 }
    /\{[[:space:]]*$/ && head && !start { start = head }
    /^\}/ { if (start && FNR - start + 1 > 60) { print FILENAME ":" start ": " FNR - start + 1 " lines, a function has at most 60: " name; bad = 1 } start = 0; head = 0 }
    END { exit bad }' $(find src tests bench tools demo -name '*.c') || failed=1
[ -z "${failed:-}" ]
