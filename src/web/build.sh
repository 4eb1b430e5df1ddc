#!/bin/sh
# Bundles one entry of the page: build.sh IN OUT.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/install.sh" "$here"
exec "$here/node_modules/.bin/esbuild" "$1" --bundle --minify --charset=utf8 --target=es2020,chrome90,firefox90,safari14 \
    --jsx=automatic --jsx-import-source=preact --legal-comments=none --log-level=warning --outfile="$2"
