/* SQLite behind db.h: the only file that knows sqlite3.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db.h"
#include "store/db_cache.h"

#define BUSY_MS 5000

/* The write-ahead log's usual size: it must not fill a small volume by itself. A page is 4 KiB. */
#define WAL_PAGES "1000"
#define WAL_BYTES "4194304"

struct sqlite {
    struct db base;
    sqlite3 *handle;
    struct db_cache cache;
};

struct statement {
    sqlite3_stmt *stmt;
    int number_of[DB_PARAMS]; /* SQLite counts parameters by first appearance: which $n is the i-th? */
    int params;
};

static struct sqlite *sqlite_of(struct db *db) {
    return (struct sqlite *)db;
}

static enum rc code_of(int extended) {
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return RC_EXISTS;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return RC_NOT_FOUND;
    default:
        break;
    }
    int primary = extended & 0xff;
    return primary == SQLITE_BUSY || primary == SQLITE_LOCKED ? RC_BUSY : RC_DB;
}

/* What the file system will not let us do is told with the file, not with the statement. */
static bool not_ours(int primary) {
    return primary == SQLITE_READONLY || primary == SQLITE_CANTOPEN || primary == SQLITE_PERM;
}

static enum rc failed(struct sqlite *s, const char *doing) {
    if (not_ours(sqlite3_extended_errcode(s->handle) & 0xff))
        FAIL(RC_DB,
             "database %s: %s: it, its folder and the files -wal and -shm beside it must be this user's to write",
             sqlite3_db_filename(s->handle, "main"), sqlite3_errmsg(s->handle));
    return err_set(code_of(sqlite3_extended_errcode(s->handle)), "database: %s: %s", doing, sqlite3_errmsg(s->handle));
}

/* SQLite's own handler sleeps up to 100 ms, which starves one of two processes that write; this one asks each ms. */
static int wait_busy(void *arg, int tries) {
    (void)arg;
    if (tries >= BUSY_MS)
        return 0;
    usleep(1000);
    return 1;
}

static void statement_drop(void *p) {
    struct statement *st = p;
    sqlite3_finalize(st->stmt);
    free(st);
}

static enum rc number_params(struct statement *st, const char *sql) {
    st->params = sqlite3_bind_parameter_count(st->stmt);
    if (st->params > DB_PARAMS)
        FAIL(RC_BUG, "more than %d parameters: %s", DB_PARAMS, sql);
    for (int i = 0; i < st->params; i++) {
        const char *name = sqlite3_bind_parameter_name(st->stmt, i + 1);
        long n = name == NULL || name[0] != '$' ? 0 : strtol(name + 1, NULL, 10);
        if (n < 1 || n > DB_PARAMS)
            FAIL(RC_BUG, "a parameter is not $1..$%d: %s", DB_PARAMS, sql);
        st->number_of[i] = (int)n;
    }
    return RC_OK;
}

static enum rc prepare(struct sqlite *s, const char *sql, struct statement **out) {
    struct statement *st = db_cache_get(&s->cache, sql);
    if (st == NULL) {
        st = calloc(1, sizeof *st);
        if (st == NULL)
            FAIL(RC_LIMIT, "out of memory");
        if (sqlite3_prepare_v3(s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->stmt, NULL) != SQLITE_OK) {
            statement_drop(st);
            return failed(s, sql);
        }
        enum rc rc = number_params(st, sql);
        if (rc != RC_OK) {
            statement_drop(st);
            return rc;
        }
        TRY(db_cache_put(&s->cache, sql, st, statement_drop));
    }
    if (sqlite3_stmt_busy(st->stmt))
        FAIL(RC_BUG, "a row function runs its own statement again: %s", sql);
    *out = st;
    return RC_OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct db_value *v) {
    switch (v->type) {
    case DB_INT:
        return sqlite3_bind_int64(stmt, at, v->i);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, at, (const char *)v->s.ptr, v->s.len, SQLITE_STATIC, SQLITE_UTF8);
    case DB_BLOB:
        return v->s.len == 0 ? sqlite3_bind_zeroblob(stmt, at, 0)
                             : sqlite3_bind_blob64(stmt, at, v->s.ptr, v->s.len, SQLITE_STATIC);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, at);
}

