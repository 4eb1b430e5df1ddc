/* The one thread that writes: it takes all that waits, runs it in one transaction and tells everyone after the commit.
 */
#include "store/writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/os.h"
#include "base/thread.h"
#include "store/audit.h"

#define IDLE_MS   200 /* so long nobody wrote: time for housekeeping */
#define LINGER_MS 2   /* who wrote in company waits so long for company: a commit costs more than a body */

struct writer {
    struct db *db;                     /* the thread's alone, as the next */
    const struct write *opening;       /* goes before all others until it is committed once; NULL: nothing does */
    const struct audit_linker *linker; /* NULL: nothing is sealed */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t more;
    struct write *first, **end;
    size_t waiting;
    bool stopping;
    bool company;           /* the last group had more than one */
    bool tidy;              /* nothing was committed since the last housekeeping */
    bool doubtful;          /* writer_doubts */
    bool sealing;           /* writer_sealing */
    int64_t last_commit_ms; /* monotonic; 0: never */
};

/* How far a transaction came: what was not begun to be committed may be tried again, but for what nobody in it can
   help: no transaction, no seal. A claim that does not hold is the fault of one of the bodies. */
enum stage { AT_BEGIN, AT_BODY, AT_SEAL, AT_COMMIT };

static enum rc bodies(struct writer *w, struct audit_head *head, struct write *const *writes, size_t count) {
    if (w->opening != NULL)
        TRY(w->opening->body(&(struct tx){w->db, w->opening->now, head}, w->opening->arg));
    for (size_t i = 0; i < count; i++)
        TRY(writes[i]->body(&(struct tx){w->db, writes[i]->now, head}, writes[i]->arg));
    return RC_OK;
}

/* Who seals is another process: while it is waited for nobody shall think that it is the database. */
static enum rc seal(struct writer *w, struct audit_head *head) {
    pthread_mutex_lock(&w->lock);
    w->sealing = true;
    pthread_mutex_unlock(&w->lock);
    enum rc rc = audit_seal(head, w->linker);
    pthread_mutex_lock(&w->lock);
    w->sealing = false;
    pthread_mutex_unlock(&w->lock);
    return rc;
}

/* The result of one attempt for all the writes of a group. */
static enum rc attempt(struct writer *w, struct write *const *writes, size_t count, enum stage *stage) {
    AUTO(audit_head) head = {0};
    *stage = AT_BEGIN;
    TRY(db_begin(w->db));
    *stage = AT_BODY;
    enum rc rc = bodies(w, &head, writes, count);
    if (rc == RC_OK) {
        rc = seal(w, &head);
        *stage = rc == RC_OK || rc == RC_REFUSED ? AT_BODY : AT_SEAL;
    }
    if (rc == RC_OK) {
        rc = audit_flush(w->db, &head);
    }
    if (rc == RC_OK) {
        *stage = AT_COMMIT;
        rc = db_commit(w->db);
    }
    if (rc != RC_OK) {
        db_rollback(w->db);
        return rc;
    }
    w->opening = NULL;
    if (head.loaded && w->linker != NULL && w->linker->kept != NULL)
        w->linker->kept(w->linker->arg, head.to.seq);
    return RC_OK;
}

/* `done` may set this thread's text for its own ends: the text of the failure is kept apart. */
static void settle_all(struct write *const *writes, size_t count, enum rc rc) {
    char text[ERR_TEXT];
    snprintf(text, sizeof text, "%s", rc == RC_OK ? "" : err_text());
    for (size_t i = 0; i < count; i++)
        writes[i]->done(writes[i]->arg, rc, text);
}

/* Remembers whether the database can be written; before anyone is told. */
static void remember(struct writer *w, enum rc rc) {
    pthread_mutex_lock(&w->lock);
    if (rc == RC_OK)
        w->last_commit_ms = os_clock_ms();
    if (rc == RC_NETWORK) /* who seals is away: a commit before proves nothing */
        w->last_commit_ms = 0;
    w->doubtful = w->doubtful || rc == RC_DB;
    pthread_mutex_unlock(&w->lock);
}

/* Tries a group, once more after a lost connection or lock. The error text is that of the last attempt. */
static enum rc try_group(struct writer *w, struct write *const *writes, size_t count, enum stage *stage) {
    enum rc rc = attempt(w, writes, count, stage);
    if (rc == RC_BUSY && *stage == AT_BODY)
        rc = attempt(w, writes, count, stage);
    remember(w, rc);
    return rc;
}

