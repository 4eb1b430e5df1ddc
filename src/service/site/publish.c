/* From devices.conf to a signed publication. */
#include "service/site/publish.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "pki/cms.h"
#include "service/site/conf_reader.h"
#include "service/site/devices_file.h"

#define SOON_DAYS 14

/* conf/devices.conf, embedded by tools/embed.c: what capbu of this version has built in. */
extern const unsigned char conf_devices[];
extern const size_t conf_devices_len;

static enum rc signer_cert(const struct site *s, struct buf *der, struct cert *cert) {
    const struct conf *c = &s->conf;

    TRY(cert_from_file(c->devices_cert, der));
    TRY(cert_parse(buf_span(der), cert));
    if (ca_verify(s->new_ca, cert, false) != RC_OK || !cms_may_publish(cert))
        FAIL(RC_INPUT,
             "%s may not sign token models (directly under %s, with id-kp-cmcRA and id-kp-codeSigning): capbu would "
             "not believe it",
             c->devices_cert, c->new_ca);
    return RC_OK;
}

static enum rc signer_key(const struct conf *c, const struct cert *cert, struct key **key) {
    AUTO_PTR(key) k = NULL;

    TRY(key_open(c->devices_key, c->devices_pin_file, &k));
    if (!key_matches(k, cert))
        FAIL(RC_INPUT, "%s does not belong to %s", c->devices_key, c->devices_cert);
    *key = MOVE(k);
    return RC_OK;
}

static enum rc content(const struct devices *d, const struct publication_row *r, struct jsonw *w) {
    jsonw_object(w, NULL);
    jsonw_str(w, "kind", "capbu-devices");
    jsonw_int(w, "version", r->version);
    jsonw_instant(w, "issued", r->issued_at);
    jsonw_instant(w, "expires", r->expires_at);
    devices_file_write(w, d);
    jsonw_close(w, '}');
    return jsonw_end(w);
}

static enum rc sign(const struct site *s, const struct devices *d, struct publication_row *r) {
    AUTO_PTR(key) key = NULL;
    AUTO(buf) der = {0};
    AUTO(jsonw) w = {0};
    struct cert cert;

    TRY(signer_cert(s, &der, &cert));
    TRY(signer_key(&s->conf, &cert, &key));
    if (r->issued_at < cert.facts.not_before || r->expires_at > cert.facts.not_after)
        FAIL(RC_INPUT, "%s ends before the publication would: give fewer --days", s->conf.devices_cert);
    TRY(content(d, r, &w));
    TRY(cms_sign(key, &cert, buf_span(&w.out), r->issued_at, &r->der));
    if (r->der.len > PUBLISH_LIMIT)
        FAIL(RC_LIMIT, "%s makes a publication of %zu bytes; capbu takes at most %d", s->conf.devices, r->der.len,
             PUBLISH_LIMIT);
    return RC_OK;
}

static enum rc newest(struct db *db, void *arg) {
    return publication_get(db, arg);
}

struct put {
    const struct publication_row *row;
    const char *actor;
};

static enum rc put(struct tx *tx, void *arg) {
    const struct put *p = arg;
    return publication_put(tx, p->row, p->actor);
}

enum rc publish_run(struct site *s, int64_t now, int64_t days, const char *actor, struct publication_row *out) {
    struct devices d;
    AUTO(buf) text = {0};
    AUTO(publication_row) before = {0};
    AUTO(publication_row) r = {.issued_at = now, .expires_at = now + days * DAY_SECONDS};

    TRY(devices_file_load(s->conf.devices, &d, &text));
    sha256_hex(sha256_of(buf_span(&text)), r.source_hash);
    enum rc rc = store_read(s->store, newest, &before);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    r.version = before.version + 1;
    TRY(sign(s, &d, &r));
    TRY(store_write(s->store, now, put, &(struct put){&r, actor}));
    *out = r;
    r = (struct publication_row){0};
    return RC_OK;
}

enum rc publish_check(struct site *s, int64_t now, void (*warn)(void *arg, const char *text), void *arg) {
    AUTO_PTR(key) key = NULL;
    AUTO(buf) der = {0};
    AUTO(buf) text = {0};
    AUTO(publication_row) r = {0};
    struct cert cert;
    char hash[2 * SHA256_LEN + 1], end[INSTANT_TEXT], line[256];

    TRY(signer_cert(s, &der, &cert));
    enum rc rc = signer_key(&s->conf, &cert, &key);
    if (rc != RC_OK && rc != RC_NOT_FOUND) /* kept away from the server: as it should be */
        return rc;
    TRY(fs_read(s->conf.devices, CONF_FILE_LIMIT, &text));
    rc = store_read(s->store, newest, &r);
    if (rc == RC_NOT_FOUND) {
        if (!span_eq(buf_span(&text), span_of(conf_devices, conf_devices_len)))
            warn(arg, "devices.conf is not what capbu has built in, and was never published: capbuctl devices publish");
        return RC_OK;
    }
    TRY(rc);
    sha256_hex(sha256_of(buf_span(&text)), hash);
    if (strcmp(hash, r.source_hash) != 0)
        warn(arg, "devices.conf was changed since it was published: capbuctl devices publish");
    instant_format(r.expires_at, end);
    (void)snprintf(line, sizeof line, "the published token models %s on %s: capbuctl devices publish",
                   now < r.expires_at ? "expire" : "expired", end);
    if (now + SOON_DAYS * DAY_SECONDS >= r.expires_at)
        warn(arg, line);
    return RC_OK;
}