static enum rc bind(struct sqlite *s, const struct statement *st, const struct db_values *args) {
    for (int i = 0; i < st->params; i++) {
        if (st->number_of[i] > args->n)
            FAIL(RC_BUG, "parameter $%d is missing: %s", st->number_of[i], sqlite3_sql(st->stmt));
        if (bind_one(st->stmt, i + 1, &args->v[st->number_of[i] - 1]) != SQLITE_OK)
            return failed(s, sqlite3_sql(st->stmt));
    }
    return RC_OK;
}

static struct db_value column(sqlite3_stmt *stmt, int i) {
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_INTEGER:
        return db_int(sqlite3_column_int64(stmt, i));
    case SQLITE_TEXT: {
        const void *text = sqlite3_column_text(stmt, i);
        return (struct db_value){.type = DB_TEXT, .s = span_of(text, (size_t)sqlite3_column_bytes(stmt, i))};
    }
    case SQLITE_BLOB: {
        const void *blob = sqlite3_column_blob(stmt, i);
        return (struct db_value){.type = DB_BLOB, .s = span_of(blob, (size_t)sqlite3_column_bytes(stmt, i))};
    }
    default:
        return db_null();
    }
}

static enum rc deliver(sqlite3_stmt *stmt, const struct db_sink *to) {
    struct db_value cells[DB_COLUMNS];
    struct db_row row = {cells, sqlite3_column_count(stmt)};
    if (row.n > DB_COLUMNS)
        FAIL(RC_BUG, "more than %d columns: %s", DB_COLUMNS, sqlite3_sql(stmt));
    for (int i = 0; i < row.n; i++)
        cells[i] = column(stmt, i);
    return db_deliver(to, &row);
}

static enum rc step_all(struct sqlite *s, sqlite3_stmt *stmt, const struct db_sink *to) {
    for (;;) {
        switch (sqlite3_step(stmt)) {
        case SQLITE_DONE:
            return RC_OK;
        case SQLITE_ROW:
            TRY(deliver(stmt, to));
            break;
        default:
            return failed(s, sqlite3_sql(stmt));
        }
    }
}

static enum rc run(struct sqlite *s, struct statement *st, const struct db_values *args, const struct db_sink *to) {
    enum rc rc = bind(s, st, args);
    if (rc == RC_OK)
        rc = step_all(s, st->stmt, to);
    sqlite3_reset(st->stmt);
    return rc;
}

static enum rc sqlite_query(struct db *db, const char *sql, const struct db_values *args, const struct db_sink *to,
                            int64_t *changed) {
    struct sqlite *s = sqlite_of(db);
    struct statement *st;
    TRY(prepare(s, sql, &st));
    TRY(run(s, st, args, to));
    if (changed != NULL)
        *changed = sqlite3_stmt_readonly(st->stmt) ? 0 : sqlite3_changes64(s->handle);
    return RC_OK;
}

static enum rc sqlite_bulk(struct db *db, const char *sql, const struct db_values *rows, size_t count,
                           struct db_sink to) {
    struct sqlite *s = sqlite_of(db);
    struct statement *st;
    TRY(prepare(s, sql, &st));
    for (to.index = 0; to.index < count; to.index++)
        TRY(run(s, st, &rows[to.index], &to));
    return RC_OK;
}

