/* The publications of token models in the database. */
#include "store/publication.h"

#include "base/day.h"
#include "base/jsonw.h"
#include "store/audit.h"
#include "store/rows.h"

void publication_row_free(struct publication_row *r) {
    buf_free(&r->der);
}

static enum rc read_row(void *arg, const struct db_row *r) {
    struct publication_row *out = arg;

    out->version = db_get_int(r, 0);
    out->issued_at = db_get_int(r, 1);
    out->expires_at = db_get_int(r, 2);
    TRY(db_get_text(r, 3, out->source_hash, sizeof out->source_hash));
    return buf_set(&out->der, db_get_span(r, 4));
}

enum rc publication_get(struct db *db, struct publication_row *out) {
    AUTO(publication_row) got = {0};
    TRY(rows_one(db,
                 "SELECT version, issued_at, expires_at, source_hash, der FROM publication "
                 "ORDER BY version DESC LIMIT 1",
                 DB_NO_ARGS, read_row, &got, "no token models were published yet: capbuctl devices publish"));
    *out = got;
    got = (struct publication_row){0};
    return RC_OK;
}

enum rc publication_put(struct tx *tx, const struct publication_row *r, const char *actor) {
    char hash[2 * SHA256_LEN + 1];
    int64_t changed = 0;
    AUTO(jsonw) w = {0};

    TRY(db_exec(tx->db,
                "INSERT INTO publication (version, issued_at, expires_at, source_hash, der) "
                "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                DB_ARGS(db_int(r->version), db_int(r->issued_at), db_int(r->expires_at), db_text(r->source_hash),
                        db_blob(buf_span(&r->der))),
                &changed));
    if (changed == 0)
        FAIL(RC_EXISTS, "version %lld was published meanwhile: run it again", (long long)r->version);
    sha256_hex(sha256_of(buf_span(&r->der)), hash);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "version", r->version);
    jsonw_instant(&w, "expires", r->expires_at);
    jsonw_str(&w, "source", r->source_hash);
    jsonw_str(&w, "sha256", hash);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){"devices", NULL, actor, buf_str(&w.out)});
}
