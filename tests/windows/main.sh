#!/usr/bin/env bash
# capbu.exe list, check, renew, resume and clean against a Linux capbud, judged by pkcs11-tool and OpenSSL on Linux; and what
# goes wrong on Windows only.
. "$(dirname "$0")/../lib/site.sh"
. "$here/population.sh"
. "$(dirname "$0")/world.sh"
CLOCK=2020-08-10T09:00:00+07:00
END='Jul 16 16:59:59 2021 GMT'

alone() { # capbu.exe without server and driver
    "$CAPBU" --lang en "$@"
}

site_new
conf_set campaign.conf old_certificate remove-allowed
for name in good half wrong; do subscriber "$name" bits=2048; done
subscriber late contract_to=2025-01-01
quiet ctl import "$TMP/rows.csv"
server_start

expect 0 alone --version
same 'the version' "$("$CAPBUCTL" --version | awk '{ print $2 }')" "$(tr -d '\r' <"$OUT" | awk '{ print $2 }')"
expect 0 "$CAPBU" --help
says 'Vietnamese is UTF-8' 'Cách dùng: capbu'
expect 2 alone no-such-command
expect 2 alone renew --pin-stdin

token_of good
expect 0 client --json list
json 'list: the token' '.[0].label == "good" and .[0].manufacturer == "capbu tests" and (.[0].certificates | length) == 1'
json 'list: Vietnamese names' '.[0].certificates[0].subject | contains("CÔNG TY good")'
json 'list: the key belongs to it' '.[0].certificates[0].key_seen'
expect 0 client --json check
json 'check: owed' '.[0].verdict == "eligible" and .[0].due == "now" and .[0].owed_days == 287'
expect 2 client renew --yes --pin-file NUL
says 'a device is no file' 'NUL is not a regular file'
expect 0 renew
cert_read good 'good [2021-07-16]' "$TMP/new.pem"
renewal_is_right renew "$TMP/good.pem" "$TMP/new.pem" "$END"
certs_on good
same 'renew: two certificates' 2 "$ON"
holds 'renew: the key signs' key_signs good "$TMP/new.pem"
expect 0 renew
certs_on good
same 'renew again changes nothing' 2 "$ON"
expect 0 client clean --pin-file "$TMP/pin"
certs_on good
same 'clean: the new one alone' "$(serial_of "$TMP/new.pem")" "$(token_serials good)"

token_of half
# Ended from outside, by the process that its driver lives in: what status wine makes of that is its own affair.
SHIM_MODULE=$MODULE SHIM_FAIL=C_CreateObject:1:kill:after P11=$SHIM renew >"$OUT" 2>"$ERR"
says 'half-way: a journal was left' step=issued "$STATE/renewal-$(serial_of "$TMP/half.pem")"
expect 0 client resume --yes --pin-file "$TMP/pin"
same 'half-way: the journal is done with' 0 "$(find "$STATE" -name 'renewal-*' | wc -l)"
cert_read half 'half [2021-07-16]' "$TMP/new.pem"
renewal_is_right resume "$TMP/half.pem" "$TMP/new.pem" "$END"
certs_on half
same 'resume: two certificates' 2 "$ON"

token_of late
expect 10 client check
token_of wrong
printf '0000' >"$TMP/other"
expect 22 client renew --yes --pin-file "$TMP/other"
for _ in 2 3; do PIN=0000 p11tool --login --pin env:PIN --list-objects >/dev/null 2>&1; done
expect 22 client renew --yes --pin-file "$TMP/other"
expect 23 renew
expect 0 client --json renew --yes --last-try --pin-stdin <"$TMP/pin"
json 'the PIN from standard input' '.result == "done"'
mv "$TOKENS" "$TOKENS.out"
expect 20 client list
mv "$TOKENS.out" "$TOKENS"

# Folders as people call them, and their lists.
mkdir -p "$TMP/Thư mục của tôi"
cp "$MODULE" "$TMP/Thư mục của tôi/trình điều khiển.dll"
P11="$TMP/Thư mục của tôi/trình điều khiển.dll" expect 0 client list
MOCK_TOKEN=$TOKENS CAPBU_MODULES="Z:$TMP\\nothing.dll;Z:$MODULE" expect 0 alone --json list
json 'drivers from CAPBU_MODULES, joined by ";"' 'length == 1'
MOCK_TOKEN=$TOKENS expect 0 alone --module "$MODULE" diag --out "$TMP/Thư mục của tôi/thông tin.json"
json 'diag: the system' '.system == "Windows" and .word == 64' "$TMP/Thư mục của tôi/thông tin.json"
json 'diag: the driver, without its folder' '.modules[0].name == "capbu-mock.dll"' "$TMP/Thư mục của tôi/thông tin.json"

# Drivers that cannot be loaded, each with its own reason.
cp "$MODULE" "$TMP/32.dll"
pe=$(od -An -tu4 -j60 -N4 "$MODULE")
printf '\x4c\x01' | dd of="$TMP/32.dll" bs=1 seek=$((pe + 4)) conv=notrunc status=none
P11=$TMP/32.dll expect 20 client list
says 'a 32-bit driver' 'a 32-bit driver; this program needs the 64-bit one'
P11=$MOCK expect 20 client list
says 'no library of Windows at all' 'no Windows library'
P11=$TMP/nothing.dll expect 20 client list

