/* capbuctl check-config: opens everything as the programs will, and says all that is wrong with file and line. */
#include "service/site/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "pki/journal/signed_journal.h"
#include "pki/key/key.h"
#include "service/site/campaign_file.h"
#include "service/site/devices_file.h"
#include "service/site/gaps.h"
#include "service/site/old_ca.h"
#include "service/site/publish.h"
#include "service/site/responder.h"
#include "service/site/terms.h"
#include "store/certs.h"

struct talk {
    void (*say)(void *arg, bool fatal, const char *text);
    void *arg;
    bool faulty;
};

/* Says a failure and goes on: one run names everything. */
static bool fine(struct talk *t, enum rc rc) {
    if (rc == RC_OK)
        return true;
    t->faulty = true;
    t->say(t->arg, true, err_text());
    return false;
}

static void warn(struct talk *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(struct talk *t, const char *fmt, ...) {
    char text[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    t->say(t->arg, false, text);
}

static void warn_line(void *arg, const char *text) {
    warn(arg, "%s", text);
}

static enum rc cert_decode(const char *path, const struct buf *der, struct cert *c) {
    enum rc rc = cert_parse(buf_span(der), c);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", path);
}

static enum rc cert_read(const char *path, struct buf *der, struct cert *c) {
    TRY(cert_from_file(path, der));
    return cert_decode(path, der, c);
}

static enum rc tls_read(const char *path, struct buf *der, struct cert *c) {
    TRY(cert_first_from_file(path, der));
    return cert_decode(path, der, c);
}

static enum rc belongs(const char *key_ref, const char *pin_file, const char *cert_path, const struct cert *c) {
    AUTO_PTR(key) key = NULL;

    TRY(key_open(key_ref, pin_file, &key));
    if (!key_matches(key, c))
        FAIL(RC_INPUT, "%s does not belong to %s", key_ref, cert_path);
    return RC_OK;
}

/* A key and its certificate: both readable, and a pair. */
static enum rc pair_check(const char *key_ref, const char *pin_file, const char *cert_path) {
    struct cert c;
    AUTO(buf) der = {0};

    TRY(cert_read(cert_path, &der, &c));
    return belongs(key_ref, pin_file, cert_path, &c);
}

/* The server's: its chain may stand behind it, but the key is the first one's. */
static enum rc tls_check(const char *path) {
    struct cert c;
    AUTO(buf) der = {0};

    TRY(tls_read(path, &der, &c));
    return belongs(path, NULL, path, &c);
}

/* A signer service has the key, under a user of its own, and has checked it. */
static enum rc ca_key_check(struct talk *t, const struct conf *c) {
    struct cert ca;
    AUTO(buf) der = {0};

    if (c->signer_socket[0] == '\0')
        return pair_check(c->ca_key, c->ca_pin_file, c->new_ca);
    if (access(c->ca_key, R_OK) == 0)
        warn(t, "%s can be read here although signer_socket is set: the CA key should be the signer service's alone",
             c->ca_key);
    return cert_read(c->new_ca, &der, &ca);
}

static void campaign_say(struct talk *t, const struct site *s) {
    struct campaign_warnings w;

    campaign_file_warn(&s->campaign, &w);
    for (int32_t i = 0; i < w.count; i++)
        warn(t, "%s: %s", s->conf.campaign, w.text[i]);
    if (w.left_out > 0)
        warn(t, "%s: %d warnings more", s->conf.campaign, (int)w.left_out);
}

struct longest {
    int32_t contract_to;
    int64_t beyond; /* contracts that end after the new CA */
    int64_t ca_end;
    int32_t offset;
};

static enum rc longest_see(void *arg, const struct cert_row *row, const struct issued_row *issued) {
    struct longest *l = arg;

    (void)issued;
    l->contract_to = row->contract_to > l->contract_to ? row->contract_to : l->contract_to;
    l->beyond += day_end(row->contract_to, l->offset) > l->ca_end;
    return RC_OK;
}

static enum rc longest_read(struct db *db, void *arg) {
    int64_t last = 0;

    TRY(certs_max_id(db, &last));
    return certs_each(db, 0, last, longest_see, arg);
}

/* The lesson of 2024: a CA that ends before the longest contract makes people be made good twice (R5.7). */
static enum rc contracts_check(struct talk *t, struct site *s) {
    struct longest l = {
        .contract_to = INT32_MIN, .ca_end = s->campaign.new_ca_not_after, .offset = s->campaign.utc_offset};
    char contract[DAY_TEXT], ca[INSTANT_TEXT];

    TRY(site_open_store(s, 1));
    TRY(old_ca_check(s));
    TRY(store_read(s->store, longest_read, &l));
    if (l.beyond == 0)
        return RC_OK;
    day_format(l.contract_to, contract);
    instant_format(l.ca_end, ca);
    warn(t, "the new CA ends %s, before %lld contracts, of which the longest ends %s: these are %s", ca,
         (long long)l.beyond, contract, s->campaign.beyond == BEYOND_HOLD ? "held" : "cut");
    return RC_OK;
}

static void ca_say(struct talk *t, const struct site *s) {
    int64_t now = conf_now(&s->conf);
    char end[INSTANT_TEXT];

    const struct cert_facts *old = &ca_cert(s->old_ca)->facts;

    instant_format(s->campaign.new_ca_not_after, end);
    if (old->not_after > s->campaign.new_ca_not_after)
        warn(t, "%s ends after %s: are they exchanged?", s->conf.old_ca, s->conf.new_ca);
    if (now > s->campaign.new_ca_not_after || now < s->campaign.new_ca_not_before)
        warn(t, "%s is not valid at this installation's clock (it ends %s)", s->conf.new_ca, end);
    if (day_of(now, s->campaign.utc_offset) > s->campaign.expiry_day)
        warn(t, "the programme is over: the old certificates have expired");
}

/* Token models name drivers to load: the key that vouches for them need not lie where the network comes in. */
static enum rc devices_key_check(struct talk *t, const struct conf *c) {
    const struct {
        const char *key, *path;
        enum rc (*read)(const char *path, struct buf *der, struct cert *c);
    } others[] = {{"cmp_key", c->cmp_cert, cert_read}, {"tls", c->tls, tls_read}};
    AUTO(buf) der = {0};
    struct cert own, other;

    TRY(cert_read(c->devices_cert, &der, &own));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        AUTO(buf) other_der = {0};
        TRY(others[i].read(others[i].path, &other_der, &other));
        if (span_eq(own.spki, other.spki))
            warn(t,
                 "%s: devices_key is the same key as %s: token models should be signed by a key of their own, kept "
                 "away from this server",
                 c->devices_cert, others[i].key);
    }
    return RC_OK;
}

/* Each file by itself, so that one run names the faults of all. */
static bool files_check(struct talk *t, const struct conf *c) {
    struct campaign campaign;
    struct provinces provinces;
    struct sha256 hash;
    struct cert cert;
    AUTO(buf) old_der = {0};
    bool good = fine(t, campaign_file_load(c->campaign, &campaign, &provinces, &hash));

    good &= fine(t, devices_file_check(c->devices));
    good &= fine(t, cert_read(c->old_ca, &old_der, &cert));
    good &= fine(t, ca_key_check(t, c));
    good &= fine(t, pair_check(c->cmp_key, c->cmp_pin_file, c->cmp_cert));
    return fine(t, tls_check(c->tls)) && good;
}

/* CMP answers are believed because their certificate is under the new CA. */
static enum rc cmp_check(const struct site *s) {
    AUTO(responder) r = {0};

    TRY(responder_open(&s->conf, &r));
    if (ca_verify(s->new_ca, &r.cert, false) != RC_OK)
        FAIL(RC_INPUT, "%s is not under %s: are old_ca and new_ca exchanged?", s->conf.cmp_cert, s->conf.new_ca);
    return RC_OK;
}

/* Outside its term one of them stops every renewal; weeks before, there is time to make a new one. */
static void terms_check(struct talk *t, const struct conf *c) {
    struct terms terms;
    char text[TERMS_TEXT];

    if (!fine(t, terms_read(c, &terms)))
        return;
    for (enum term which = 0; which < TERM_COUNT; which++) {
        enum term_state state = terms_look(&terms, which, terms_now(c, which), text);
        if (state == TERM_OUT)
            (void)fine(t, err_set(RC_INPUT, "%s", text));
        else if (state == TERM_ENDING)
            warn(t, "%s", text);
    }
}

static enum rc gaps_read(struct db *db, void *arg) {
    struct site *s = arg;
    AUTO_PTR(seal) seal = NULL;

    if (access(s->conf.seal_key, R_OK) == 0) /* of a signer service it is the service's alone */
        TRY(seal_open(s->conf.seal_key, &seal));
    return gaps_find(s, db, seal, true, &s->gaps);
}

static enum rc write_nothing(struct tx *tx, void *arg) {
    (void)tx;
    (void)arg;
    return RC_OK;
}

/* Written as capbud will: reading alone says nothing of a file, or its folder, that is not this user's to write. */
static enum rc writing_check(const struct site *s) {
    TRY(store_write(s->store, conf_now(&s->conf), write_nothing, NULL));
    return s->conf.signer_socket[0] == '\0' ? signed_journal_writable(s->conf.signed_journal) : RC_OK;
}

/* Reads the journal whole, and holds the database against it. */
static enum rc journal_check(struct talk *t, struct site *s) {
    if (s->conf.signer_socket[0] != '\0' && access(s->conf.signed_journal, R_OK) != 0) {
        warn(t, "%s cannot be read here: what the database lacks after a restore is not known to capbud",
             s->conf.signed_journal);
        return RC_OK;
    }
    TRY(store_read(s->store, gaps_read, s));
    gaps_say(s->gaps, warn_line, t);
    return RC_OK;
}

enum rc setup_check(const char *dir, void (*say)(void *arg, bool fatal, const char *text), void *arg) {
    struct talk t = {.say = say, .arg = arg};
    struct conf conf;
    AUTO(site) s = {0};

    enum rc rc = conf_load(dir, &conf);
    if (rc == RC_NOT_FOUND) /* no installation is no fault of a file */
        return rc;
    if (rc == RC_OK) {
        (void)fine(&t, conf_kept(&conf));
        conf_open(&conf, warn_line, &t);
    }
    if (fine(&t, rc) && files_check(&t, &conf) && fine(&t, site_open(dir, &s))) {
        campaign_say(&t, &s);
        ca_say(&t, &s);
        (void)fine(&t, cmp_check(&s));
        terms_check(&t, &conf);
        bool devices = fine(&t, devices_key_check(&t, &s.conf)); /* read again to publish: one fault is said once */
        bool stored = fine(&t, contracts_check(&t, &s));
        if (stored && fine(&t, journal_check(&t, &s)))
            (void)fine(&t, writing_check(&s));
        if (stored && devices)
            (void)fine(&t, publish_check(&s, conf_now(&s.conf), warn_line, &t));
    }
    if (t.faulty)
        FAIL(RC_INPUT, "%s is not usable as it is", dir);
    return RC_OK;
}
