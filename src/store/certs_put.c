/* The operator's records written: a batch is looked up, new rows are inserted, changed ones updated, the same left. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "store/rows.h"

struct item { /* what is known about one row of the batch */
    struct cert_row *row;
    size_t turn; /* rows for the same certificate take turns, in the order given */
    char hash[2 * SHA256_LEN + 1];
    int64_t stored_id; /* 0: not stored */
    char stored_hash[2 * SHA256_LEN + 1];
    bool broken; /* what is stored was not written by us */
    enum put_result *result;
    bool *conflict;
};

struct batch {
    struct db *db;
    struct item *items;
    size_t count;
    struct item **picked; /* those a bulk statement is about, beside `args` */
    struct db_values *args;
    size_t n;
    int64_t last_id;
    const struct cert_sealer *sealer;
    struct buf scratch;
};

static void batch_free(struct batch *b) {
    free(b->items);
    free(b->picked);
    free(b->args);
    buf_free(&b->scratch);
}

/* NUL cannot stand in a text, so it separates them. */
enum rc rows_hash(const struct cert_row *r, struct buf *scratch, char out[2 * SHA256_LEN + 1]) {
    const char *texts[] = {r->issuer_key,   r->serial, r->contract, r->tax_code, r->name,
                           r->token_serial, r->email,  r->phone,    r->am,       r->agent};
    int32_t numbers[] = {r->province,    (int32_t)r->device, r->contract_from,
                         r->contract_to, (int32_t)r->status, r->status_at};
    buf_clear(scratch);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        TRY(buf_add(scratch, texts[i], strlen(texts[i]) + 1));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint32_t n = (uint32_t)numbers[i];
        uint8_t bytes[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        TRY(buf_add(scratch, bytes, sizeof bytes));
    }
    TRY(buf_add_span(scratch, buf_span(&r->der)));
    sha256_hex(sha256_of(buf_span(scratch)), out);
    return RC_OK;
}

static int compare_keys(const struct cert_row *a, const struct cert_row *b) {
    int d = strcmp(a->serial, b->serial);
    return d != 0 ? d : strcmp(a->issuer_key, b->issuer_key);
}

static int compare_items(const void *a, const void *b) {
    const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
    int d = compare_keys(x->row, y->row);
    return d != 0 ? d : (x > y) - (x < y);
}

/* Gives every row its turn; returns the number of turns. */
static size_t deal_turns(struct batch *b) {
    size_t turns = 0;
    for (size_t i = 0; i < b->count; i++)
        b->picked[i] = &b->items[i];
    qsort(b->picked, b->count, sizeof b->picked[0], compare_items);
    for (size_t i = 0; i < b->count; i++) {
        bool again = i > 0 && compare_keys(b->picked[i - 1]->row, b->picked[i]->row) == 0;
        b->picked[i]->turn = again ? b->picked[i - 1]->turn + 1 : 0;
        turns = b->picked[i]->turn >= turns ? b->picked[i]->turn + 1 : turns;
    }
    return turns;
}

static void pick(struct batch *b, struct item *item, const struct db_values *args) {
    b->picked[b->n] = item;
    b->args[b->n++] = *args;
}

/* What the file does not tell stays as it was: a column that was left out is no word on anybody. */
static enum rc keep_untold(struct batch *b, struct item *item, const struct db_row *r) {
    struct cert_row *row = item->row;
    const struct {
        char *text;
        size_t cap;
    } texts[] = {{row->token_serial, sizeof row->token_serial},
                 {row->email, sizeof row->email},
                 {row->phone, sizeof row->phone},
                 {row->am, sizeof row->am},
                 {row->agent, sizeof row->agent}};
    for (int i = 0; i < 5; i++)
        if ((row->untold >> i & 1) != 0)
            TRY(db_get_text(r, 2 + i, texts[i].text, texts[i].cap));
    if ((row->untold & CERT_CONTRACT_FROM) != 0 && !item->broken)
        row->contract_from = rows_get_day(r, 7);
    if ((row->untold & CERT_STATUS_AT) != 0 && !item->broken &&
        span_eq_str(db_get_span(r, 9), status_name(row->status)))
        row->status_at = rows_get_day(r, 8); /* of another status it says nothing */
    return rows_hash(row, &b->scratch, item->hash);
}

struct cert_claim certs_claim(const struct cert_row *r) {
    return (struct cert_claim){r->issuer_key,  r->serial,    r->tax_code, r->contract_from,
                               r->contract_to, r->status_at, r->status,   r->row_hash};
}

enum rc certs_check_hash(const struct cert_row *r) {
    AUTO(buf) scratch = {0};
    char hash[2 * SHA256_LEN + 1];
    TRY(rows_hash(r, &scratch, hash));
    if (strcmp(hash, r->row_hash) != 0)
        FAIL(RC_REFUSED, "the record of %s was changed behind capbu's back: it is not what was imported", r->serial);
    return RC_OK;
}

