#!/bin/sh
# Type-checks the page; a text that one of its languages lacks is an error here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/install.sh" "$here"
exec "$here/node_modules/.bin/tsc" -p "$here"
