# shellcheck shell=bash
# Assertions for tests in shell: each prints what failed, `finish` prints "N passed, N failed" and ends the script.
passed=0 failed=0

ok() { # ok NAME
    passed=$((passed + 1))
    echo "ok $1"
}

not_ok() { # not_ok NAME [WHY]
    failed=$((failed + 1))
    echo "FAILED $1${2:+: $2}"
}

# expect STATUS COMMAND...: runs it with its output in $OUT and $ERR, and wants that exit status.
expect() {
    local want=$1 status
    shift
    "$@" >"$OUT" 2>"$ERR"
    status=$?
    if [ "$status" = "$want" ]; then
        ok "$(shown "$@") ends with $want"
        return 0
    fi
    not_ok "$(shown "$@")" "ended with $status instead of $want"
    show_output
    return 1
}

# A command in one short line.
shown() {
    local text="$*"
    text=${text//"$TMP"/TMP}
    [ "${#text}" -le 120 ] && echo "$text" || echo "${text:0:117}..."
}

show_output() {
    sed 's/^/    | /' "$OUT" "$ERR" | head -n 30
}

quiet() { # quiet COMMAND...: must succeed, and is not counted: a step of preparation
    "$@" >"$OUT" 2>"$ERR" && return 0
    echo "CANNOT PREPARE: $(shown "$@")"
    show_output
    failed=$((failed + 1))
    finish
}

same() { # same NAME WANT GOT
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted \"$2\", got \"$3\""; fi
}

differs() { # differs NAME A B
    if [ "$2" != "$3" ]; then ok "$1"; else not_ok "$1" "both are \"$2\""; fi
}

says() { # says NAME TEXT [FILE]: the last command's output, or FILE, has that text
    if [ $# = 3 ]; then set -- "$1" "$2" "$3"; else set -- "$1" "$2" "$OUT" "$ERR"; fi
    local name=$1 text=$2
    shift 2
    if grep -qF -e "$text" "$@"; then ok "$name"; else not_ok "$name" "no \"$text\"" && sed 's/^/    | /' "$@" | head -n 20; fi
}

silent() { # silent NAME TEXT FILE...: none of them has that text
    local name=$1 text=$2
    shift 2
    if grep -qF -e "$text" "$@"; then not_ok "$name" "\"$text\" is there"; else ok "$name"; fi
}

holds() { # holds NAME COMMAND...: the command succeeds; its output is shown only when it does not
    local name=$1
    shift
    if "$@" >"$TMP/holds" 2>&1; then ok "$name"; else not_ok "$name" && head -n 20 "$TMP/holds" | sed 's/^/    | /'; fi
}

# json NAME FILTER [FILE]: jq -e FILTER is true of the last command's output, or of FILE.
json() {
    if jq -e "$2" "${3:-$OUT}" >/dev/null 2>&1; then ok "$1"; else not_ok "$1" "$2 is not true of $(head -c 600 "${3:-$OUT}")"; fi
}

# within SECONDS COMMAND...: repeats it until it succeeds.
within() {
    local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
        sleep 0.05
    done
}

milliseconds() {
    local now=${EPOCHREALTIME/./}
    echo $((now / 1000))
}
