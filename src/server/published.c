/* Keeps the newest publication, and asks the store for a newer one once a second at most. */
#include "server/published.h"

#include "base/log.h"
#include "server/http.h"

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

/* With the lock held. What cannot be read leaves what is there. */
static void look(struct published *p, struct store *s) {
    int64_t ms = http_clock_ms();
    struct publication_row row = {0};

    if (p->looked_ms != 0 && ms - p->looked_ms < LOOK_MS)
        return;
    p->looked_ms = ms;
    enum rc rc = store_read(s, newest, &row);
    if (rc == RC_OK) {
        publication_row_free(&p->row);
        p->row = row;
    } else if (rc != RC_NOT_FOUND) {
        log_line(LOG_WARN, "publication", "text", err_text(), NULL);
    }
}

int64_t published_version(struct published *p, struct store *s, int64_t now) {
    pthread_mutex_lock(&p->lock);
    look(p, s);
    int64_t version = now < p->row.expires_at ? p->row.version : 0;
    pthread_mutex_unlock(&p->lock);
    return version;
}

enum rc published_get(struct published *p, struct store *s, struct buf *out) {
    pthread_mutex_lock(&p->lock);
    look(p, s);
    enum rc rc = p->row.version == 0 ? err_set(RC_NOT_FOUND, "no token models are published")
                                     : buf_add_span(out, buf_span(&p->row.der));
    pthread_mutex_unlock(&p->lock);
    return rc;
}
