#!/bin/sh
# Type-checks the page; a text that one of its languages lacks is an error here, and so is one that says the same in both.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/install.sh" "$here"
"$here/node_modules/.bin/tsc" -p "$here"
"$here/node_modules/.bin/esbuild" "$here/subscriber/texts.ts" --bundle --format=cjs --log-level=warning | {
    cat
    cat <<'END'
const SHARED = ['.token']; // words that both languages use
const say = (text) => (typeof text === 'function' ? text(1, 2) : text);
const same = (path, vi, en) => typeof vi === 'object'
  ? Object.keys(vi).flatMap((key) => same(path + '.' + key, vi[key], en[key]))
  : !SHARED.includes(path) && (say(vi) === say(en) || !say(vi) || !say(en)) ? [`${path}: "${say(vi)}" and "${say(en)}"`] : [];
const both = same('', module.exports.TEXTS.vi, module.exports.TEXTS.en);
if (both.length > 0) {
  console.error(both.join('\n'));
  process.exit(1);
}
END
} | node --input-type=commonjs
