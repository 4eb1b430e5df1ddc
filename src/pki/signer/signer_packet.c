/* A helper at work: packets of requests come, each is judged, entered into the journal, signed and told. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/os.h"
#include "pki/signer/signer_wire.h"

#define TELL_MS 500 /* what is signed is told after so long at the latest, and one signature more */
_Static_assert(SIGNER_BATCH <= SIGNER_ASKED, "the requests of a packet are entered by one ask");

struct packet { /* under way */
    size_t count;
    struct one {
        struct signer_request req;
        int entry;  /* its place in what was asked to be entered; -1: it was refused before */
        enum rc rc; /* as far as it got; why not is in `text` */
        char text[ERR_TEXT];
        bool lost; /* for want of a key that signs */
        struct buf signature;
    } all[SIGNER_BATCH];
    bool entering; /* the parent was asked, and has not answered */
    bool lost;     /* the key does not sign any more, for this: */
    char why[ERR_TEXT];
};

static void packet_free(struct packet *p) {
    for (size_t i = 0; i < p->count; i++)
        buf_free(&p->all[i].signature);
}

enum rc signer_packet_add(struct buf *out, enum rc rc, bool lost, struct span bytes) {
    struct signer_tell t = {.rc = rc, .lost = lost, .len = (uint32_t)bytes.len};
    if (bytes.len > sizeof t.bytes)
        FAIL(RC_BUG, "an answer of %zu bytes", bytes.len);
    TRY(buf_add(out, &t, SIGNER_TELL_HEAD));
    return buf_add_span(out, bytes);
}

enum rc signer_packet_tell(int channel, const struct buf *packet) {
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

static void settle(struct one *o, enum rc rc, const char *text) {
    o->rc = rc;
    if (rc != RC_OK)
        (void)snprintf(o->text, sizeof o->text, "%s", text);
}

/* Judges each request of the packet by itself, and has those that may be signed entered. */
static enum rc judge(struct signer_helper *h, int journal, struct span bytes, struct packet *p) {
    struct journal_entry entries[SIGNER_BATCH];
    size_t asked = 0;
    while (bytes.len > 0 && p->count < SIGNER_BATCH) {
        struct one *o = &p->all[p->count];
        TRY(next_ask(&bytes, &o->req));
        p->count++;
        settle(o, signer_helper_check(h, &o->req, &entries[asked]), err_text());
        o->entry = o->rc == RC_OK ? (int)asked++ : -1;
    }
    p->entering = asked > 0;
    return asked > 0 ? signer_journal_ask(journal, entries, asked) : RC_OK;
}

/* Nothing that was signed is told before its entry is durable. */
static enum rc await(int journal, struct packet *p) {
    struct signer_entered entered;
    if (!p->entering)
        return RC_OK;
    TRY(signer_journal_hear(journal, &entered));
    p->entering = false;
    for (size_t i = 0; i < p->count; i++) {
        struct one *o = &p->all[i];
        if (o->entry >= 0 && entered.rc[o->entry] != RC_OK)
            settle(o, (enum rc)entered.rc[o->entry], entered.text);
    }
    return RC_OK;
}

/* Those up to `end` from `*told` on, which are told then. */
static enum rc tell(int channel, const struct packet *p, size_t *told, size_t end) {
    AUTO(buf) answer = {0};
    for (; *told < end; ++*told) {
        const struct one *o = &p->all[*told];
        TRY(signer_packet_add(&answer, o->rc, o->lost, o->rc == RC_OK ? buf_span(&o->signature) : span_str(o->text)));
    }
    return signer_packet_tell(channel, &answer);
}

/* Once the key is lost the rest of the packet is not tried by it: a token that is away may take long to say so. */
static void sign_one(struct signer_helper *h, struct packet *p, struct one *o) {
    if (p->lost)
        settle(o, RC_TOKEN, p->why);
    else
        settle(o, signer_helper_sign(h, o->req.tbs, &o->signature), err_text());
    o->lost = p->lost || (o->rc != RC_OK && signer_helper_lost(h));
    if (o->lost && !p->lost)
        memcpy(p->why, o->text, sizeof p->why);
    p->lost = o->lost;
}

/* Signs while the journal is written. With a slow key nobody waits long for what others asked. */
static enum rc sign(struct signer_helper *h, int channel, int journal, struct packet *p) {
    int64_t from = os_clock_ms();
    size_t told = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct one *o = &p->all[i];
        if (o->rc == RC_OK)
            sign_one(h, p, o);
        if (i + 1 < p->count && os_clock_ms() - from < TELL_MS)
            continue;
        TRY(await(journal, p));
        TRY(tell(channel, p, &told, i + 1));
        from = os_clock_ms();
    }
    return RC_OK;
}

static enum rc work(struct signer_helper *h, int channel, int journal, struct span bytes, bool *lost) {
    AUTO(packet) p = {0};
    TRY(judge(h, journal, bytes, &p));
    TRY(sign(h, channel, journal, &p));
    *lost = p.lost;
    return RC_OK;
}

bool signer_packet_serve(struct signer_helper *h, int channel, int journal) {
    static uint8_t bytes[SIGNER_PACKET];
    bool lost = false;
    while (!lost) {
        ssize_t got = recv(channel, bytes, sizeof bytes, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || work(h, channel, journal, span_of(bytes, (size_t)got), &lost) != RC_OK)
            return true;
    }
    return false;
}
