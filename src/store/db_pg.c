/* PostgreSQL behind db.h: with pg_wait the only ones that know libpq-fe.h. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"
#include "store/db_cache.h"
#include "store/pg_wait.h"

/* One writer at a time, as with SQLite: every transaction holds this advisory lock ("capbu" in ASCII), and reads what
   the one before it committed, whatever isolation the server is set to: a snapshot would be older than the lock. */
#define BEGIN_SQL "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(426836517493)"
/* The lock is waited for as long as SQLite's; a frozen program does not keep it for ever. A server set to acknowledge
   commits before they are durable does not do so for us. */
#define SESSION_SQL                                                                                                    \
    "SET lock_timeout = %d; SET statement_timeout = %d; SET idle_in_transaction_session_timeout = '60s'; "             \
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
#define LOCK_MS  5000
#define PIPELINE 256 /* statements on their way before their answers are read */

struct pg {
    struct db base;
    PGconn *conn;
    struct db_cache cache; /* text -> the server's name for it */
    unsigned prepared;
    int patience_ms; /* for one answer */
    bool in_tx;
    bool late; /* the last answer did not come in time: the connection is cut */
};

enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };

static struct pg *pg_of(struct db *db) {
    return (struct pg *)db;
}

static void result_free(PGresult **r) {
    PQclear(*r);
}
#define AUTO_RESULT __attribute__((cleanup(result_free))) PGresult *

static bool lost(const struct pg *p) {
    return PQstatus(p->conn) == CONNECTION_BAD;
}

/* By SQLSTATE: what another try may cure is RC_BUSY. */
static enum rc code_of(const struct pg *p, const char *state) {
    static const struct {
        const char *state; /* or a class, two characters */
        enum rc rc;
    } table[] = {
        {"23505", RC_EXISTS}, {"23503", RC_NOT_FOUND}, {"40001", RC_BUSY}, {"40P01", RC_BUSY},
        {"55P03", RC_BUSY},   {"25006", RC_BUSY},      {"25P03", RC_BUSY}, {"57P", RC_BUSY},
        {"53300", RC_BUSY},   {"57014", RC_BUSY},      {"08", RC_BUSY},    {"22", RC_INPUT},
    };
    for (size_t i = 0; state != NULL && i < sizeof table / sizeof table[0]; i++)
        if (strncmp(state, table[i].state, strlen(table[i].state)) == 0)
            return table[i].rc;
    return lost(p) ? RC_BUSY : RC_DB;
}

/* The primary message only: the others may quote a row. */
static enum rc failed(const struct pg *p, const PGresult *r, const char *doing) {
    const char *text = r == NULL ? NULL : PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    enum rc rc = code_of(p, r == NULL ? NULL : PQresultErrorField(r, PG_DIAG_SQLSTATE));
    if (p->late)
        FAIL(RC_BUSY, "database: %s: no answer within %d ms", doing, p->patience_ms);
    return err_set(rc, "database: %s: %s", doing, text != NULL ? text : PQerrorMessage(p->conn));
}

