/* Brings a database's schema up to this program's: numbered steps, append-only, each recorded with its hash. */
#include "store/migrate.h"

#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "store/certs_digest.h"

/* Made from schema/NNNN.sql by tools/embed.c. */
extern const unsigned char schema_0001[];
extern const size_t schema_0001_len;
extern const unsigned char schema_0002[], schema_0003[], schema_0004[], schema_0005[], schema_0006[], schema_0007[],
    schema_0008[], schema_0009[], schema_0010[], schema_0011[];
extern const size_t schema_0002_len, schema_0003_len, schema_0004_len, schema_0005_len, schema_0006_len,
    schema_0007_len, schema_0008_len, schema_0009_len, schema_0010_len, schema_0011_len;

static const struct step { /* step n is schema/n.sql; applied ones never change */
    const unsigned char *sql;
    const size_t *len;
    enum rc (*then)(struct db *db); /* what SQL cannot compute; NULL: nothing */
} steps[] = {
    {schema_0001, &schema_0001_len, NULL},
    {schema_0002, &schema_0002_len, NULL},
    {schema_0003, &schema_0003_len, NULL},
    {schema_0004, &schema_0004_len, NULL},
    {schema_0005, &schema_0005_len, NULL},
    {schema_0006, &schema_0006_len, NULL},
    {schema_0007, &schema_0007_len, NULL},
    {schema_0008, &schema_0008_len, NULL},
    {schema_0009, &schema_0009_len, certs_digest_fill},
    {schema_0010, &schema_0010_len, NULL},
    {schema_0011, &schema_0011_len, NULL},
};
#define STEPS ((int64_t)(sizeof steps / sizeof steps[0]))

static void hash_of(int64_t version, char out[2 * SHA256_LEN + 1]) {
    const struct step *s = &steps[version - 1];
    sha256_hex(sha256_of(span_of(s->sql, *s->len)), out);
}

/* The applied steps, checked one by one against ours. */
static enum rc applied_row(void *arg, const struct db_row *r) {
    int64_t *version = arg;
    int64_t v = db_get_int(r, 0);
    char ours[2 * SHA256_LEN + 1];
    if (v > STEPS)
        FAIL(RC_REFUSED,
             "the database has schema %" PRId64 " and this program knows %" PRId64
             ": it was used by a newer version; install that one",
             v, STEPS);
    if (v != *version + 1)
        FAIL(RC_REFUSED, "the database's list of schema steps has a gap before %" PRId64, v);
    hash_of(v, ours);
    if (!span_eq_str(db_get_span(r, 1), ours))
        FAIL(RC_REFUSED, "schema step %" PRId64 " of the database is not this program's: another program made it", v);
    *version = v;
    return RC_OK;
}

static enum rc number_row(void *arg, const struct db_row *r) {
    *(int64_t *)arg = db_get_int(r, 0);
    return RC_OK;
}

/* The one question that the two back ends are asked differently. */
static enum rc must_be_ours(struct db *db) {
    int64_t tables = 0;
    TRY(db_one(db,
               db_is_postgres(db) ? "SELECT count(to_regclass('schema_version'))"
                                  : "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'",
               DB_NO_ARGS, number_row, &tables));
    if (tables == 0)
        FAIL(RC_NOT_FOUND,
             "the database is empty, or not capbu's: restore it from the backup; only capbuctl init makes a new one");
    return RC_OK;
}

enum rc migrate_apply(struct db *db, bool make) {
    if (!make)
        TRY(must_be_ours(db));
    TRY(db_script(db, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, sha256 TEXT NOT NULL)"));
    int64_t version = 0;
    TRY(db_query(db, "SELECT version, sha256 FROM schema_version ORDER BY version", DB_NO_ARGS, applied_row, &version));
    for (version++; version <= STEPS; version++) {
        char hash[2 * SHA256_LEN + 1];
        hash_of(version, hash);
        if (db_script(db, (const char *)steps[version - 1].sql) != RC_OK)
            return err_in(RC_DB, "schema step %" PRId64, version);
        if (steps[version - 1].then != NULL)
            TRY(steps[version - 1].then(db));
        TRY(db_exec(db, "INSERT INTO schema_version (version, sha256) VALUES ($1, $2)",
                    DB_ARGS(db_int(version), db_text(hash)), NULL));
    }
    return RC_OK;
}

enum rc migrate_run(struct db *db) {
    TRY(db_begin(db)); /* the write lock: a second process waits here and then finds nothing missing */
    enum rc rc = migrate_apply(db, false);
    if (rc != RC_OK) {
        db_rollback(db);
        return rc;
    }
    return db_commit(db);
}

enum rc migrate_check(struct db *db) {
    int64_t version = 0;
    TRY(must_be_ours(db));
    TRY(db_query(db, "SELECT version, sha256 FROM schema_version ORDER BY version", DB_NO_ARGS, applied_row, &version));
    if (version != STEPS)
        FAIL(RC_REFUSED,
             "the database has schema %" PRId64 " and this program knows %" PRId64
             ", and it can only be read here: copy it to where it can be written, or use the program it came from",
             version, STEPS);
    return RC_OK;
}

enum rc migrate_version(struct db *db, int64_t *on_disk) {
    return db_one(db, "SELECT max(version) FROM schema_version", DB_NO_ARGS, number_row, on_disk);
}

int64_t migrate_ours(void) {
    return STEPS;
}
