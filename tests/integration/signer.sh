#!/usr/bin/env bash
# capbud --signer: the CA key under a user of its own, behind a socket. Helpers, service and server die one after the other,
# and subscribers notice a try at most. As root the two run under two users, neither of them root.
. "$(dirname "$0")/../lib/site.sh"

SIGNER='' KEYS=$TMP/keys SOCKET=$TMP/run/signer two_users=
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && id daemon nobody >/dev/null 2>&1; then two_users=yes; fi

# as USER PROGRAM FILE: writes FILE, which runs PROGRAM as that user and keeps its process id.
as() {
    printf '#!/bin/sh\nexec setpriv --reuid=%s --regid=%s --clear-groups "%s" "$@"\n' "$1" "$(id -g "$1")" "$2" >"$3"
    chmod 755 "$3"
}

signer_conf() { # signer_conf LINE...: the configuration of the service, another one's lines added
    printf '%s\n' "signer_socket = \"$SOCKET\"" "signed_journal = \"$TMP/journal/signed.journal\"" "$(grep -E '^(drill|clock_offset)' "$DIR/capbud.conf")" \
        ${two_users:+'signer_peer = "nobody"'} "$@" >"$KEYS/capbud.conf"
}

signer_up() { grep -q "^ready $SOCKET" "$TMP/signer.ready"; }
signer_start() {
    : >"$TMP/signer.ready"
    "$HOLDER" --signer --dir "$KEYS" >"$TMP/signer.ready" 2>>"$TMP/signer.log" &
    SIGNER=$!
    children="$children $SIGNER"
    within 30 signer_up || not_ok 'the service becomes ready' "$(tail -n 3 "$TMP/signer.log")"
}
signer_helpers() { pgrep -P "$SIGNER" | xargs; }
none_alive() {
    local pid
    for pid in $1; do ! kill -0 "$pid" 2>/dev/null || return 1; done
}
ready() { [ "$(status_of /readyz)" = 200 ]; }
unready() { [ "$(status_of /readyz)" = 503 ]; }
full() { api /metrics | grep -qx 'capbu_signer_helpers 2'; }

site_new
SITE=$DIR
for name in one two three four; do subscriber "$name"; done
expect 0 ctl import "$TMP/rows.csv"
mkdir -p "$KEYS" "$TMP/run"
mv "$DIR/new-ca.key" "$DIR/seal.key" "$KEYS"
mkdir -p "$TMP/journal" # written by the service, read by the server
mv "$DIR/signed.journal" "$TMP/journal"
cp "$DIR/old-ca.pem" "$DIR/new-ca.pem" "$DIR/campaign.conf" "$DIR/provinces.csv" "$KEYS"
signer_conf
conf_set capbud.conf signer_socket "\"$SOCKET\""
conf_set capbud.conf seal_key "\"$KEYS/seal.key\""
conf_set capbud.conf signed_journal "\"$TMP/journal/signed.journal\""
HOLDER=$CAPBUD
if [ -n "$two_users" ]; then
    chmod 711 "$TMP"
    as daemon "$CAPBUD" "$TMP/holder"
    as nobody "$CAPBUD" "$TMP/network"
    HOLDER=$TMP/holder CAPBUD=$TMP/network
    chown -R daemon "$KEYS" "$TMP/run" "$TMP/journal"
    chmod 700 "$KEYS" && chmod 600 "$KEYS/new-ca.key" "$KEYS/seal.key" && chmod 755 "$TMP/run"
    chown -R nobody "$DIR"
    for key in new-ca.key seal.key; do
        if setpriv --reuid=nobody --clear-groups test -r "$KEYS/$key"; then not_ok "the network process cannot read $key"; else ok "the network process cannot read $key"; fi
    done
else
    echo 'not root: both run under this user'
fi
expect 0 ctl check-config

