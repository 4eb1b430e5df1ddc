#!/bin/sh
# The house rules a machine can check. Prints each breach; exit 1 when there is one.
set -u
cd "$(dirname "$0")/.."
bad=0
check() { # check TITLE COMMAND...: fails when the command prints something or fails
    title=$1
    shift
    if out=$("$@" 2>&1) && [ -z "$out" ]; then return; fi
    bad=1
    printf '%s\n%s\n\n' "== $title" "$out"
}
sources() { git ls-files -co --exclude-standard '*.c' '*.h'; }
banned() {
    sources | xargs grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|system|popen|alloca|tmpnam|mktemp|tempnam|rand|srand|scanf|sscanf)\(' |
        grep -vE '/\*.*\(.*\*/' || true
}
opening() { # every file says in its first sentence what it is for
    for f in $(git ls-files -co --exclude-standard 'src/*.[ch]' 'tests/*.[ch]' 'tools/*.c' 'bench/*.[ch]'); do
        head -n 1 "$f" | grep -q '^/\*' || echo "$f: begins without a sentence on what it is for"
    done
}
folders() { # tests have one way to a temporary folder, which honours TMPDIR; unit/client and unit/p11 still have theirs
    git ls-files -co --exclude-standard 'tests/*.c' | grep -vE '^tests/(lib/tmp\.c|unit/(client|p11)/)' | xargs grep -nE '\bmk(dtemp|stemp)\(' || true
}
unfinished() { git ls-files -co --exclude-standard src tests tools bench conf demo | grep -v tools/lint.sh | xargs grep -nE '\b(TODO|FIXME|XXX)\b' || true; }
twins() { # basenames are unique in src/
    git ls-files -co --exclude-standard 'src/*.c' | sed 's|.*/||' | sort | uniq -d | grep -v '^main\.c$\|^json\.c$\|^http\.c$' || true
}
licence() { # one, whole, and the same everywhere
    [ "$(sha256sum <LICENSE)" = 'cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30  -' ] || echo 'LICENSE is not the text of Apache-2.0'
    grep -q "license: 'Apache-2.0'" meson.build || echo 'meson.build names no licence'
    for f in LICENSE SECURITY.md CONTRIBUTING.md; do grep -qF "($f)" README.md || echo "README.md does not name $f"; done
}
reasons() { # why somebody is not eligible: each reason of the code stands in every document that lists them
    for name in $(sed -n '/reasons_names\[/,/};/p' src/rules/eligibility.c | grep -o '"[a-z-]*"' | tr -d '"'); do
        for f in doc/protocol.md doc/openapi.yaml doc/capbuctl-screen.1 doc/huong-dan/tong-dai.md; do
            grep -qw -- "$name" "$f" || echo "$f: the reason $name is missing"
        done
    done
}
control() { sources | xargs grep -nE '\bgoto\b|typedef struct' || true; }
format() {
    command -v clang-format >/dev/null || { echo 'clang-format is missing: make deps'; return; }
    sources | xargs clang-format --dry-run -Werror 2>&1 | grep -E 'error:' | head -n 20
}
check 'dependency arrows' tools/layers.sh
check 'the tour' tools/tour.sh
check 'sizes' tools/sizes.sh
check 'clauses of the letter' tools/trace.sh
check 'banned functions' banned
check 'goto and typedef struct' control
check 'first sentences' opening
check 'temporary folders' folders
check 'left open' unfinished
check 'names used twice' twins
check 'reasons in the documents' reasons
check 'the licence' licence
check 'formatting' format
[ "$bad" = 0 ] && echo 'lint: clean'
exit "$bad"
