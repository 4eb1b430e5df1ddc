#!/bin/sh
# npm ci for a folder with a lock file, once for each lock file: install.sh FOLDER. What was fetched once, for another clone
# too, comes from npm's own cache and needs no network.
set -eu
stamp=$1/node_modules/.stamp
{ [ -f "$stamp" ] && cmp -s "$stamp" "$1/package-lock.json"; } && exit 0
mkdir -p "$1/node_modules"
exec 9>"$1/.npm-lock"
flock 9
cmp -s "$stamp" "$1/package-lock.json" 2>/dev/null && exit 0
(cd "$1" && npm ci --prefer-offline --no-audit --no-fund --no-update-notifier --loglevel=error >&2) || {
    echo "$1: npm ci failed; it needs the network once for each package-lock.json" >&2
    exit 1
}
cp "$1/package-lock.json" "$stamp"
