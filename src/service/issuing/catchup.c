/* Carries what an older journal lacks from the database to the signers' parent (declared in service/issuing/catchup.h).
   The parent has no database, so it is told; it is the CA's signature that it believes. */
#include "service/issuing/catchup.h"

#include <stdio.h>
#include <string.h>

#include "pki/signer/signer_lines.h"
#include "store/issue.h"

struct load { /* certificates for one packet */
    struct gaps *gaps;
    size_t end; /* those before it in the list are still to be carried */
    struct buf old[SIGNER_LATE], made[SIGNER_LATE];
    char serial[SIGNER_LATE][2 * SERIAL_MAX + 2];
    size_t count;
};

static void load_free(struct load *l) {
    for (size_t i = 0; i < SIGNER_LATE; i++) {
        buf_free(&l->old[i]);
        buf_free(&l->made[i]);
    }
}

static enum rc take(void *arg, const struct cert_row *record, const struct issued_row *issued) {
    struct load *l = arg;
    TRY(text_set(l->serial[l->count], sizeof l->serial[0], record->serial));
    TRY(buf_set(&l->old[l->count], buf_span(&record->der)));
    return issued == NULL ? RC_OK : buf_set(&l->made[l->count], buf_span(&issued->der));
}

/* From the list's end on, for what is entered leaves it. */
static enum rc read_some(struct db *db, void *arg) {
    struct load *l = arg;
    for (l->count = 0; l->count < SIGNER_LATE && l->count < l->end; l->count++) {
        int64_t id = gaps_unsealed_at(l->gaps, l->end - 1 - l->count);
        buf_clear(&l->old[l->count]);
        buf_clear(&l->made[l->count]);
        TRY(certs_each(db, id - 1, id, take, l));
    }
    return RC_OK;
}

static void settle(struct load *l, size_t carried, uint32_t left, struct catchup *c) {
    for (size_t i = 0; i < carried; i++) {
        if ((left >> i & 1) == 0) {
            gaps_seal(l->gaps, l->end - 1 - i);
            c->entered++;
            continue;
        }
        c->left++;
        memcpy(c->serial, l->serial[i], sizeof c->serial);
        (void)snprintf(c->why, sizeof c->why, "%s", err_text());
    }
    l->end -= carried;
}

enum rc catchup_journal(struct site *s, struct signer *signer, struct catchup *c) {
    AUTO(load) l = {.gaps = s->gaps, .end = gaps_unsealed(s->gaps)};
    struct signer_pair pairs[SIGNER_LATE];
    size_t carried;
    uint32_t left;
    c->left = 0;
    while (l.end > 0) {
        TRY(store_read(s->store, read_some, &l));
        for (size_t i = 0; i < l.count; i++)
            pairs[i] = (struct signer_pair){buf_span(&l.old[i]), buf_span(&l.made[i])};
        TRY(signer_lines_late(signer, pairs, l.count, &carried, &left));
        settle(&l, carried, left, c);
    }
    return RC_OK;
}

static enum rc look(struct db *db, void *arg) {
    return gaps_again(arg, db);
}

enum rc catchup_gaps(struct site *s) {
    return gaps_open(s->gaps) == 0 ? RC_OK : store_read(s->store, look, s->gaps);
}

enum rc catchup_over(const struct site *s) {
    if (gaps_unsealed(s->gaps) > 0)
        FAIL(RC_BUSY, "%s", CATCHUP_BEHIND);
    return RC_OK;
}
