/* One database connection behind a thin vtable: the same SQL, with $1..$n, on SQLite and PostgreSQL. */
#pragma once

#include "base/buf.h"

#define DB_PARAMS  24
#define DB_COLUMNS 48 /* most columns of a result */

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };

struct db_value { /* a parameter or a result cell; text and blobs are spans */
    enum db_type type;
    int64_t i;
    struct span s;
};

struct db_values { /* one row of parameters */
    struct db_value v[DB_PARAMS];
    int n;
};

/* Builders that return the value: (struct db_values){.n = 2, .v = {db_int(1), db_text("x")}} */
struct db_value db_null(void);
struct db_value db_int(int64_t i);
struct db_value db_text(const char *s);      /* NULL gives DB_NULL */
struct db_value db_blob(struct span s);      /* a NULL ptr gives DB_NULL */
struct db_value db_instant(int64_t instant); /* INSTANT_NONE gives DB_NULL */
#define DB_ARGS(...)                                                                                                   \
    (&(struct db_values){.v = {__VA_ARGS__}, .n = sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)})
#define DB_NO_ARGS (&(struct db_values){.n = 0})

struct db;

struct db_row { /* a result row, valid until the row function returns */
    const struct db_value *v;
    int n;
};
int64_t db_get_int(const struct db_row *r, int column);                              /* NULL gives 0 */
int64_t db_get_instant(const struct db_row *r, int column);                          /* NULL gives INSTANT_NONE */
struct span db_get_span(const struct db_row *r, int column);                         /* NULL gives an empty span */
MUST enum rc db_get_text(const struct db_row *r, int column, char *dst, size_t cap); /* NULL gives "" */

/* `dsn`: a path of an SQLite file, or postgresql://… / "host=… dbname=…". SQLite: WAL, synchronous FULL, busy timeout.
 */
MUST enum rc db_open(const char *dsn, struct db **out);
void db_free(struct db *db);
OWN(db)

/* begin takes the write lock at once (SQLite BEGIN IMMEDIATE). commit returns only when it is durable. */
MUST enum rc db_begin(struct db *db);
MUST enum rc db_commit(struct db *db);
void db_rollback(struct db *db);

/* Runs one statement (prepared once per text and kept). Each row goes to `row`; a row function that fails ends the
   query with its code; it may run other statements on `db`, but not the same one. RC_EXISTS: a unique key is taken
   (PostgreSQL: the transaction is then over; roll back). RC_BUSY: locked or connection lost, again later. */
MUST enum rc db_query(struct db *db, const char *sql, const struct db_values *args,
                      enum rc (*row)(void *arg, const struct db_row *r), void *arg);
/* A statement without rows; *changed (may be NULL) = rows changed. */
MUST enum rc db_exec(struct db *db, const char *sql, const struct db_values *args, int64_t *changed);
/* Exactly one row expected into `row`: RC_NOT_FOUND when none. */
MUST enum rc db_one(struct db *db, const char *sql, const struct db_values *args,
                    enum rc (*row)(void *arg, const struct db_row *r), void *arg);

/* The same statement for many rows of parameters, at the back end's best speed (SQLite: loop; PostgreSQL: pipeline). */
MUST enum rc db_bulk(struct db *db, const char *sql, const struct db_values *rows, size_t count);

/* The same with rows coming back; `index` tells whose parameters a row answers. The row function must not use `db`. */
MUST enum rc db_bulk_query(struct db *db, const char *sql, const struct db_values *rows, size_t count,
                           enum rc (*row)(void *arg, size_t index, const struct db_row *r), void *arg);

/* Several statements separated by ';' without parameters: migrations only. */
MUST enum rc db_script(struct db *db, const char *sql);

/* Housekeeping while nobody waits (SQLite: checkpoint of the write-ahead log). */
void db_idle(struct db *db);

/* How long one answer of a server may take (PostgreSQL; a file needs none): then the connection is cut, RC_BUSY, and
   the next statement makes a new one. A frozen server must not hold those who wait for it. */
MUST enum rc db_patience(struct db *db, int ms);
#define DB_PATIENCE_MS 600000 /* until told otherwise: reports over millions of rows */

/* A file that may only be read, or lies where nothing can be written: nothing can be begun on it. */
bool db_read_only(const struct db *db);

bool db_is_postgres(const struct db *db);
bool db_is_file(const char *dsn); /* SQLite, by its path */

/* Where rows go: to a query's function, or to a bulk's with the index of its parameters; nowhere when both are NULL. */
struct db_sink {
    enum rc (*row)(void *arg, const struct db_row *r);
    enum rc (*indexed)(void *arg, size_t index, const struct db_row *r);
    void *arg;
    size_t index;
};
MUST enum rc db_deliver(const struct db_sink *to, const struct db_row *r);

/* The vtable, one per back end (db_sqlite.c, db_pg.c). */
struct db_ops {
    enum rc (*open)(const char *dsn, struct db **out);
    void (*close)(struct db *db);
    enum rc (*begin)(struct db *db);
    enum rc (*commit)(struct db *db);
    void (*rollback)(struct db *db);
    enum rc (*query)(struct db *db, const char *sql, const struct db_values *args, const struct db_sink *to,
                     int64_t *changed);
    enum rc (*bulk)(struct db *db, const char *sql, const struct db_values *rows, size_t count, struct db_sink to);
    enum rc (*script)(struct db *db, const char *sql);
    void (*idle)(struct db *db);
    enum rc (*patience)(struct db *db, int ms);
};
extern const struct db_ops db_sqlite_ops, db_pg_ops;
struct db { /* first member of each back end's own struct */
    const struct db_ops *ops;
    bool read_only;
};
