/* Signs the audit's end, and holds one that was signed before against the chain. */
#include "service/ledger/checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pki/cms.h"
#include "service/site/responder.h"
#include "service/site/sealer.h"

static enum rc look(struct db *db, void *arg) {
    return audit_verify(db, arg);
}

enum rc checkpoint_make(struct site *s, struct buf *out) {
    AUTO(responder) by = {0};
    AUTO(buf) text = {0};
    struct audit_end end;
    char hash[2 * SHA256_LEN + 1];

    TRY(store_read(s->store, look, &end));
    TRY(sealer_check(s->sealer, &end));
    TRY(responder_open(&s->conf, &by));
    sha256_hex(end.hash, hash);
    TRY(buf_printf(&text, CHECKPOINT_MARK "%" PRId64 " %s\n", end.seq, hash));
    return cms_sign(by.key, &by.cert, buf_span(&text), conf_now(&s->conf), out);
}

struct point {
    int64_t seq;
    char hash[2 * SHA256_LEN + 1];
    bool there;
};

static enum rc parse(struct span content, struct point *p) {
    AUTO(buf) text = {0};
    char *end = NULL;

    TRY(buf_set(&text, content));
    const char *at = buf_str(&text);
    if (strncmp(at, CHECKPOINT_MARK, strlen(CHECKPOINT_MARK)) == 0)
        p->seq = strtoll(at + strlen(CHECKPOINT_MARK), &end, 10);
    if (end == NULL || p->seq < 1 || *end != ' ' || strlen(end) != 1 + 2 * SHA256_LEN + 1)
        FAIL(RC_INPUT, "this signed document is no checkpoint of an audit");
    return text_set_span(p->hash, sizeof p->hash, span_of(end + 1, 2 * SHA256_LEN));
}

static enum rc find_line(void *arg, const struct audit_line *l) {
    struct point *p = arg;
    char hash[2 * SHA256_LEN + 1];

    sha256_hex(l->hash, hash);
    p->there |= l->seq == p->seq && strcmp(hash, p->hash) == 0;
    return RC_OK;
}

static enum rc find(struct db *db, void *arg) {
    return audit_each(db, find_line, arg);
}

enum rc checkpoint_compare(struct site *s, struct span document) {
    struct cms cms;
    struct point p = {0};

    TRY(cms_verify(document, s->new_ca, &cms));
    TRY(parse(cms.content, &p));
    TRY(store_read(s->store, find, &p));
    if (!p.there)
        FAIL(RC_REFUSED,
             "the audit is not the one of the checkpoint: line %" PRId64
             " was another one, or is missing; an older copy of the database, or another one, is in its place",
             p.seq);
    return RC_OK;
}
