#!/bin/sh
# The arrow of dependency points down: checks every include of src/ against the table of HACKING.md. Prints each breach.
set -eu
cd "$(dirname "$0")/.."
grep -HnE '^[[:space:]]*#[[:space:]]*include' src/*/*.[ch] | awk '
function allow(layer, list,    n, i, a) { n = split(list, a, " "); for (i = 1; i <= n; i++) ok[layer, a[i]] = 1 }
function foreign(header, list,    n, i, a) { known[header] = 1; n = split(list, a, " "); for (i = 1; i <= n; i++) owner[header, a[i]] = 1 }
BEGIN {
    allow("base", "base"); allow("rules", "rules base"); allow("p11", "p11 base")
    allow("pki", "pki base p11"); allow("store", "store base rules")
    allow("service", "service base rules pki store p11"); allow("server", "server base rules pki store service")
    allow("client", "client base rules p11 pki"); allow("cli", "cli base rules store service")
    # A foreign library has one owner: a file, or a whole layer where the table says so.
    foreign("openssl/rand.h", "src/base/digest_posix.c")
    foreign("openssl/sha.h", "src/base/digest_posix.c src/pki/key/pubkey.c")
    foreign("p11-kit/pkcs11.h", "src/p11/module.h")
    foreign("sqlite3.h", "src/store/db_sqlite.c"); foreign("libpq-fe.h", "src/store/db_pg.c")
    foreign("confuse.h", "src/service/site/conf_reader.c"); foreign("utf8proc.h", "src/service/intake/nfc.c")
    foreign("xlsxwriter.h", "src/service/ledger/report_xlsx.c")
    foreign("microhttpd.h", "src/server/http.c src/client/ui/ui_http.c"); foreign("gnutls/gnutls.h", "src/server/http.c")
    foreign("jansson.h", "src/server/json.c src/client/net/json.c")
    foreign("curl/curl.h", "src/client/net/http_posix.c")
}
{
    split($0, at, ":"); file = at[1]; line = at[2]
    split(file, part, "/"); layer = part[2]
    if (match($0, /"[^"]+"/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        if (name !~ /\//) { print file ":" line ": includes name the layer: " name; bad = 1; next }
        split(name, target, "/")
        if (layer == "pki" && name == "rules/facts.h") next
        if (!((layer, target[1]) in ok)) { print file ":" line ": " layer " may not include " name; bad = 1 }
    } else if (match($0, /<[^>]+>/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        if (name in known) {
            if (!((name, file) in owner)) { print file ":" line ": " name " has another owner"; bad = 1 }
        } else if (name ~ /^(windows|winsock2|winhttp|bcrypt|setupapi|shellapi|objbase|io)\.h$/) {
            if (file !~ /_windows\.c$|\/wide\.c$/) { print file ":" line ": " name " stays in *_windows.c"; bad = 1 }
        } else if (name ~ /^openssl\//) {
            if (layer != "pki") { print file ":" line ": OpenSSL stays inside pki"; bad = 1 }
        } else if (name !~ /^(sys|netinet|arpa|linux)\/|^(assert|ctype|dirent|dlfcn|endian|errno|fcntl|getopt|inttypes|limits|locale|math|netdb|poll|pthread|pwd|sched|semaphore|signal|spawn|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings|syslog|termios|threads|time|unistd|wchar)\.h$/) {
            print file ":" line ": unknown foreign header " name; bad = 1
        }
        if (layer == "rules" && name !~ /^(stdbool|stddef|stdint|string|limits)\.h$/) {
            print file ":" line ": the rules are pure: no " name; bad = 1
        }
    }
}
END { exit bad }'
