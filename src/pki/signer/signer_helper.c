/* The CA key in the helper process: it signs nothing but a renewal of what the old CA had issued. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/day.h"
#include "base/hex.h"
#include "pki/ca/ca.h"
#include "pki/cmp/cmp_proof.h"
#include "pki/key/key.h"
#include "pki/signer/signer_wire.h"

#define CLOCK_SLACK 60 /* seconds that the network process may be ahead */

struct signer_helper {
    struct key *key;
    struct ca *old_ca, *new_ca;
    struct signer_terms terms;
    const struct seal *seal; /* NULL: there is none */
    struct sha256 old_key;   /* of the old CA */
};

static enum rc fill(struct signer_helper *h, const struct signer_config *cfg) {
    enum rc rc = ca_open(cfg->ca_der, &h->new_ca);
    if (rc != RC_OK)
        return err_in(rc, "new CA certificate");
    rc = ca_open(cfg->old_ca_der, &h->old_ca);
    if (rc != RC_OK)
        return err_in(rc, "old CA certificate");
    rc = key_open(cfg->key_ref, cfg->pin_file, &h->key);
    if (rc != RC_OK)
        return err_in(rc, "CA key %s", cfg->key_ref);
    if (!key_matches(h->key, ca_cert(h->new_ca)))
        FAIL(RC_CRYPTO, "the CA key is not the key of the new CA certificate: %s", cfg->key_ref);
    h->terms = cfg->terms;
    h->seal = cfg->seal;
    h->old_key = sha256_of(ca_cert(h->old_ca)->spki);
    return RC_OK;
}

enum rc signer_helper_open(const struct signer_config *cfg, struct signer_helper **out) {
    AUTO_PTR(signer_helper) h = calloc(1, sizeof *h);
    if (h == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(fill(h, cfg));
    *out = MOVE(h);
    return RC_OK;
}

void signer_helper_free(struct signer_helper *h) {
    if (h == NULL)
        return;
    key_free(h->key);
    ca_free(h->old_ca);
    ca_free(h->new_ca);
    free(h);
}

/* Was it issued by the old CA, and is it one that the campaign is about (R2.1, R2.3, R2.5)? */
static enum rc check_old(const struct signer_helper *h, struct span der, struct cert *old) {
    const struct signer_terms *t = &h->terms;
    TRY(cert_parse(der, old));
    TRY(ca_verify(h->old_ca, old, true));
    if (old->facts.not_before >= t->issued_before || old->facts.not_after < t->ends_from ||
        old->facts.not_after > t->ends_to)
        FAIL(RC_REFUSED, "it is not of those that the campaign makes good (R2.3, R2.5)");
    if (old->facts.key_kind == KEY_RSA && old->facts.key_bits < t->min_key_bits)
        FAIL(RC_REFUSED, "its key has %u bits, at least %d are wanted", old->facts.key_bits, t->min_key_bits);
    return RC_OK;
}

/* Without oldCertID a request would be one for every certificate of that key. */
static bool names(const struct cmp_request *r, const struct cert *old) {
    return span_eq(r->old_serial, old->serial) && span_eq(r->old_issuer, old->issuer);
}

/* Does the old key itself ask for a renewal, with which key, and does that one agree? */
static enum rc check_request(const struct signer_helper *h, struct span kur, const struct cert *old, struct buf *spki) {
    struct cmp_msg m;
    struct cmp_request r;
    TRY(cmp_core_parse(kur, &m));
    TRY(cmp_msg_check(&m));
    if (m.type != CMP_KUR)
        FAIL(RC_REFUSED, "it is no kur");
    TRY(cmp_request_parse(m.content, &r));
    TRY(cmp_protected_by(&m, old, NULL));
    TRY(cmp_request_key(&r, old, spki));
    if (!span_eq(buf_span(spki), old->spki)) /* of the old key the protection is proof enough */
        TRY(cmp_possession(&r, old, NULL, buf_span(spki)));
    if (!names(&r, old))
        FAIL(RC_REFUSED, "it names another old certificate");
    if (!h->terms.new_key_allowed && !span_eq(buf_span(spki), old->spki))
        FAIL(RC_REFUSED, "it asks for another key (R5.9)");
    return RC_OK;
}

/* What the operator has recorded of it: in force, and until when its contract gives a certificate (R2.2, R5.7). */
static enum rc check_record(const struct signer_helper *h, const struct signer_request *req, const struct cert *old,
                            int64_t *latest_end) {
    const struct signer_claim *c = &req->claim;
    *latest_end = INT64_MAX;
    if (h->seal == NULL)
        return RC_OK;
    if (!c->sealed)
        FAIL(RC_REFUSED, "the record carries no seal");
    TRY(seal_record_check(h->seal, &c->record, &c->mac));
    char serial[2 * SERIAL_MAX + 2], issuer[2 * KEY_ID_MAX + 1];
    serial_to_hex(old->facts.serial, old->facts.serial_len, serial);
    cert_issuer_key(old, issuer);
    if (strcmp(serial, c->record.serial) != 0 || strcmp(issuer, c->record.issuer_key) != 0)
        FAIL(RC_REFUSED, "it is another certificate's");
    if (c->record.status != STATUS_ACTIVE)
        FAIL(RC_REFUSED, "the certificate is not in force (R2.2)");
    *latest_end = day_end(c->record.contract_to, h->terms.utc_offset);
    return RC_OK;
}

static enum rc check_all(struct signer_helper *h, const struct signer_request *req, struct cert *old) {
    AUTO(buf) spki = {0};
    enum rc rc = check_old(h, req->old_cert, old);
    if (rc != RC_OK)
        return err_in(RC_REFUSED, "not signed: old certificate");
    rc = check_request(h, req->kur, old, &spki);
    if (rc != RC_OK)
        return err_in(RC_REFUSED, "not signed: request");
    int64_t latest_end;
    rc = check_record(h, req, old, &latest_end);
    if (rc != RC_OK)
        return err_in(RC_REFUSED, "not signed: record");
    const struct profile_bounds bounds = {.old_cert = old,
                                          .issuer = ca_cert(h->new_ca),
                                          .earliest_begin = h->terms.earliest_begin,
                                          .latest_begin = (int64_t)time(NULL) + h->terms.clock_offset + CLOCK_SLACK,
                                          .latest_end = latest_end,
                                          .spki = buf_span(&spki),
                                          .ocsp_url = h->terms.ocsp_url,
                                          .crl_url = h->terms.crl_url};
    return profile_check(req->tbs, &bounds);
}

/* The caller's word counts for nothing here: the old certificate is checked against the old CA's key, the request
   against the old certificate's, issuer, subject, key, window and profile against these and the campaign. */
enum rc signer_helper_check(struct signer_helper *h, const struct signer_request *req, struct journal_entry *entry) {
    struct cert old;
    char serial[2 * SERIAL_MAX + 2];
    TRY(check_all(h, req, &old));
    serial_to_hex(old.facts.serial, old.facts.serial_len, serial);
    *entry = (struct journal_entry){journal_old(h->old_key, serial), sha256_of(req->tbs)};
    return RC_OK;
}

enum rc signer_helper_sign(struct signer_helper *h, struct span tbs, struct buf *signature) {
    TRY(key_sign(h->key, tbs, signature));
    return key_checks_itself(h->key) ? RC_OK : key_verify(ca_cert(h->new_ca), tbs, buf_span(signature));
}

bool signer_helper_lost(const struct signer_helper *h) {
    return key_lost(h->key);
}