/* Is the stored row as we sealed it? What cannot even be read is not. */
static enum rc check_seal(struct batch *b, struct item *item, const struct db_row *r) {
    char tax_code[20], status[16], stored[2 * SHA256_LEN + 1], mac[2 * SHA256_LEN + 1];
    struct cert_claim c = certs_claim(item->row);
    c.contract_from = rows_get_day(r, 7);
    c.status_at = rows_get_day(r, 8);
    c.contract_to = rows_get_day(r, 10);
    c.tax_code = tax_code;
    c.row_hash = item->stored_hash;
    item->broken = db_get_text(r, 9, status, sizeof status) != RC_OK || !status_from(status, &c.status) ||
                   db_get_text(r, 11, tax_code, sizeof tax_code) != RC_OK ||
                   db_get_text(r, 12, stored, sizeof stored) != RC_OK;
    if (item->broken)
        return RC_OK;
    TRY(b->sealer->mac(b->sealer->arg, &c, mac));
    item->broken = strcmp(stored, mac) != 0;
    return RC_OK;
}

static enum rc found(void *arg, size_t index, const struct db_row *r) {
    struct batch *b = arg;
    struct item *item = b->picked[index];
    item->stored_id = db_get_int(r, 0);
    TRY(db_get_text(r, 1, item->stored_hash, sizeof item->stored_hash));
    if (b->sealer != NULL)
        TRY(check_seal(b, item, r));
    return item->row->untold == 0 ? RC_OK : keep_untold(b, item, r);
}

static enum rc look_up(struct batch *b, size_t turn) {
    b->n = 0;
    for (struct item *i = b->items; i < b->items + b->count; i++)
        if (i->turn == turn)
            pick(b, i, DB_ARGS(db_text(i->row->serial), db_text(i->row->issuer_key)));
    return db_bulk_query(b->db,
                         "SELECT id, row_hash, token_serial, email, phone, am, agent, contract_from, status_at, "
                         "status, contract_to, tax_code, mac FROM certs WHERE serial = $1 AND issuer_key = $2",
                         b->args, b->n, found, b);
}

/* Columns that may change, as $3..$18; $1 and $2 are left to the statement. */
static struct db_values changeable(const struct item *i) {
    const struct cert_row *r = i->row;
    return *DB_ARGS(db_int(r->id), db_blob(buf_span(&r->der)), db_text(r->contract), db_text(r->tax_code),
                    db_text(r->name), db_int(r->province), db_text(device_name(r->device)), rows_day(r->contract_from),
                    rows_day(r->contract_to), db_text(status_name(r->status)), rows_day(r->status_at),
                    db_text(r->token_serial), db_text(r->email), db_text(r->phone), db_text(r->am), db_text(r->agent),
                    db_text(i->hash), db_text(r->mac));
}

static enum rc seal(struct batch *b, const struct item *i) {
    struct cert_row *r = i->row;
    memcpy(r->row_hash, i->hash, sizeof r->row_hash);
    const struct cert_claim c = certs_claim(r);
    r->mac[0] = '\0';
    return b->sealer == NULL ? RC_OK : b->sealer->mac(b->sealer->arg, &c, r->mac);
}

static enum rc insert_new(struct batch *b, size_t turn) {
    b->n = 0;
    for (struct item *i = b->items; i < b->items + b->count; i++) {
        if (i->turn != turn || i->stored_id != 0)
            continue;
        i->row->id = ++b->last_id;
        TRY(seal(b, i));
        struct db_values args = changeable(i);
        args.v[args.n++] = db_text(i->row->serial);
        args.v[args.n++] = db_text(i->row->issuer_key);
        pick(b, i, &args);
        *i->result = PUT_NEW;
    }
    return db_bulk(
        b->db,
        "INSERT INTO certs (id, der, contract, tax_code, name, province, device, contract_from, "
        "contract_to, status, status_at, token_serial, email, phone, am, agent, row_hash, mac, "
        "serial, issuer_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
        "$18, $19, $20)",
        b->args, b->n);
}

static enum rc updated(void *arg, size_t index, const struct db_row *r) {
    struct batch *b = arg;
    struct item *item = b->picked[index];
    (void)r;
    *item->result = PUT_CHANGED;
    *item->conflict = false;
    return RC_OK;
}

/* A row that says something else is updated, if it still is the same certificate: other DER stays a conflict. */
static enum rc update_changed(struct batch *b, size_t turn) {
    b->n = 0;
    for (struct item *i = b->items; i < b->items + b->count; i++) {
        if (i->turn != turn || i->stored_id == 0)
            continue;
        i->row->id = i->stored_id;
        if (strcmp(i->hash, i->stored_hash) == 0 && !i->broken) {
            *i->result = PUT_SAME;
            continue;
        }
        *i->conflict = true;
        TRY(seal(b, i));
        struct db_values args = changeable(i);
        pick(b, i, &args);
    }
    return db_bulk_query(b->db,
                         "UPDATE certs SET contract = $3, tax_code = $4, name = $5, province = $6, device = $7, "
                         "contract_from = $8, contract_to = $9, status = $10, status_at = $11, token_serial = $12, "
                         "email = $13, phone = $14, am = $15, agent = $16, row_hash = $17, mac = $18 "
                         "WHERE id = $1 AND der = $2 RETURNING id",
                         b->args, b->n, updated, b);
}

