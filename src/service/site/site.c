/* Opens an installation: configuration, campaign, and both issuers, told apart by key (R5.4). */
#include "service/site/campaign_file.h"
#include "service/site/conf.h"
#include "service/site/sealer.h"

#include <string.h>

#include "service/site/gaps.h"

static enum rc open_ca(const char *path, struct buf *der, struct ca **ca) {
    TRY(cert_from_file(path, der));
    enum rc rc = ca_open(buf_span(der), ca);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", path);
}

/* The letter's two CA certificates share their name; only different keys make them two issuers. */
static enum rc check_pair(const struct site *s) {
    const struct cert *old_ca = ca_cert(s->old_ca), *new_ca = ca_cert(s->new_ca);
    const struct cert_facts *a = &old_ca->facts, *b = &new_ca->facts;
    bool same_id = a->ski_len == b->ski_len && memcmp(a->ski, b->ski, a->ski_len) == 0;
    if (same_id || cert_same_key(old_ca, new_ca))
        FAIL(RC_INPUT, "%s and %s have the same key: old_ca and new_ca must be two issuers", s->conf.old_ca,
             s->conf.new_ca);
    return RC_OK;
}

static enum rc fill(const char *dir, struct site *s) {
    TRY(conf_load(dir, &s->conf));
    TRY(sealer_new(s->conf.seal_key, s->conf.signed_journal, &s->sealer));
    TRY(open_ca(s->conf.old_ca, &s->old_ca_der, &s->old_ca));
    TRY(open_ca(s->conf.new_ca, &s->new_ca_der, &s->new_ca));
    TRY(check_pair(s));
    TRY(campaign_file_load(s->conf.campaign, &s->campaign, &s->provinces, &s->campaign_hash));
    const struct cert_facts *new_ca = &ca_cert(s->new_ca)->facts;
    s->campaign.new_ca_not_before = new_ca->not_before; /* R5.7 */
    s->campaign.new_ca_not_after = new_ca->not_after;
    return RC_OK;
}

enum rc site_open(const char *dir, struct site *out) {
    AUTO(site) s = {0};
    TRY(fill(dir, &s));
    *out = s;
    s = (struct site){0}; /* given away */
    return RC_OK;
}

enum rc site_open_store(struct site *s, int readers) {
    return store_open(s->conf.database, readers, &s->store);
}

void site_free(struct site *s) {
    store_free(MOVE(s->store));
    sealer_free(MOVE(s->sealer));
    gaps_free(MOVE(s->gaps));
    ca_free(MOVE(s->old_ca));
    ca_free(MOVE(s->new_ca));
    buf_free(&s->old_ca_der);
    buf_free(&s->new_ca_der);
}

struct ca_pair site_cas(const struct site *s) {
    return (struct ca_pair){s->old_ca, s->new_ca};
}
