/* The helper process: holds the CA key and signs nothing but a renewal of what the old CA had issued. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/day.h"
#include "base/hex.h"
#include "base/os.h"
#include "pki/ca/ca.h"
#include "pki/cmp/cmp_proof.h"
#include "pki/key/key.h"
#include "pki/signer/signer_cage.h"
#include "pki/signer/signer_wire.h"

#define CLOCK_SLACK 60  /* seconds that the network process may be ahead */
#define TELL_MS     500 /* what is signed is told after so long at the latest, and one signature more */

struct signer_helper {
    struct key *key;
    struct ca *old_ca, *new_ca;
    struct signer_terms terms;
    struct signer_book *book;
    const struct seal *seal; /* NULL: there is none */
};

static enum rc fill(struct signer_helper *h, const struct signer_config *cfg) {
    enum rc rc = ca_open(cfg->ca_der, &h->new_ca);
    if (rc != RC_OK)
        return err_in(rc, "new CA certificate");
    rc = ca_open(cfg->old_ca_der, &h->old_ca);
    if (rc != RC_OK)
        return err_in(rc, "old CA certificate");
    TRY(key_open(cfg->key_ref, cfg->pin_file, &h->key));
    if (!key_matches(h->key, ca_cert(h->new_ca)))
        FAIL(RC_CRYPTO, "the CA key is not the key of the new CA certificate");
    h->terms = cfg->terms;
    h->book = cfg->book;
    h->seal = cfg->seal;
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
    hex_to(old->facts.aki, old->facts.aki_len, issuer);
    if (strcmp(serial, c->record.serial) != 0 || strcmp(issuer, c->record.issuer_key) != 0)
        FAIL(RC_REFUSED, "it is another certificate's");
    if (c->record.status != STATUS_ACTIVE)
        FAIL(RC_REFUSED, "the certificate is not in force (R2.2)");
    *latest_end = day_end(c->record.contract_to, h->terms.utc_offset);
    return RC_OK;
}

static enum rc check(struct signer_helper *h, const struct signer_request *req, struct cert *old) {
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
   against the old certificate's, issuer, subject, key, window and profile against these and the campaign; and only one
   set of bytes is ever signed for one old certificate. */
enum rc signer_helper_sign(struct signer_helper *h, const struct signer_request *req, struct buf *signature) {
    struct cert old;
    TRY(check(h, req, &old));
    TRY(signer_book_enter(h->book, sha256_of(old.tbs), sha256_of(req->tbs)));
    TRY(key_sign(h->key, req->tbs, signature));
    return key_checks_itself(h->key) ? RC_OK : key_verify(ca_cert(h->new_ca), req->tbs, buf_span(signature));
}

static enum rc tell_add(struct buf *out, enum rc rc, struct span bytes) {
    struct signer_tell t = {.rc = rc, .len = (uint32_t)bytes.len};
    if (bytes.len > sizeof t.bytes)
        FAIL(RC_BUG, "an answer of %zu bytes", bytes.len);
    TRY(buf_add(out, &t, SIGNER_TELL_HEAD));
    return buf_add_span(out, bytes);
}

static enum rc tell(int channel, const struct buf *packet) {
    if (send(channel, packet->data, packet->len, MSG_NOSIGNAL) != (ssize_t)packet->len)
        FAIL(RC_IO, "the channel is closed");
    return RC_OK;
}

/* The next request of a packet, which is shortened by it. */
static enum rc next_ask(struct span *packet, struct signer_request *req) {
    struct signer_ask ask;
    if (packet->len < sizeof ask)
        FAIL(RC_BUG, "a request of %zu bytes", packet->len);
    memcpy(&ask, packet->ptr, sizeof ask);
    size_t rest = packet->len - sizeof ask;
    if (ask.old_len > CERT_LIMIT || ask.kur_len > CMP_KUR_LIMIT || ask.tbs_len > CERT_LIMIT ||
        (size_t)ask.old_len + ask.kur_len + ask.tbs_len > rest)
        FAIL(RC_BUG, "a request whose lengths do not add up");
    const uint8_t *old = packet->ptr + sizeof ask, *kur = old + ask.old_len, *tbs = kur + ask.kur_len;
    const uint8_t *next = tbs + ask.tbs_len;
    *req = (struct signer_request){span_of(old, ask.old_len), span_of(kur, ask.kur_len), span_of(tbs, ask.tbs_len),
                                   ask.claim};
    *packet = span_of(next, rest - (size_t)(next - old));
    return RC_OK;
}

/* Judges and signs each request of a packet by itself. With a slow key nobody waits long for what others asked. */
static enum rc sign_packet(struct signer_helper *h, int channel, struct span packet, struct buf *answer) {
    int64_t from = os_clock_ms();
    for (int n = 0; packet.len > 0 && n < SIGNER_BATCH; n++) {
        AUTO(buf) signature = {0};
        struct signer_request req;
        TRY(next_ask(&packet, &req));
        enum rc rc = signer_helper_sign(h, &req, &signature);
        TRY(tell_add(answer, rc, rc == RC_OK ? buf_span(&signature) : span_str(err_text())));
        if (packet.len > 0 && os_clock_ms() - from < TELL_MS)
            continue;
        TRY(tell(channel, answer));
        buf_clear(answer);
        from = os_clock_ms();
    }
    return RC_OK;
}

/* Until the other end is closed, by signer_free or by the death of the parent. */
static void serve(struct signer_helper *h, int channel) {
    static uint8_t packet[SIGNER_PACKET];
    AUTO(buf) answer = {0};
    for (;;) {
        ssize_t got = recv(channel, packet, sizeof packet, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        buf_clear(&answer);
        if (sign_packet(h, channel, span_of(packet, (size_t)got), &answer) != RC_OK)
            return;
    }
}

/* It outlives neither its parent nor its channel. Signals of the terminal and of the service manager are the server's
   business: it still needs signatures while it finishes. */
static bool settle(int channel, int parent) {
    sigset_t none;
    bool alive = signer_cage_harden(parent);
    prctl(PR_SET_NAME, "capbud-signer");
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signer_cage_keep(channel);
    return alive;
}

/* With the key open there is nothing more to open, unless a driver does. */
static enum rc begin(const struct signer_config *cfg, volatile int *refused, struct signer_helper **h) {
    TRY(signer_helper_open(cfg, h));
    return signer_cage_lock(key_on_token(cfg->key_ref) ? CAGE_TOKEN : CAGE_FILE, refused);
}

_Noreturn void signer_helper_run(int channel, const struct signer_config *cfg, int parent, volatile int *refused) {
    struct signer_helper *h = NULL;
    AUTO(buf) ready = {0};
    if (!settle(channel, parent))
        _exit(1);
    enum rc rc = begin(cfg, refused, &h);
    if (tell_add(&ready, rc, rc == RC_OK ? (struct span){0} : span_str(err_text())) == RC_OK &&
        tell(channel, &ready) == RC_OK && rc == RC_OK)
        serve(h, channel);
    signer_helper_free(h);
    _exit(rc == RC_OK ? 0 : 1);
}
