/* Is the old CA the one whose certificates are on record? With a wrong one nobody is eligible, or the wrong people. */
#include "service/site/old_ca.h"

#include "service/site/campaign_file.h"
#include "store/certs.h"

#define LOOKED_AT 1000 /* of the records, in the order they came; each costs one verification */

struct tally {
    const struct ca *ca;
    int looked, signed_;
};

static enum rc see(void *arg, const struct cert_row *row, const struct issued_row *issued) {
    struct tally *t = arg;
    struct cert c;

    (void)issued;
    t->looked++;
    t->signed_ += cert_parse(buf_span(&row->der), &c) == RC_OK && ca_verify(t->ca, &c, true) == RC_OK;
    return RC_OK;
}

static enum rc look(struct db *db, void *arg) {
    return certs_each(db, 0, LOOKED_AT, see, arg);
}

enum rc old_ca_check(const struct site *s) {
    const struct cert_facts *old = &ca_cert(s->old_ca)->facts;
    struct tally t = {.ca = s->old_ca};

    if (s->conf.drill)
        return RC_OK;
    if (!campaign_file_means(&s->campaign, span_of(old->ski, old->ski_len))) /* R5.4 */
        FAIL(RC_INPUT, "%s: old_issuer_key is another CA's than %s: one of them is the wrong file", s->conf.campaign,
             s->conf.old_ca);
    TRY(store_read(s->store, look, &t));
    if (2 * t.signed_ < t.looked)
        FAIL(RC_INPUT,
             "%s signed %d of the first %d certificates on record: it is the wrong file, or another CA's certificates "
             "were imported",
             s->conf.old_ca, t.signed_, t.looked);
    return RC_OK;
}
