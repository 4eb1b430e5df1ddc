/* Makes or takes over the certificates and keys of an installation. */
#include "service/site/setup_ca.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pki/ca/mint.h"

#define CA_FILE_LIMIT (64 * 1024)
#define CA_BITS       2048
#define TLS_YEARS     10
#define DAY           ((int64_t)DAY_SECONDS)

/* The letter's two CAs as domain.md lists them: the second one's key signs SHA-1, the third differs by L. */
static const struct mint_ca DRILL_OLD = {.country = "VN",
                                         .organisation = "Viettel Group",
                                         .common_name = "Viettel-CA",
                                         .not_before = 1443753140, /* 2015-10-02T02:32:20Z */
                                         .not_after = 1601606540,  /* 2020-10-02T02:42:20Z */
                                         .sha1 = true};
static const struct mint_ca DRILL_NEW = {.country = "VN",
                                         .locality = "Hà Nội",
                                         .organisation = "Viettel Group",
                                         .common_name = "Viettel-CA",
                                         .not_before = 1557705600, /* 2019-05-13T00:00:00Z */
                                         .not_after = 1715558400}; /* 2024-05-13T00:00:00Z */

static enum rc pem_write(const char *dir, const char *name, struct span der) {
    char path[PATH_CAP];
    AUTO(buf) pem = {0};

    TRY(fs_join(path, dir, name));
    TRY(cert_to_pem(der, &pem));
    return fs_write_new(path, buf_span(&pem), 0644);
}

/* A new CA in a drill: key and certificate in `dir`. */
static enum rc ca_mint(const struct mint_ca *ca, const char *dir, const char *key_name, const char *cert_name) {
    char path[PATH_CAP];
    AUTO_PTR(key) key = NULL;
    AUTO(buf) der = {0};

    TRY(fs_join(path, dir, key_name));
    TRY(key_make_file(path, CA_BITS, &key));
    TRY(mint_ca(ca, key, &der));
    return pem_write(dir, cert_name, buf_span(&der));
}

/* A CA certificate that was given: checked, and copied beside the rest. */
static enum rc ca_copy(const char *from, const char *dir, const char *name) {
    AUTO(buf) der = {0};
    AUTO_PTR(ca) ca = NULL;

    TRY(cert_from_file(from, &der));
    enum rc rc = ca_open(buf_span(&der), &ca);
    if (rc != RC_OK)
        return err_in(rc, "%s", from);
    return pem_write(dir, name, buf_span(&der));
}

/* The new CA's key, and proof that it belongs to the new CA's certificate. */
static enum rc ca_key_open(const struct setup *o, const char *dir, struct buf *ca_der, struct cert *ca,
                           struct key **key) {
    char path[PATH_CAP];
    AUTO_PTR(key) k = NULL;

    TRY(fs_join(path, dir, SETUP_NEW_CA));
    TRY(cert_from_file(path, ca_der));
    TRY(cert_parse(buf_span(ca_der), ca));
    TRY(fs_join(path, dir, SETUP_NEW_CA_KEY));
    TRY(key_open(o->ca_key != NULL ? o->ca_key : path, o->ca_pin_file, &k));
    if (!key_matches(k, ca))
        FAIL(RC_CRYPTO, "the CA key %s does not belong to the CA certificate", o->ca_key != NULL ? o->ca_key : path);
    *key = MOVE(k);
    return RC_OK;
}

struct office { /* a key of the registration authority's and its certificate */
    const char *key, *cert;
    enum rc (*mint)(struct key *ca_key, const struct cert *ca, struct key *k, int64_t from, int64_t to,
                    struct buf *der);
};

