/* Walks through tables by their keys (declared in store/outline.h). */
#include "store/outline.h"

#include "rules/facts.h"

#define BATCH 2000

_Static_assert(sizeof((struct outline *)0)->old_serial >= 2 * SERIAL_MAX + 2, "a serial number does not fit");

struct walk {
    int64_t last; /* key of the row before */
    int rows;
    enum rc (*issued)(void *arg, const struct outline *o);
    enum rc (*cert)(void *arg, int64_t id, const char *issuer_key, const char *serial);
    void *arg;
};

static enum rc each_issued(void *arg, const struct db_row *r) {
    struct walk *w = arg;
    struct outline o = {.old_id = db_get_int(r, 0),
                        .issued = db_get_int(r, 2) != 0,
                        .tbs = db_get_span(r, 3),
                        .der = r->n > 4 ? db_get_span(r, 4) : (struct span){0}};
    TRY(db_get_text(r, 1, o.old_serial, sizeof o.old_serial));
    w->last = o.old_id;
    w->rows++;
    return w->issued(w->arg, &o);
}

static enum rc each_cert(void *arg, const struct db_row *r) {
    struct walk *w = arg;
    char issuer_key[2 * KEY_ID_MAX + 1], serial[2 * SERIAL_MAX + 2];
    w->last = db_get_int(r, 0);
    w->rows++;
    TRY(db_get_text(r, 1, issuer_key, sizeof issuer_key));
    TRY(db_get_text(r, 2, serial, sizeof serial));
    return w->cert(w->arg, w->last, issuer_key, serial);
}

static enum rc walk(struct db *db, const char *sql, enum rc (*each)(void *arg, const struct db_row *r),
                    struct walk *w) {
    do {
        w->rows = 0;
        TRY(db_query(db, sql, DB_ARGS(db_int(w->last), db_int(BATCH)), each, w));
    } while (w->rows == BATCH);
    return RC_OK;
}

#define ISSUED_LITTLE                                                                                                  \
    "SELECT old_id, old_serial, CASE WHEN issued_at IS NULL THEN 0 ELSE 1 END, "                                       \
    "CASE WHEN issued_at IS NULL THEN tbs END"
#define ISSUED_IN_ORDER " FROM issued WHERE old_id > $1 ORDER BY old_id LIMIT $2"

enum rc outline_issued(struct db *db, bool whole, enum rc (*row)(void *arg, const struct outline *o), void *arg) {
    struct walk w = {.issued = row, .arg = arg};
    return walk(db, whole ? ISSUED_LITTLE ", der" ISSUED_IN_ORDER : ISSUED_LITTLE ISSUED_IN_ORDER, each_issued, &w);
}

enum rc outline_certs(struct db *db, enum rc (*row)(void *arg, int64_t id, const char *issuer_key, const char *serial),
                      void *arg) {
    struct walk w = {.cert = row, .arg = arg};
    return walk(db, "SELECT id, issuer_key, serial FROM certs WHERE id > $1 ORDER BY id LIMIT $2", each_cert, &w);
}
