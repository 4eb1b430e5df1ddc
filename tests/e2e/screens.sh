#!/usr/bin/env bash
# Every screen of client/flow/flow_*.c is looked at in both languages by exactly one theme of screens.json (which its theme
# is held to), and screens.json names no other.
set -u
e2e=$(cd "$(dirname "$0")" && pwd)
screens=$(sed -n 's/.*\.code = "\([a-z-]*\)".*/\1/p' "$e2e"/../../src/client/flow/flow_{look,work,clean}.c | sort)
if diff <(echo "$screens") <(jq -r '.[][]' "$e2e/screens.json" | sort) && [ "$(echo "$screens" | wc -l)" -gt 40 ]; then
    echo "$(echo "$screens" | wc -l) screens"
    exit 0
fi
echo 'a screen that no theme shows (<), or that is shown twice or unknown (>)'
exit 1
