/* Keeps the newest publication, and asks the store for a newer one once a second at most. */
#include "server/published.h"

#include "base/log.h"
#include "base/os.h"
#include "server/http/http.h"

#define LOOK_MS 1000

void published_open(struct published *p) {
    *p = (struct published){0};
    pthread_mutex_init(&p->lock, NULL);
}

void published_free(struct published *p) {
    pthread_mutex_destroy(&p->lock);
    publication_row_free(&p->row);
}

static enum rc newest(struct db *db, void *arg) {
    return publication_get(db, arg);
}

/* Is it for this caller to look? The others go on with what is known, unless nothing is yet. */
static bool due(struct published *p, int64_t ms) {
    pthread_mutex_lock(&p->lock);
    bool look = !p->known || ms - p->looked_ms >= LOOK_MS;
    if (look)
        p->looked_ms = ms;
    pthread_mutex_unlock(&p->lock);
    return look;
}

/* What a look that began at `ms` found; a slower one that began before does not put the older back. */
static void put(struct published *p, int64_t ms, struct publication_row *row) {
    pthread_mutex_lock(&p->lock);
    if (row->version > 0 && ms >= p->row_ms) {
        struct publication_row before = p->row;
        p->row = *row;
        p->row_ms = ms;
        *row = before;
    }
    p->known = true;
    pthread_mutex_unlock(&p->lock);
}

/* What cannot be read leaves what is there. */
static void look(struct published *p, struct store *s) {
    int64_t ms = os_clock_ms();
    AUTO(publication_row) row = {0};

    if (!due(p, ms))
        return;
    enum rc rc = store_read(s, newest, &row);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        log_line(LOG_WARN, "publication", "text", err_text(), NULL);
    put(p, ms, &row);
}

int64_t published_version(struct published *p, struct store *s, int64_t now) {
    look(p, s);
    pthread_mutex_lock(&p->lock);
    int64_t version = now < p->row.expires_at ? p->row.version : 0;
    pthread_mutex_unlock(&p->lock);
    return version;
}

enum rc published_get(struct published *p, struct store *s, struct buf *out) {
    look(p, s);
    pthread_mutex_lock(&p->lock);
    enum rc rc = p->row.version == 0 ? err_set(RC_NOT_FOUND, "no token models are published")
                                     : buf_add_span(out, buf_span(&p->row.der));
    pthread_mutex_unlock(&p->lock);
    return rc;
}