static enum rc sqlite_script(struct db *db, const char *sql) {
    struct sqlite *s = sqlite_of(db);
    return sqlite3_exec(s->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : failed(s, "script");
}

static enum rc sqlite_begin(struct db *db) {
    return sqlite_query(db, "BEGIN IMMEDIATE", DB_NO_ARGS, &(struct db_sink){0}, NULL);
}

/* What is written to a file that nobody finds any more is lost, however durable. */
static enum rc still_there(struct sqlite *s) {
    int moved = 0;
    if (sqlite3_file_control(s->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0)
        FAIL(RC_DB, "the database's file was moved, replaced or deleted while it is in use: stop, put the right one "
                    "back, start");
    return RC_OK;
}

static enum rc sqlite_commit(struct db *db) {
    TRY(still_there(sqlite_of(db)));
    return sqlite_query(db, "COMMIT", DB_NO_ARGS, &(struct db_sink){0}, NULL);
}

static void sqlite_rollback(struct db *db) {
    /* SQLite has rolled back by itself after some failures (full disk, I/O error). */
    if (!sqlite3_get_autocommit(sqlite_of(db)->handle))
        sqlite3_exec(sqlite_of(db)->handle, "ROLLBACK", NULL, NULL, NULL);
}

static void sqlite_idle(struct db *db) {
    sqlite3_wal_checkpoint_v2(sqlite_of(db)->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static enum rc sqlite_patience(struct db *db, int ms) {
    (void)db; /* a file answers; who waits for its lock waits BUSY_MS */
    (void)ms;
    return RC_OK;
}

static void sqlite_close(struct db *db) {
    struct sqlite *s = sqlite_of(db);
    db_cache_clear(&s->cache, statement_drop);
    sqlite3_close(s->handle);
    free(s);
}

/* A new file is private from its first moment; SQLite gives -wal and -shm the same mode. An existing one is not opened
   here: closing a second descriptor would drop the locks of this process's other connections (POSIX). */
static enum rc create_private(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return RC_OK;
}

/* Changing the journal mode does not ask the busy handler: two programs that open a new file must both come through. */
static enum rc configure(struct sqlite *s) {
    int got = SQLITE_BUSY;
    for (int tries = 0; got == SQLITE_BUSY && tries < BUSY_MS; tries++) {
        if (tries > 0)
            usleep(1000);
        got = sqlite3_exec(s->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    }
    /* The writer checkpoints when idle; the automatic one is for times when it never is. */
    if (got != SQLITE_OK || sqlite3_exec(s->handle,
                                         "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                                         "PRAGMA wal_autocheckpoint = " WAL_PAGES ";"
                                         "PRAGMA journal_size_limit = " WAL_BYTES ";"
                                         "PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF",
                                         NULL, NULL, NULL) != SQLITE_OK)
        return failed(s, "open");
    return RC_OK;
}

/* What is only looked at: its pages and, when it has one, its write-ahead log, of which nothing is folded in. */
static enum rc configure_read_only(struct sqlite *s) {
    s->base.read_only = true;
    if (sqlite3_exec(s->handle,
                     "PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF; SELECT count(*) FROM sqlite_master",
                     NULL, NULL, NULL) != SQLITE_OK)
        return failed(s, "open");
    return RC_OK;
}

/* Counting its memory would take a lock of the whole process at each allocation. */
static void set_up(void) {
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum rc open_as(const char *name, int flags, enum rc (*configured)(struct sqlite *s), struct db **out) {
    struct sqlite *s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    s->base.ops = &db_sqlite_ops;
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    enum rc rc = RC_OK;
    if (sqlite3_open_v2(name, &s->handle, flags, NULL) != SQLITE_OK)
        rc = err_set(RC_DB, "database %s: %s", name, sqlite3_errmsg(s->handle));
    if (rc == RC_OK) {
        sqlite3_busy_handler(s->handle, wait_busy, NULL);
        rc = configured(s);
    }
    if (rc != RC_OK) {
        sqlite_close(&s->base);
        return rc;
    }
    *out = &s->base;
    return RC_OK;
}

/* A path as the name of a file: URI, in which nothing means anything. */
static enum rc uri_of(const char *path, struct buf *out) {
    TRY(buf_add_str(out, "file:"));
    for (; *path != '\0'; path++)
        TRY(strchr("?#%", *path) != NULL ? buf_printf(out, "%%%02x", (unsigned char)*path) : buf_add_char(out, *path));
    return buf_add_str(out, "?immutable=1");
}

/* Where it lies nothing can be written, so nobody changes it, and it needs no lock that could not be taken. With a log
   beside it, it was copied while in use: SQLite reads that too, as long as the log's index came along or may be made.
 */
static enum rc open_read_only(const char *path, struct db **out) {
    AUTO(buf) uri = {0}, log = {0};
    TRY(buf_printf(&log, "%s-wal", path));
    if (access(buf_str(&log), F_OK) == 0)
        return open_as(path, SQLITE_OPEN_READONLY, configure_read_only, out);
    TRY(uri_of(path, &uri));
    return open_as(buf_str(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, configure_read_only, out);
}

/* On a disc, a mount set read-only, or a copy that is not this user's to write. */
static bool unwritable(const char *path) {
    return access(path, W_OK) != 0 && (errno == EROFS || errno == EACCES);
}

static enum rc sqlite_open(const char *path, struct db **out) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, set_up);
    if (unwritable(path))
        return open_read_only(path, out);
    TRY(create_private(path));
    return open_as(path, SQLITE_OPEN_READWRITE, configure, out);
}

const struct db_ops db_sqlite_ops = {
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .query = sqlite_query,
    .bulk = sqlite_bulk,
    .script = sqlite_script,
    .idle = sqlite_idle,
    .patience = sqlite_patience,
};
