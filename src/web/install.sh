#!/bin/sh
# npm ci for a folder with a lock file, once for each lock file: install.sh FOLDER.
set -eu
stamp=$1/node_modules/.stamp
{ [ -f "$stamp" ] && cmp -s "$stamp" "$1/package-lock.json"; } && exit 0
mkdir -p "$1/node_modules"
exec 9>"$1/.npm-lock"
flock 9
cmp -s "$stamp" "$1/package-lock.json" 2>/dev/null && exit 0
(cd "$1" && npm ci --no-audit --no-fund --loglevel=error >&2)
cp "$1/package-lock.json" "$stamp"