# Whoever starts first waits for the other.
server_start
within 5 unready
same 'without the service nothing can be signed' 503 "$(status_of /readyz)"
json 'and it says so' '.reasons == ["no signer helper is alive: the signer service is away", "nothing can be recorded: who seals the audit, the signers'"'"' parent, is away or silent"]'
token_of one
expect 30 renew
same 'nothing was issued' 0 "$(sql 'SELECT count(*) FROM issued WHERE issued_at IS NOT NULL')"
signer_start
if within 10 ready; then ok 'the server finds the service'; else not_ok 'the server finds the service' "$(tail -n 3 "$DIR.log")"; fi
expect 0 renew
certs_on one
cert_read one "one [2021-07-16]" "$TMP/one.new.pem"
renewal_is_right one "$TMP/one.pem" "$TMP/one.new.pem" 'Jul 16 16:59:59 2021 GMT'
if [ -n "$two_users" ]; then
    same 'the helpers are not the server'"'"'s user' daemon "$(ps -o user= -p "$(signer_helpers | cut -d' ' -f1)")"
    same 'the server has no helpers' '' "$(pgrep -P "$SERVER")"
fi

# Another one is not served: as root a foreign user, else a second one of the same.
stranger() {
    local first=$SERVER url=$URL
    CAPBUD=$(built capbud) site_new
    conf_set capbud.conf signer_socket "\"$SOCKET\""
    CAPBUD=$(built capbud)
    server_start
    within 5 unready
    same 'a second capbud is not served' 503 "$(status_of /readyz)"
    says 'the log says why' signer-caller-refused "$TMP/signer.log"
    [ -z "$two_users" ] || says 'by its user' 'does not serve user 0' "$TMP/signer.log"
    server_stop
    SERVER=$first URL=$url DIR=$SITE
    [ -z "$two_users" ] || CAPBUD=$TMP/network
    if ready; then ok 'the first one still is'; else not_ok 'the first one still is'; fi
}
stranger

# A helper dies: nobody notices.
token_of two
kill -9 "$(signer_helpers | cut -d' ' -f1)"
expect 0 renew
if within 20 full; then ok 'the pool is full again'; else not_ok 'the pool is full again' "$(api /metrics | grep signer)"; fi
says 'its death is told' signer-helper-died "$TMP/signer.log"

# The service dies, whole, and leaves its socket behind.
all=$(signer_helpers)
kill -9 "$SIGNER"
wait "$SIGNER" 2>/dev/null
ended "$SIGNER"
if within 3 none_alive "$all"; then ok 'kill -9 leaves no helper after 3 s'; else not_ok 'kill -9 leaves no helper after 3 s'; fi
within 5 unready
token_of three
expect 30 renew
says 'the server tells that it is away' signer-service-away "$DIR.log"
signer_start
if within 10 full; then ok 'it is found again'; else not_ok 'it is found again'; fi
expect 0 renew

# The server dies: the next one is served at once, by helpers that nobody had before.
server_kill
server_start
if within 10 full; then ok 'a new server is served'; else not_ok 'a new server is served' "$(tail -n 3 "$TMP/signer.log")"; fi
token_of four
expect 0 renew
expect 0 ctl audit verify

kill -TERM "$SIGNER"
wait "$SIGNER"
same 'SIGTERM ends the service with 0' 0 $?
ended "$SIGNER"
if [ -e "$SOCKET" ]; then not_ok 'its socket is gone'; else ok 'its socket is gone'; fi
server_stop

# What it does not start with.
starts_not() { # starts_not STATUS WHAT TEXT
    timeout 20 "$HOLDER" --signer --dir "$KEYS" >"$OUT" 2>"$ERR"
    same "$2: the service does not start" "$1" $?
    says "$2: it says why" "$3"
}
signer_conf 'ca_key = "campaign.conf"'
starts_not 6 'no key' campaign.conf
signer_conf 'ca_key = "nowhere.key"'
starts_not 4 'no such file' nowhere.key
signer_conf 'seal_key = "nowhere.key"'
starts_not 4 'no seal key' nowhere.key
signer_conf
chmod 640 "$KEYS/seal.key"
starts_not 6 'a seal key that others read' 'chmod go='
chmod 600 "$KEYS/seal.key"
signer_conf
sed -i '/^signer_peer/d; 1i signer_peer = "no-such-user"' "$KEYS/capbud.conf"
starts_not 6 'no such user' no-such-user
sed -i '/^signer_/d' "$KEYS/capbud.conf"
starts_not 6 'no socket' signer_socket
finish
