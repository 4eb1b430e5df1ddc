/* The store's door: opens and migrates one database, and hands work to its writer and its readers. */
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/latch.h"
#include "base/os.h"
#include "store/audit.h"
#include "store/control.h"
#include "store/migrate.h"
#include "store/pulse.h"

struct store {
    char *dsn;
    struct writer *writer; /* NULL: it can only be read */
    struct pulse pulse;    /* of the writer, when there is one */
    int patience_ms;       /* for a free reader */
    pthread_mutex_t lock;  /* guards the stack of free readers */
    pthread_cond_t freed;
    struct db **idle;
    int idle_count, readers;
};

/* A file that is not there must not come to be by looking for it. */
static enum rc must_exist(const char *dsn) {
    if (db_is_file(dsn) && !fs_exists(dsn))
        FAIL(RC_NOT_FOUND, "there is no database %s: restore it from the backup; only capbuctl init makes a new one",
             dsn);
    return RC_OK;
}

static enum rc open_writer(struct store *s, const char *dsn) {
    AUTO_PTR(db) db = NULL;
    TRY(must_exist(dsn));
    TRY(db_open(dsn, &db));
    if (db_read_only(db))
        return migrate_check(db);
    TRY(migrate_run(db));
    TRY(writer_new(db, &s->writer));
    (void)MOVE(db);
    pulse_init(&s->pulse, s->writer);
    return RC_OK;
}

static enum rc open_readers(struct store *s, const char *dsn, int readers) {
    s->idle = calloc((size_t)readers, sizeof *s->idle);
    if (s->idle == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (; s->readers < readers; s->readers++, s->idle_count++)
        TRY(db_open(dsn, &s->idle[s->readers]));
    return RC_OK;
}

struct making {
    int64_t now;
    enum rc (*body)(struct tx *tx, void *arg);
    void *arg;
    const struct audit_linker *linker;
};

static enum rc make_all(struct db *db, const struct making *m) {
    AUTO(audit_head) head = {0};
    struct tx tx = {.db = db, .now = m->now, .head = &head};
    TRY(migrate_apply(db, true));
    if (m->body != NULL)
        TRY(m->body(&tx, m->arg));
    TRY(audit_touch(&tx)); /* sealed from its first day on */
    TRY(audit_seal(&head, m->linker));
    return audit_flush(db, &head);
}

static enum rc make_at(const char *dsn, const struct making *m) {
    AUTO_PTR(db) db = NULL;
    TRY(db_open(dsn, &db));
    TRY(db_begin(db)); /* the write lock: a second process waits here and then finds nothing missing */
    enum rc rc = make_all(db, m);
    if (rc != RC_OK) {
        db_rollback(db);
        return rc;
    }
    return db_commit(db);
}

enum rc store_make(const char *dsn, int64_t now, enum rc (*body)(struct tx *tx, void *arg), void *arg,
                   const struct audit_linker *linker) {
    bool new_file = db_is_file(dsn) && !fs_exists(dsn);
    enum rc rc = make_at(dsn, &(struct making){now, body, arg, linker});
    if (rc != RC_OK && new_file)
        (void)unlink(dsn);
    return rc;
}

enum rc store_open(const char *dsn, int readers, struct store **out) {
    if (readers < 1)
        FAIL(RC_USAGE, "a store needs at least one reader");
    AUTO_PTR(store) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    os_cond_init(&s->freed);
    s->patience_ms = DB_PATIENCE_MS;
    s->dsn = strdup(dsn);
    if (s->dsn == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(open_writer(s, dsn));
    TRY(open_readers(s, dsn, readers));
    *out = MOVE(s);
    return RC_OK;
}

void store_free(struct store *s) {
    if (s == NULL)
        return;
    if (s->writer != NULL) {
        writer_free(s->writer);
        pulse_end(&s->pulse);
    }
    for (int i = 0; i < s->idle_count; i++)
        db_free(s->idle[i]);
    free(s->idle);
    free(s->dsn);
    pthread_cond_destroy(&s->freed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static enum rc hurry_body(struct tx *tx, void *arg) {
    return db_patience(tx->db, *(const int *)arg);
}

enum rc store_hurry(struct store *s, int read_ms, int write_ms) {
    s->patience_ms = read_ms;
    for (int i = 0; i < s->idle_count; i++)
        TRY(db_patience(s->idle[i], read_ms));
    return store_write(s, 0, hurry_body, &write_ms);
}

void store_link(struct store *s, const struct audit_linker *linker, const struct write *opening) {
    if (s->writer != NULL)
        writer_link(s->writer, linker, opening);
}

enum rc store_submit(struct store *s, struct write *w) {
    if (s->writer == NULL)
        FAIL(RC_DB,
             "database %s can only be read here: it, its folder and the files -wal and -shm beside it must be this "
             "user's to write",
             s->dsn);
    return writer_submit(s->writer, w);
}

struct waited { /* a write whose caller waits for it */
    enum rc (*body)(struct tx *tx, void *arg);
    void *arg;
    struct latch end;
};

static enum rc waited_body(struct tx *tx, void *arg) {
    struct waited *w = arg;
    return w->body(tx, w->arg);
}

static void waited_done(void *arg, enum rc rc, const char *text) {
    struct waited *w = arg;
    latch_open(&w->end, rc, text);
}

enum rc store_write(struct store *s, int64_t now, enum rc (*body)(struct tx *tx, void *arg), void *arg) {
    struct waited waited = {.body = body, .arg = arg};
    struct write w = {waited_body, waited_done, &waited, now, NULL};
    latch_init(&waited.end);
    enum rc rc = store_submit(s, &w);
    if (rc != RC_OK)
        latch_open(&waited.end, rc, err_text());
    return latch_wait(&waited.end);
}

/* The lock is held. */
static enum rc reader_take(struct store *s, struct db **out) {
    int64_t until_ms = os_clock_ms() + s->patience_ms;
    while (s->idle_count == 0)
        if (!os_cond_wait(&s->freed, &s->lock, until_ms) && s->idle_count == 0)
            FAIL(RC_BUSY, "database: all its readers are waiting for it");
    *out = s->idle[--s->idle_count];
    return RC_OK;
}

enum rc store_read(struct store *s, enum rc (*body)(struct db *db, void *arg), void *arg) {
    struct db *db = NULL;
    pthread_mutex_lock(&s->lock);
    enum rc rc = reader_take(s, &db);
    pthread_mutex_unlock(&s->lock);
    TRY(rc);
    rc = body(db, arg);
    pthread_mutex_lock(&s->lock);
    s->idle[s->idle_count++] = db;
    pthread_cond_signal(&s->freed);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

enum rc store_ping(struct store *s, int ms) {
    if (s->writer == NULL)
        FAIL(RC_DB, "database %s can only be read here", s->dsn);
    return pulse_take(&s->pulse, s->dsn, ms);
}

static enum rc version_body(struct db *db, void *arg) {
    return migrate_version(db, arg);
}

enum rc store_version(struct store *s, int64_t *on_disk, int64_t *ours) {
    TRY(store_read(s, version_body, on_disk));
    *ours = migrate_ours();
    return RC_OK;
}