# A driver is loaded from the place that was named, and what it needs from beside it or from Windows: not from the folder
# somebody is in, nor from PATH.
parts=$CAPBU_WINDOWS/tests/windows
mkdir "$TMP/apart" "$TMP/here"
cp "$parts/capbu-needy.dll" "$TMP/apart"
cp "$parts/capbu-beside.dll" "$MODULE" "$TMP/here"
P11=$parts/capbu-needy.dll expect 20 client list
says 'its own library lies beside it: loaded and asked' 'C_GetFunctionList: CKR_GENERAL_ERROR'
cd "$TMP/here" || exit 1
P11=$TMP/apart/capbu-needy.dll expect 20 client list
says 'or in the working folder: not loaded' 'cannot load the PKCS#11 module'
for relative in capbu-mock.dll ./capbu-mock.dll Z:capbu-mock.dll; do
    P11=$relative expect 20 client list
    says "$relative" 'a driver is named with its whole path'
done
cd / || exit 1
WINEPATH=Z:$TMP/here P11=$TMP/apart/capbu-needy.dll expect 20 client list
says 'or in PATH: not loaded' 'cannot load the PKCS#11 module'

# Whom it speaks to: nobody but the server that --server-ca vouches for, by its name and its time, and no byte of the
# body goes out before that is known.
token_of late
own_ca() { # own_ca FILE ARGUMENTS OF openssl ca: a certificate that is its own anchor, for localhost
    quiet openssl ca -batch -notext -selfsign -config "$TMP/tls/conf" -keyfile "$TMP/tls/key" -in "$TMP/tls/csr" -out "$1" "${@:2}"
}
mkfifo "$TMP/silence"
exec 7<>"$TMP/silence" # s_server ends with its input
stranger() { # stranger PEM: somebody who listens with that certificate and writes down what it is told; sets URL
    : >"$TMP/heard"
    openssl s_server -accept 127.0.0.1:0 -naccept 1 -cert "$1" -key "$TMP/tls/key" <&7 >"$TMP/heard" 2>&1 &
    children="$children $!"
    within 10 grep -q ^ACCEPT "$TMP/heard" || not_ok 'somebody listens'
    URL=https://127.0.0.1:$(sed -n 's/^ACCEPT .*://p' "$TMP/heard" | tr -d ' ')
}
mkdir -p "$TMP/tls"
: >"$TMP/tls/index"
echo 01 >"$TMP/tls/serial"
cat >"$TMP/tls/conf" <<END
[ca]
default_ca=c
[c]
database=$TMP/tls/index
serial=$TMP/tls/serial
new_certs_dir=$TMP/tls
default_md=sha256
unique_subject=no
policy=p
[p]
commonName=supplied
[right]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=IP:127.0.0.1
[elsewhere]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:elsewhere.example
END
quiet openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$TMP/tls/key" -out "$TMP/tls/csr"
own_ca "$TMP/tls/right.pem" -extensions right -days 9
own_ca "$TMP/tls/elsewhere.pem" -extensions elsewhere -days 9
own_ca "$TMP/tls/future.pem" -extensions right -startdate 20900101000000Z -enddate 20910101000000Z
asks() { # asks CA: as `client check` does, with that pin
    MOCK_TOKEN=$TOKENS "$CAPBU" --server "$URL" --server-ca "$1" --module "$MODULE" --lang en check
}
HERE=$URL
expect 30 asks "$DIR/new-ca.pem"
says 'another certificate than the pinned one' 'is not believed: self-signed certificate'
expect 2 asks "$TMP/no-such-file"
expect 2 asks "$TMP/pin"
for case in 'elsewhere|IP address mismatch' 'future|certificate is not yet valid' 'right|self-signed certificate'; do
    name=${case%|*} pin=$TMP/tls/${case%|*}.pem
    [ "$name" != right ] || pin=$DIR/server-ca.pem
    stranger "$TMP/tls/$name.pem"
    expect 30 asks "$pin"
    says "$name: why" "${case#*|}"
    if [ "$name" = future ]; then mark="By this computer's clock"; else mark='What answers is not our server'; fi
    says "$name: what it means" "$mark"
    says "$name: the header alone" 'POST /api/v1/check' "$TMP/heard"
    silent "$name: nothing of the body went out" '"certificate"' "$TMP/heard"
done
URL=$HERE
expect 30 eval 'MOCK_TOKEN=$TOKENS alone --server "$URL" --module "$MODULE" check' # the system's trust knows no drill's CA
for case in '08|of an unknown authority' '10|for another name' '04|revoked' '28|of an unknown authority'; do
    expect 30 played "trust:0x${case%|*}" check
    says "Windows does not believe it (0x${case%|*}): why" "${case#*|}"
    says 'and that it is not ours' 'What answers is not our server'
done
expect 30 played trust:0x20 check
says 'Windows finds nothing wrong but the time' "By this computer's clock"
URL=https://127.0.0.1:1 expect 30 client check
began=$SECONDS
URL=https://nowhere.invalid:1 expect 30 client check
if [ $((SECONDS - began)) -le 12 ]; then ok 'a server that is not there costs 10 s at most'; else not_ok "$((SECONDS - began)) s"; fi
same 'the PIN is nowhere in Windows' '' "$(grep -rlaF -e "$PIN" "$WINEPREFIX/drive_c/users" "$WINEPREFIX"/*.reg)"
finish