static void run_group(struct writer *w, struct write *const *writes, size_t count) {
    enum stage stage;
    enum rc rc = try_group(w, writes, count, &stage);
    if (rc == RC_OK || stage != AT_BODY || count == 1) {
        settle_all(writes, count, rc);
        return;
    }
    /* One of them fails: each alone, so that it hurts nobody else. When the database is away all end the same way. */
    for (size_t i = 0; i < count; i++) {
        rc = try_group(w, &writes[i], 1, &stage);
        if (rc != RC_OK && (stage == AT_BEGIN || stage == AT_SEAL)) {
            settle_all(&writes[i], count - i, rc);
            return;
        }
        settle_all(&writes[i], 1, rc);
    }
}

/* Lets more come when others are likely to; the lock is held. */
static void linger(struct writer *w) {
    if (!w->company || w->stopping || w->waiting >= WRITER_GROUP)
        return;
    pthread_mutex_unlock(&w->lock);
    os_pause_ms(LINGER_MS);
    pthread_mutex_lock(&w->lock);
}

/* Takes up to a group off the queue; the lock is held. */
static size_t take(struct writer *w, struct write **writes) {
    size_t n = 0;
    while (w->first != NULL && n < WRITER_GROUP) {
        writes[n++] = w->first;
        w->first = w->first->next;
    }
    if (w->first == NULL)
        w->end = &w->first;
    w->waiting -= n;
    return n;
}

/* Waits for work, the lock held; does the housekeeping when none comes for a while. */
static void wait_for_work(struct writer *w) {
    while (w->first == NULL && !w->stopping) {
        if (w->tidy) {
            pthread_cond_wait(&w->more, &w->lock);
            continue;
        }
        if (os_cond_wait(&w->more, &w->lock, os_clock_ms() + IDLE_MS) || w->first != NULL)
            continue;
        w->tidy = true;
        pthread_mutex_unlock(&w->lock);
        db_idle(w->db);
        pthread_mutex_lock(&w->lock);
    }
}

static void *work(void *arg) {
    struct writer *w = arg;
    struct write *writes[WRITER_GROUP];
    pthread_mutex_lock(&w->lock);
    for (;;) {
        wait_for_work(w);
        if (w->first == NULL)
            break;
        linger(w);
        size_t n = take(w, writes);
        w->company = n > 1;
        w->tidy = false;
        pthread_mutex_unlock(&w->lock);
        run_group(w, writes, n);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum rc writer_new(struct db *db, struct writer **out) {
    struct writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        FAIL(RC_LIMIT, "out of memory");
    os_cond_init(&w->more);
    pthread_mutex_init(&w->lock, NULL);
    w->db = db;
    w->end = &w->first;
    w->tidy = true;
    enum rc rc = thread_start("capbu-writer", work, w, &w->thread);
    if (rc != RC_OK) {
        free(w);
        return rc;
    }
    *out = w;
    return RC_OK;
}

void writer_free(struct writer *w) {
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    db_free(w->db);
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void writer_link(struct writer *w, const struct audit_linker *linker, const struct write *opening) {
    pthread_mutex_lock(&w->lock); /* the thread looks at them when it has taken the lock for what comes next */
    w->linker = linker;
    w->opening = opening;
    pthread_mutex_unlock(&w->lock);
}

enum rc writer_submit(struct writer *w, struct write *write) {
    write->next = NULL;
    pthread_mutex_lock(&w->lock);
    bool room = w->waiting < WRITER_QUEUE && !w->stopping;
    if (room) {
        *w->end = write;
        w->end = &write->next;
        w->waiting++;
        pthread_cond_signal(&w->more);
    }
    pthread_mutex_unlock(&w->lock);
    if (!room)
        FAIL(RC_BUSY, "too many writes wait for the database: try again later");
    return RC_OK;
}

bool writer_fresh(struct writer *w, int64_t ms) {
    pthread_mutex_lock(&w->lock);
    bool fresh = !w->doubtful && w->last_commit_ms != 0 && os_clock_ms() - w->last_commit_ms <= ms;
    pthread_mutex_unlock(&w->lock);
    return fresh;
}

bool writer_sealing(struct writer *w) {
    pthread_mutex_lock(&w->lock);
    bool sealing = w->sealing;
    pthread_mutex_unlock(&w->lock);
    return sealing;
}

bool writer_doubts(struct writer *w) {
    pthread_mutex_lock(&w->lock);
    bool doubtful = w->doubtful;
    pthread_mutex_unlock(&w->lock);
    return doubtful;
}

void writer_trust(struct writer *w) {
    pthread_mutex_lock(&w->lock);
    w->doubtful = false;
    pthread_mutex_unlock(&w->lock);
}
