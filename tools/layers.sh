#!/bin/sh
# The arrow of dependency points down: checks every include of src/ against the rows below, which HACKING.md explains.
# Prints each breach.
set -eu
cd "$(dirname "$0")/.."
grep -HnE '^[[:space:]]*#[[:space:]]*include' $(find src -name '*.[ch]') | awk '
function allow(room, list,    n, i, a) {
    n = split(list, a, " "); rooms[room] = ok[room, room] = 1
    for (i = 1; i <= n; i++) { if (!(a[i] in rooms)) { print "layers.sh: " room " stands before " a[i]; bad = 1 } ok[room, a[i]] = 1 }
}
function room_of(file) { return file ~ /\/main\.c$/ ? substr(file, 1, length(file) - 2) : substr(file, 1, match(file, /\/[^\/]*$/) - 1) }
function foreign(header, list,    n, i, a) { known[header] = 1; n = split(list, a, " "); for (i = 1; i <= n; i++) owner[header, a[i]] = 1 }
BEGIN {
    # A row a room, from the ground up: what it may include beside itself. A row names rows above it only.
    allow("base", ""); allow("rules", "base"); allow("p11", "base"); allow("driver", "base p11"); allow("driver/main", "base driver")
    allow("pki/seal", "base"); allow("pki/journal", "base pki/seal"); allow("pki/cert", "base"); allow("pki/key", "base p11 pki/cert"); allow("pki/ca", "base p11 pki/cert pki/key")
    allow("pki", "base pki/cert pki/key pki/ca"); allow("pki/cmp", "base pki pki/cert pki/key pki/ca")
    allow("pki/signer", "base p11 pki/seal pki/journal pki/key pki/ca pki/cmp")
    allow("store", "base rules")
    allow("service", "base"); allow("service/csv", "base")
    allow("service/site", "base rules store pki pki/seal pki/journal pki/key pki/ca pki/signer service service/csv")
    allow("service/intake", "base rules store pki/cert service service/csv service/site")
    allow("service/drill", "base rules p11 pki/cert pki/ca service service/csv service/site service/intake")
    allow("service/issuing", "base rules store pki pki/ca pki/cmp pki/signer service service/csv service/site")
    allow("service/ledger", "base rules store pki pki/seal service service/csv service/site service/issuing")
    allow("server/http", "base")
    allow("server", "base rules store pki/cert pki/cmp pki/signer service/site service/issuing server/http")
    allow("server/main", "base server")
    allow("client", "base rules"); allow("client/net", "base rules p11 pki client")
    allow("client/token", "base rules p11 driver pki pki/cert pki/key pki/ca client client/net")
    allow("client/flow", "base rules p11 pki pki/ca pki/cmp client client/net client/token")
    allow("client/term", "base rules client client/net client/token client/flow")
    allow("client/ui", "base rules client client/net client/token client/flow client/term")
    allow("client/main", "base driver client client/net client/term client/ui")
    allow("cli", "base rules store service service/site service/intake service/drill service/issuing service/ledger")
    allow("cli/main", "base cli")
    # A foreign library has one owner: a file, or a whole layer where the table says so.
    foreign("openssl/rand.h", "src/base/digest_posix.c")
    foreign("openssl/sha.h", "src/base/digest_posix.c src/pki/key/sig_alg.c")
    foreign("p11-kit/pkcs11.h", "src/p11/module.h")
    foreign("sqlite3.h", "src/store/db_sqlite.c"); foreign("libpq-fe.h", "src/store/pg_wait.h")
    foreign("confuse.h", "src/service/site/conf_reader.c"); foreign("utf8proc.h", "src/service/intake/nfc.c")
    foreign("xlsxwriter.h", "src/service/ledger/report_xlsx.c")
    foreign("microhttpd.h", "src/client/ui/ui_http.c"); foreign("http_parser.h", "src/server/http/message.c")
    foreign("jansson.h", "src/server/json.c src/client/net/json.c")
    foreign("curl/curl.h", "src/client/net/http_posix.c")
}
{
    split($0, at, ":"); file = at[1]; line = at[2]
    room = room_of(substr(file, 5)); layer = room; sub(/\/.*/, "", layer)
    if (!(room in rooms)) { print file ": no row for the room " room; bad = 1; next }
    if (match($0, /"[^"]+"/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        if (name !~ /\//) { print file ":" line ": includes name the layer: " name; bad = 1; next }
        if (layer == "pki" && name == "rules/facts.h") next
        if (!((room, room_of(name)) in ok)) { print file ":" line ": " room " may not include " name; bad = 1 }
    } else if (match($0, /<[^>]+>/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        if (name in known) {
            if (!((name, file) in owner)) { print file ":" line ": " name " has another owner"; bad = 1 }
        } else if (name ~ /^(windows|winsock2|winhttp|bcrypt|setupapi|shellapi|objbase|io)\.h$/) {
            if (file !~ /_windows\.c$|\/wide\.c$/) { print file ":" line ": " name " stays in *_windows.c"; bad = 1 }
        } else if (name ~ /^openssl\//) {
            if (layer != "pki" && file != "src/server/http/tls.c") { print file ":" line ": OpenSSL stays inside pki, TLS inside server/http/tls.c"; bad = 1 }
        } else if (name !~ /^(sys|netinet|arpa|linux)\/|^(assert|ctype|dirent|dlfcn|endian|errno|fcntl|getopt|inttypes|limits|locale|malloc|math|netdb|poll|pthread|pwd|sched|semaphore|signal|spawn|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings|syslog|termios|threads|time|unistd|wchar)\.h$/) {
            print file ":" line ": unknown foreign header " name; bad = 1
        }
        if (layer == "rules" && name !~ /^(stdbool|stddef|stdint|string|limits)\.h$/) {
            print file ":" line ": the rules are pure: no " name; bad = 1
        }
    }
}
END { exit bad }'
