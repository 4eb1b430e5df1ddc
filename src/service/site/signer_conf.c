/* Makes the signing helpers' configuration of an installation's (declared in service/site/signer_conf.h). */
#include "service/site/signer_conf.h"

static struct signer_terms terms_of(const struct site *s) {
    const struct campaign *c = &s->campaign;
    int32_t before = c->connection_day + (c->connection_day_policy == CONNECTION_DAY_ACCEPT);
    return (struct signer_terms){.new_key_allowed = c->key == KEY_NEW_ALLOWED,
                                 .ocsp_url = c->ocsp_url,
                                 .crl_url = c->crl_url,
                                 .issued_before = day_start(before, c->utc_offset),
                                 .ends_from = day_start(c->expiry_day, c->utc_offset),
                                 .ends_to = day_end(c->expiry_day, c->utc_offset),
                                 .earliest_begin = day_start(c->connection_day, c->utc_offset) - c->backdate,
                                 .min_key_bits = c->min_key_bits,
                                 .clock_offset = s->conf.clock_offset,
                                 .utc_offset = c->utc_offset};
}

struct signer_config signer_conf(const struct site *s) {
    return (struct signer_config){.key_ref = s->conf.ca_key,
                                  .pin_file = s->conf.ca_pin_file,
                                  .ca_der = buf_span(&s->new_ca_der),
                                  .old_ca_der = buf_span(&s->old_ca_der),
                                  .seal_file = s->conf.seal_key,
                                  .journal = s->conf.signed_journal,
                                  .helpers = s->conf.signers,
                                  .terms = terms_of(s)};
}
