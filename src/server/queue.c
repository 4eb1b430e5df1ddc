/* One array in the order of arrival; the entries that may go hold a lease, the others wait for one. */
#include "server/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/hex.h"

struct entry {
    char serial[SERIAL_TEXT];
    char ticket[TICKET_TEXT];
    uint8_t from[PEER_LEN];
    bool active;
    int64_t until_ms; /* then the lease, or the place, is lost */
};

struct queue {
    pthread_mutex_t lock;
    int limit; /* active ones */
    int count;
    struct entry entries[]; /* limit + QUEUE_WAITING */
};

enum rc queue_new(int active, struct queue **out) {
    if (active < 1)
        FAIL(RC_USAGE, "a waiting room for %d renewals at a time", active);
    struct queue *q = calloc(1, sizeof *q + ((size_t)active + QUEUE_WAITING) * sizeof q->entries[0]);
    if (q == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&q->lock, NULL);
    q->limit = active;
    *out = q;
    return RC_OK;
}

void queue_free(struct queue *q) {
    if (q == NULL)
        return;
    pthread_mutex_destroy(&q->lock);
    free(q);
}

static void sweep(struct queue *q, int64_t now_ms) {
    int kept = 0;
    for (int i = 0; i < q->count; i++) {
        if (q->entries[i].until_ms <= now_ms)
            continue;
        if (kept != i) /* mostly nothing has run out, and nothing moves */
            q->entries[kept] = q->entries[i];
        kept++;
    }
    q->count = kept;
}

static int find(const struct queue *q, const struct visitor *v) {
    for (int i = 0; i < q->count; i++)
        if (strcmp(q->entries[i].serial, v->serial) == 0 && strcmp(q->entries[i].ticket, v->ticket) == 0)
            return i;
    return -1;
}

static int held_by(const struct queue *q, const uint8_t *from) {
    int held = 0;
    for (int i = 0; i < q->count; i++)
        held += memcmp(q->entries[i].from, from, PEER_LEN) == 0;
    return held;
}

static enum rc append(struct queue *q, const struct visitor *v) {
    uint8_t secret[(TICKET_TEXT - 1) / 2];
    int share = q->limit / 4 > QUEUE_SHARE ? q->limit / 4 : QUEUE_SHARE;
    if (q->count == q->limit + QUEUE_WAITING)
        FAIL(RC_BUSY, "the waiting room is full");
    if (held_by(q, v->from) >= share)
        FAIL(RC_BUSY, "this address holds its share of the waiting room");
    struct entry *e = &q->entries[q->count];
    *e = (struct entry){0};
    TRY(text_set(e->serial, sizeof e->serial, v->serial));
    memcpy(e->from, v->from, PEER_LEN);
    random_bytes(secret, sizeof secret);
    hex_to(secret, sizeof secret, e->ticket);
    q->count++;
    return RC_OK;
}

/* Who waits goes when the free leases reach its place: those before it keep theirs although they have not asked yet. */
static void seat(struct queue *q, int index, int64_t now_ms, struct place *out) {
    struct entry *e = &q->entries[index];
    int active = 0, before = 0;

    for (int i = 0; i < q->count; i++) {
        active += q->entries[i].active;
        before += i < index && !q->entries[i].active;
    }
    e->active = e->active || active + before < q->limit;
    out->go = e->active;
    out->position = e->active ? 0 : before + 1;
    out->wait_seconds = out->about_seconds = 0;
    if (!e->active) {
        int seconds = (active + before - q->limit + 1) * QUEUE_RENEWAL_S / q->limit + 1;
        out->about_seconds = seconds;
        out->wait_seconds = seconds > QUEUE_ASK_S ? QUEUE_ASK_S : seconds;
    }
    e->until_ms = now_ms + (e->active ? QUEUE_LEASE_MS : out->wait_seconds * 1000 + QUEUE_GRACE_MS);
    memcpy(out->ticket, e->ticket, sizeof out->ticket);
}

static enum rc enter(struct queue *q, const struct visitor *v, int64_t now_ms, struct place *out) {
    sweep(q, now_ms);
    int index = find(q, v);
    out->fresh = index < 0;
    if (out->fresh) {
        TRY(append(q, v));
        index = q->count - 1;
    }
    seat(q, index, now_ms, out);
    return RC_OK;
}

enum rc queue_enter(struct queue *q, const struct visitor *v, int64_t now_ms, struct place *out) {
    pthread_mutex_lock(&q->lock);
    enum rc rc = enter(q, v, now_ms, out);
    pthread_mutex_unlock(&q->lock);
    return rc;
}

void queue_leave(struct queue *q, const char *serial) {
    pthread_mutex_lock(&q->lock);
    int kept = 0;
    for (int i = 0; i < q->count; i++)
        if (strcmp(q->entries[i].serial, serial) != 0)
            q->entries[kept++] = q->entries[i];
    q->count = kept;
    pthread_mutex_unlock(&q->lock);
}

void queue_count(struct queue *q, int64_t now_ms, int *active, int *waiting) {
    pthread_mutex_lock(&q->lock);
    sweep(q, now_ms);
    *active = 0;
    for (int i = 0; i < q->count; i++)
        *active += q->entries[i].active;
    *waiting = q->count - *active;
    pthread_mutex_unlock(&q->lock);
}