static enum rc prepare(struct batch *b, struct cert_row *rows, enum put_result *result, bool *conflict) {
    b->items = calloc(b->count, sizeof *b->items);
    b->picked = calloc(b->count, sizeof *b->picked);
    b->args = calloc(b->count, sizeof *b->args);
    if (b->items == NULL || b->picked == NULL || b->args == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (size_t i = 0; i < b->count; i++) {
        if (rows[i].der.len == 0)
            FAIL(RC_BUG, "a row without a certificate");
        b->items[i] = (struct item){.row = &rows[i], .result = &result[i], .conflict = &conflict[i]};
        conflict[i] = false;
    }
    return RC_OK;
}

static enum rc hash_all(struct batch *b) {
    for (struct item *i = b->items; i < b->items + b->count; i++)
        TRY(rows_hash(i->row, &b->scratch, i->hash));
    return RC_OK;
}

enum rc certs_put(struct tx *tx, struct cert_row *rows, size_t count, const struct cert_sealer *sealer,
                  enum put_result *result, bool *conflict) {
    if (count == 0)
        return RC_OK;
    AUTO(batch) b = {.db = tx->db, .count = count, .sealer = sealer};
    TRY(prepare(&b, rows, result, conflict));
    TRY(hash_all(&b));
    TRY(certs_max_id(b.db, &b.last_id));
    size_t turns = deal_turns(&b);
    for (size_t turn = 0; turn < turns; turn++) {
        TRY(look_up(&b, turn));
        TRY(insert_new(&b, turn));
        TRY(update_changed(&b, turn));
    }
    return RC_OK;
}

struct comparing {
    struct batch batch;
    bool *stops; /* by the row's place in the batch */
};

/* The same certificate, with other words about it. */
static enum rc compared(void *arg, size_t index, const struct db_row *r) {
    struct comparing *c = arg;
    struct item *item = c->batch.picked[index];
    *item->conflict = false;
    c->stops[item - c->batch.items] =
        span_eq_str(db_get_span(r, 0), status_name(STATUS_ACTIVE)) && item->row->status != STATUS_ACTIVE;
    return RC_OK;
}

static enum rc compare_one(struct batch *b, struct item *i) {
    *i->result = PUT_NEW;
    if (i->stored_id == 0)
        return RC_OK; /* what is new needs no hash */
    if (i->hash[0] == '\0')
        TRY(rows_hash(i->row, &b->scratch, i->hash));
    *i->conflict = i->broken || strcmp(i->hash, i->stored_hash) != 0;
    *i->result = *i->conflict ? PUT_CHANGED : PUT_SAME;
    if (*i->conflict)
        pick(b, i, DB_ARGS(db_int(i->stored_id), db_blob(buf_span(&i->row->der))));
    return RC_OK;
}

static enum rc compare_all(struct comparing *c) {
    struct batch *b = &c->batch;
    TRY(look_up(b, 0));
    b->n = 0;
    for (struct item *i = b->items; i < b->items + b->count; i++)
        TRY(compare_one(b, i));
    return db_bulk_query(b->db, "SELECT status FROM certs WHERE id = $1 AND der = $2", b->args, b->n, compared, c);
}

enum rc certs_compare(struct db *db, struct cert_row *rows, size_t count, const struct cert_sealer *sealer,
                      enum put_result *result, bool *conflict, bool *stops) {
    if (count == 0)
        return RC_OK;
    struct comparing c = {.batch = {.db = db, .count = count, .sealer = sealer}, .stops = stops};
    memset(stops, 0, count * sizeof *stops);
    enum rc rc = prepare(&c.batch, rows, result, conflict);
    if (rc == RC_OK)
        rc = compare_all(&c);
    batch_free(&c.batch);
    return rc;
}

struct sealing {
    struct db *db;
    const struct cert_sealer *sealer;
};

static enum rc seal_stored(void *arg, const struct cert_row *r, const struct issued_row *issued) {
    const struct sealing *s = arg;
    const struct cert_claim c = certs_claim(r);
    char mac[2 * SHA256_LEN + 1];
    (void)issued;
    if (r->mac[0] != '\0')
        FAIL(RC_REFUSED, "this installation was sealed before, the record of %s carries a seal: " CERTS_SEALED_BEFORE,
             r->serial);
    TRY(s->sealer->mac(s->sealer->arg, &c, mac));
    return db_exec(s->db, "UPDATE certs SET mac = $2 WHERE id = $1", DB_ARGS(db_int(r->id), db_text(mac)), NULL);
}

enum rc certs_seal_all(struct tx *tx, const struct cert_sealer *sealer) {
    int64_t last = 0;
    TRY(certs_max_id(tx->db, &last));
    return certs_each(tx->db, 0, last, seal_stored, &(struct sealing){tx->db, sealer});
}