/* It lives and ends with the new CA. */
static enum rc office_make(const struct office *o, const char *dir, struct key *ca_key, const struct cert *ca,
                           int64_t now) {
    char path[PATH_CAP];
    AUTO(buf) der = {0};
    AUTO_PTR(key) key = NULL;

    TRY(fs_join(path, dir, o->key));
    TRY(key_make_file(path, 0, &key));
    int64_t from = now - DAY > ca->facts.not_before ? now - DAY : ca->facts.not_before;
    TRY(o->mint(ca_key, ca, key, from, ca->facts.not_after, &der));
    return pem_write(dir, o->cert, buf_span(&der));
}

/* Two keys: the one that answers the network cannot say which drivers a subscriber's program loads. */
static enum rc offices_make(const struct setup *o, const char *dir, int64_t now) {
    static const struct office cmp = {SETUP_CMP_KEY, SETUP_CMP_CERT, mint_cmp};
    static const struct office devices = {SETUP_DEVICES_KEY, SETUP_DEVICES_CERT, mint_publisher};
    struct cert ca;
    AUTO(buf) ca_der = {0};
    AUTO_PTR(key) ca_key = NULL;

    TRY(ca_key_open(o, dir, &ca_der, &ca, &ca_key));
    if (now < ca.facts.not_before || now > ca.facts.not_after)
        FAIL(RC_INPUT, "the new CA certificate is not valid at the installation's clock: give another --ca-cert%s",
             o->drill ? " or --clock" : "");
    TRY(office_make(&cmp, dir, ca_key, &ca, now));
    return office_make(&devices, dir, ca_key, &ca, now);
}

/* The host name of HOST:PORT goes into the certificate too. */
static enum rc listen_host(const char *listen, char *host, size_t cap) {
    const char *colon = strrchr(listen, ':');

    return text_set_span(host, cap, span_of(listen, colon == NULL ? strlen(listen) : (size_t)(colon - listen)));
}

/* Valid by the machine's clock, which browsers and curl ask, and by a drill's own, which `openssl cmp -attime` asks of
   every certificate it meets. */
static enum rc tls_make(const struct setup *o, const char *dir, int64_t now) {
    char key_path[PATH_CAP], path[PATH_CAP], host[256];
    AUTO_PTR(key) key = NULL;
    AUTO(buf) der = {0};
    AUTO(buf) pem = {0};
    AUTO(buf) both = {0};
    int64_t machine = (int64_t)time(NULL);
    int64_t from = (now < machine ? now : machine) - DAY;
    int64_t to = (now < machine ? machine : now) + TLS_YEARS * 365 * DAY;

    TRY(listen_host(o->listen != NULL ? o->listen : "localhost:0", host, sizeof host));
    TRY(fs_join(key_path, dir, "tls.key"));
    TRY(key_make_file(key_path, 0, &key));
    TRY(mint_tls(key, host, from, to, &der));
    TRY(cert_to_pem(buf_span(&der), &pem));
    TRY(fs_read(key_path, CA_FILE_LIMIT, &both));
    TRY(buf_add_span(&both, buf_span(&pem)));
    TRY(fs_join(path, dir, SETUP_TLS));
    enum rc rc = fs_write_new(path, buf_span(&both), 0600);
    buf_wipe(&both);
    TRY(rc);
    (void)unlink(key_path); /* it is in tls.pem now */
    return pem_write(dir, SETUP_SERVER_CA, buf_span(&der));
}

enum rc setup_ca_make(const struct setup *o, const char *dir, int64_t now) {
    if (o->old_ca != NULL)
        TRY(ca_copy(o->old_ca, dir, SETUP_OLD_CA));
    else
        TRY(ca_mint(&DRILL_OLD, dir, SETUP_OLD_CA_KEY, SETUP_OLD_CA));
    if (o->ca_cert != NULL)
        TRY(ca_copy(o->ca_cert, dir, SETUP_NEW_CA));
    else
        TRY(ca_mint(&DRILL_NEW, dir, SETUP_NEW_CA_KEY, SETUP_NEW_CA));
    TRY(offices_make(o, dir, now));
    return tls_make(o, dir, now);
}