static bool succeeded(const PGresult *r) {
    ExecStatusType status = PQresultStatus(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static PGresult *answer(struct pg *p, int sent) {
    return pg_wait_last(p->conn, sent, p->patience_ms, &p->late);
}

static enum rc simple(struct pg *p, const char *sql) {
    AUTO_RESULT r = answer(p, PQsendQuery(p->conn, sql));
    return succeeded(r) ? RC_OK : failed(p, r, sql);
}

/* A new connection, or one whose patience has changed. The server gives up a little before we do: then the connection
   stays. */
static enum rc session(struct pg *p) {
    int server_ms = p->patience_ms - p->patience_ms / 8;
    int lock_ms = p->patience_ms / 2 < LOCK_MS ? p->patience_ms / 2 : LOCK_MS;
    AUTO(buf) sql = {0};

    if (PQsetnonblocking(p->conn, 1) != 0)
        return failed(p, NULL, "session");
    TRY(buf_printf(&sql, SESSION_SQL, lock_ms, server_ms));
    return simple(p, buf_str(&sql));
}

static enum rc pg_patience(struct db *db, int ms) {
    struct pg *p = pg_of(db);
    p->patience_ms = ms;
    return lost(p) ? RC_OK : session(p); /* a lost one is told when it is made again */
}

static enum rc reconnect(struct pg *p) {
    db_cache_clear(&p->cache, free);
    p->in_tx = p->late = false;
    PQreset(p->conn);
    if (lost(p))
        FAIL(RC_BUSY, "database: no connection: %s", PQerrorMessage(p->conn));
    return session(p);
}

/* Parameters as libpq wants them; integers in network order. */
struct params {
    int64_t ints[DB_PARAMS];
    const char *values[DB_PARAMS];
    int lengths[DB_PARAMS];
    int formats[DB_PARAMS];
    Oid types[DB_PARAMS];
    int n;
};

static enum rc encode(const struct db_values *args, struct params *out) {
    out->n = args->n;
    for (int i = 0; i < args->n; i++) {
        const struct db_value *v = &args->v[i];
        out->values[i] = NULL;
        out->lengths[i] = 0;
        out->formats[i] = 1;
        out->types[i] = 0; /* of a NULL: what the statement makes of it */
        if (v->type == DB_INT) {
            out->ints[i] = (int64_t)htobe64((uint64_t)v->i);
            out->values[i] = (const char *)&out->ints[i];
            out->lengths[i] = sizeof out->ints[i];
            out->types[i] = OID_INT8;
        } else if (v->type != DB_NULL) {
            if (v->s.len > INT32_MAX)
                FAIL(RC_LIMIT, "a value of %zu bytes is too long for the database", v->s.len);
            out->values[i] = v->s.ptr == NULL ? "" : (const char *)v->s.ptr;
            out->lengths[i] = (int)v->s.len;
            out->types[i] = v->type == DB_TEXT ? OID_TEXT : OID_BYTEA;
        }
    }
    return RC_OK;
}

/* The server's name of the statement, prepared once. */
static enum rc prepare(struct pg *p, const char *sql, const struct params *params, const char **name) {
    *name = db_cache_get(&p->cache, sql);
    if (*name != NULL)
        return RC_OK;
    char fresh[16];
    snprintf(fresh, sizeof fresh, "s%u", p->prepared++);
    AUTO_RESULT r = answer(p, PQsendPrepare(p->conn, fresh, sql, params->n, params->types));
    if (!succeeded(r))
        return failed(p, r, sql);
    char *copy = strdup(fresh);
    if (copy == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(db_cache_put(&p->cache, sql, copy, free));
    *name = copy;
    return RC_OK;
}

static int64_t decode_int(const char *bytes, int len) {
    uint64_t u = (bytes[0] & 0x80) != 0 && len > 1 ? UINT64_MAX : 0;
    for (int i = 0; i < len; i++)
        u = u << 8 | (uint8_t)bytes[i];
    return (int64_t)u;
}

static enum rc decode(const PGresult *r, int row, int column, struct db_value *out) {
    const char *bytes = PQgetvalue(r, row, column);
    int len = PQgetlength(r, row, column);
    if (PQgetisnull(r, row, column)) {
        *out = db_null();
        return RC_OK;
    }
    switch (PQftype(r, column)) {
    case OID_BOOL:
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        *out = db_int(decode_int(bytes, len));
        return RC_OK;
    case OID_TEXT:
        *out = (struct db_value){.type = DB_TEXT, .s = span_of(bytes, (size_t)len)};
        return RC_OK;
    case OID_BYTEA:
        *out = (struct db_value){.type = DB_BLOB, .s = span_of(bytes, (size_t)len)};
        return RC_OK;
    default:
        FAIL(RC_BUG, "column %d has a type this program does not use: cast it", column);
    }
}

static enum rc deliver(const PGresult *r, const struct db_sink *to) {
    struct db_value cells[DB_COLUMNS];
    struct db_row row = {cells, PQnfields(r)};
    if (row.n > DB_COLUMNS)
        FAIL(RC_BUG, "more than %d columns", DB_COLUMNS);
    for (int i = 0; i < PQntuples(r); i++) {
        for (int c = 0; c < row.n; c++)
            TRY(decode(r, i, c, &cells[c]));
        TRY(db_deliver(to, &row));
    }
    return RC_OK;
}

static enum rc execute(struct pg *p, const char *sql, const struct params *params, PGresult **out) {
    const char *name;
    TRY(prepare(p, sql, params, &name));
    PGresult *r =
        answer(p, PQsendQueryPrepared(p->conn, name, params->n, params->values, params->lengths, params->formats, 1));
    if (!succeeded(r)) {
        enum rc rc = failed(p, r, sql);
        PQclear(r);
        return rc;
    }
    *out = r;
    return RC_OK;
}

static bool only_reads(const char *sql) {
    return strncmp(sql, "SELECT", 6) == 0;
}

static enum rc pg_query(struct db *db, const char *sql, const struct db_values *args, const struct db_sink *to,
                        int64_t *changed) {
    struct pg *p = pg_of(db);
    struct params params;
    AUTO_RESULT r = NULL;
    p->late = false;
    TRY(encode(args, &params));
    enum rc rc = execute(p, sql, &params, &r);
    /* The server was restarted while nobody looked; a statement that only reads cannot be half done. One that does not
       answer is not asked twice by the same caller. */
    if (rc != RC_OK && lost(p) && !p->late && !p->in_tx && only_reads(sql)) {
        TRY(reconnect(p));
        rc = execute(p, sql, &params, &r);
    }
    TRY(rc);
    TRY(deliver(r, to));
    if (changed != NULL)
        *changed = only_reads(sql) ? 0 : strtoll(PQcmdTuples(r), NULL, 10);
    return RC_OK;
}

/* Reads the answer of one statement of the pipeline. Always reads all of it, so that the next one is in step. */
static enum rc pipeline_answer(struct pg *p, const char *sql, const struct db_sink *to) {
    enum rc rc = RC_OK;
    PGresult *r;
    while ((r = pg_wait(p->conn, p->patience_ms, &p->late)) != NULL) {
        if (PQresultStatus(r) == PGRES_PIPELINE_ABORTED)
            rc = rc != RC_OK ? rc : err_set(RC_DB, "database: an earlier statement failed");
        else if (!succeeded(r))
            rc = failed(p, r, sql);
        else if (rc == RC_OK)
            rc = deliver(r, to);
        PQclear(r);
    }
    return rc;
}

/* Sends up to PIPELINE statements and reads their answers; the first failure is returned. */
static enum rc pipeline_run(struct pg *p, const char *sql, const char *name, const struct db_values *rows, size_t count,
                            struct db_sink to) {
    enum rc rc = RC_OK;
    size_t sent = 0;
    for (; sent < count && rc == RC_OK; sent += rc == RC_OK) {
        struct params params;
        rc = encode(&rows[sent], &params);
        if (rc == RC_OK &&
            !PQsendQueryPrepared(p->conn, name, params.n, params.values, params.lengths, params.formats, 1))
            rc = failed(p, NULL, sql);
    }
    if (!PQpipelineSync(p->conn) && rc == RC_OK)
        rc = failed(p, NULL, sql);
    for (size_t i = 0; i < sent; i++, to.index++) {
        enum rc one = pipeline_answer(p, sql, &to);
        rc = rc == RC_OK ? one : rc;
    }
    PQclear(pg_wait(p->conn, p->patience_ms, &p->late)); /* the answer to the sync */
    return rc;
}

static enum rc pg_bulk(struct db *db, const char *sql, const struct db_values *rows, size_t count, struct db_sink to) {
    struct pg *p = pg_of(db);
    struct params params;
    const char *name;
    if (count == 0)
        return RC_OK;
    TRY(encode(&rows[0], &params));
    TRY(prepare(p, sql, &params, &name));
    if (!PQenterPipelineMode(p->conn))
        return failed(p, NULL, sql);
    enum rc rc = RC_OK;
    to.index = 0;
    for (size_t at = 0; at < count && rc == RC_OK; at += PIPELINE) {
        size_t n = count - at < PIPELINE ? count - at : PIPELINE;
        rc = pipeline_run(p, sql, name, rows + at, n, to);
        to.index += n;
    }
    if (!PQexitPipelineMode(p->conn) && rc == RC_OK)
        rc = failed(p, NULL, sql);
    return rc;
}

static enum rc pg_script(struct db *db, const char *sql) {
    return simple(pg_of(db), sql);
}

static void pg_rollback(struct db *db) {
    struct pg *p = pg_of(db);
    if (PQtransactionStatus(p->conn) != PQTRANS_IDLE && !lost(p))
        PQclear(answer(p, PQsendQuery(p->conn, "ROLLBACK")));
    p->in_tx = false;
}

static enum rc pg_begin(struct db *db) {
    struct pg *p = pg_of(db);
    for (bool again = false;; again = true) {
        if (lost(p))
            TRY(reconnect(p));
        enum rc rc = simple(p, BEGIN_SQL);
        if (rc == RC_OK) {
            p->in_tx = true;
            return RC_OK;
        }
        pg_rollback(db);
        if (again || p->late || !lost(p)) /* a connection that died while idle shows only now */
            return rc;
    }
}

/* COMMIT of a transaction that failed "succeeds" as ROLLBACK: the tag tells. */
static enum rc pg_commit(struct db *db) {
    struct pg *p = pg_of(db);
    AUTO_RESULT r = answer(p, PQsendQuery(p->conn, "COMMIT"));
    p->in_tx = false;
    if (!succeeded(r))
        return failed(p, r, "COMMIT");
    if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
        FAIL(RC_DB, "database: the transaction had failed and was rolled back");
    return RC_OK;
}

static void pg_idle(struct db *db) {
    (void)db; /* the server looks after itself */
}

static void pg_close(struct db *db) {
    struct pg *p = pg_of(db);
    db_cache_clear(&p->cache, free);
    PQfinish(p->conn);
    free(p);
}

static void drop_notice(void *arg, const char *text) {
    (void)arg;
    (void)text;
}

#define SPOKEN ":  " /* of libpq, in any language: behind what a server calls the severity */

/* What passes by itself: room for one more (53), a server that starts or stops (57P). */
static bool is_passing(const char *states) {
    for (const char *p = strstr(states, SPOKEN); p != NULL; p = strstr(p, SPOKEN)) {
        p += strlen(SPOKEN);
        if (strncmp(p, "53", 2) == 0 || strncmp(p, "57P", 3) == 0)
            return true;
    }
    return false;
}

/* By SQLSTATE, for the words may be in any language. libpq keeps none of a connection that failed, but prints them when
   it is asked before: so one more try. A server that is away said nothing, and comes back by itself. */
static bool is_refusal(PGconn *conn, bool spoke) {
    if (PQconnectionNeedsPassword(conn))
        return true;
    if (!spoke)
        return PQconnectionUsedPassword(conn);
    PQsetErrorVerbosity(conn, PQERRORS_SQLSTATE);
    PQreset(conn);
    const char *states = PQerrorMessage(conn);
    return PQstatus(conn) == CONNECTION_BAD && strstr(states, SPOKEN) != NULL && !is_passing(states);
}

static enum rc not_connected(PGconn *conn) {
    AUTO(buf) text = {0};
    TRY(buf_add_str(&text, PQerrorMessage(conn)));
    bool refused = is_refusal(conn, strstr(buf_str(&text), SPOKEN) != NULL);
    return err_set(refused ? RC_DB : RC_BUSY, "database: %s: %s",
                   refused ? "the server refuses this connection" : "no connection", buf_str(&text));
}

static enum rc pg_open(const char *dsn, struct db **out) {
    /* What stands before "dbname" is a default, what stands after it is law. */
    static const char *const keys[] = {"connect_timeout",
                                       "keepalives_idle",
                                       "tcp_user_timeout",
                                       "application_name",
                                       "dbname",
                                       "client_encoding",
                                       NULL};
    const char *const values[] = {"3", "10", "20000", "capbu", dsn, "UTF8", NULL};
    struct pg *p = calloc(1, sizeof *p);
    if (p == NULL)
        FAIL(RC_LIMIT, "out of memory");
    p->base.ops = &db_pg_ops;
    p->patience_ms = DB_PATIENCE_MS;
    p->conn = PQconnectdbParams(keys, values, 1);
    enum rc rc = RC_OK;
    if (PQstatus(p->conn) != CONNECTION_OK)
        rc = not_connected(p->conn);
    else
        rc = session(p);
    if (rc != RC_OK) {
        pg_close(&p->base);
        return rc;
    }
    PQsetNoticeProcessor(p->conn, drop_notice, NULL);
    *out = &p->base;
    return RC_OK;
}

const struct db_ops db_pg_ops = {
    .open = pg_open,
    .close = pg_close,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .query = pg_query,
    .bulk = pg_bulk,
    .script = pg_script,
    .idle = pg_idle,
    .patience = pg_patience,
};
