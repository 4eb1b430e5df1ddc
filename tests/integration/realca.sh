#!/usr/bin/env bash
# The real CA certificates of 2010-2015 and 2015-2020, which share their name: the right one works as --old-ca, and the
# issuer is chosen by key, never by name (R5.4).
. "$(dirname "$0")/../lib/site.sh"

DATA=${CAPBU_DATA:-$here/../../../shared/data}/ca
if [ ! -f "$DATA/viettel-ca-2015-2020.pem" ] || [ ! -f "$DATA/viettel-ca-2010-2015.pem" ]; then
    echo 'skipped: the public CA certificates are not here; CAPBU_DATA names their folder'
    exit 77
fi

reasons_of() { # reasons_of NAME: as capbuctl screen has them
    ctl screen --csv "$TMP/screen.csv" >"$OUT"
    grep "^$(serial_of "$TMP/$1.pem")," "$TMP/screen.csv" | cut -d, -f5,6
}

# forger NAME SKI: in $DIR a CA of the real name that claims that key identifier.
forger() {
    openssl req -x509 -newkey rsa:2048 -nodes -subj '/C=VN/O=Viettel Group/CN=Viettel-CA' -days 9999 -sha1 \
        -keyout "$DIR/$1.key" -out "$DIR/$1.pem" -addext "subjectKeyIdentifier=$2" 2>"$ERR"
}

real_init() { # real_init OLD_CA: an installation that is no drill
    database_new
    DIR=$TMP/real
    "$CAPBUCTL" init --dir "$DIR" --old-ca "$1" --ca-cert "$TMP/new.pem" --ca-key "$TMP/new.key" --listen 127.0.0.1:0 \
        --campaign "$here/../../conf/campaign.conf" \
        ${DSN:+--database "$DSN"}
}

same 'the two have one name' "$(tbs_field "$DATA/viettel-ca-2010-2015.pem" 6)" "$(tbs_field "$DATA/viettel-ca-2015-2020.pem" 6)"
site_new --old-ca "$DATA/viettel-ca-2015-2020.pem"
expect 0 ctl check-config
same 'it is taken over as it is' "$(openssl x509 -in "$DATA/viettel-ca-2015-2020.pem" -noout -fingerprint)" \
    "$(openssl x509 -in "$DIR/old-ca.pem" -noout -fingerprint)"
forger new-name 0860E61F1B14D948800B5EA75C73252C200DF9D6
forger old-name 855C0441DC4706700214E5CC2E76DE72DE45D685
subscriber claims ca=new-name
subscriber earlier ca=old-name
expect 0 ctl import "$TMP/rows.csv"
same 'named like it, its key identifier, not its signature' 'refused,bad-signature' "$(reasons_of claims)"
same 'named like it, the key of the CA before' 'refused,not-old-issuer' "$(reasons_of earlier)"
expect 4 ctl drill population --count 1 --csv "$TMP/p.csv" # nobody here has that key
server_start
check_of "$TMP/claims.pem" >"$OUT"
json 'capbud says the same' '.reasons == ["bad-signature"]'
server_stop

site_new --old-ca "$DATA/viettel-ca-2010-2015.pem" # for a drill any old CA will do, but it is another issuer
expect 0 ctl import "$TMP/rows.csv"
same 'under the CA of 2010: that one is no issuer' 'refused,not-old-issuer' "$(reasons_of claims)"
same 'under the CA of 2010: this one claims to be' 'refused,bad-signature' "$(reasons_of earlier)"

new_ca new 20190513000000Z 20490513000000Z # still valid by this machine's clock
years=2015-2020
expect 0 real_init "$DATA/viettel-ca-$years.pem"
expect 0 ctl check-config
years=2010-2015
rm -rf "$TMP/real"
expect 6 real_init "$DATA/viettel-ca-$years.pem" # it is made, and says what has to be mended
expect 6 ctl --lang en check-config
says 'the campaign of 2020 with the CA of 2010: an error' 'old_issuer_key is another CA'
expect 6 timeout 20 "$CAPBUD" --dir "$DIR"
says 'capbud does not start with it either' 'old_issuer_key is another CA'

# A CA of the right name and key identifier that did not sign what is on record.
rm -rf "$TMP/real"
forged=$TMP/site1/new-name.pem
expect 0 real_init "$forged"
sed -n 1,2p "$TMP/rows.csv" >"$TMP/claims.csv"
expect 0 ctl import "$TMP/claims.csv"
expect 0 ctl --lang en check-config
cp "$DATA/viettel-ca-2015-2020.pem" "$DIR/old-ca.pem"
expect 6 ctl --lang en check-config
says 'certificates that the old CA did not sign: an error' 'signed 0 of the first 1 certificates on record'
expect 6 timeout 20 "$CAPBUD" --dir "$DIR"
says 'capbud does not start with it either' 'signed 0 of the first 1 certificates on record'
finish
