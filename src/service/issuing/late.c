/* Finds the record of what neither journal nor database knows, and enters it (declared in service/issuing/late.h). */
#include "service/issuing/late.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct keyed {
    struct sha256 key;
    int64_t id;
    char serial[2 * SERIAL_MAX + 2];
};

struct late {
    struct site *site;
    struct journal_pen *pen; /* NULL: not opened yet */
    char why[ERR_TEXT];
    struct buf records; /* struct keyed, by key; empty: not read yet */
};

struct asked {
    const char *tax_code, *serial;
    struct cert_row row;
};

static void asked_free(struct asked *a) {
    cert_row_free(&a->row);
}

enum rc late_new(struct site *s, struct late **out) {
    struct late *l = calloc(1, sizeof *l);
    if (l == NULL)
        FAIL(RC_LIMIT, "out of memory");
    l->site = s;
    *out = l;
    return RC_OK;
}

void late_free(struct late *l) {
    if (l == NULL)
        return;
    journal_pen_free(l->pen);
    buf_free(&l->records);
    free(l);
}

static enum rc take_key(void *arg, const struct cert_row *record, const struct issued_row *issued) {
    struct late *l = arg;
    struct cert cert;
    (void)issued;
    if (cert_parse(buf_span(&record->der), &cert) != RC_OK)
        return RC_OK;
    struct keyed k = {.key = sha256_of(cert.spki), .id = record->id};
    TRY(text_set(k.serial, sizeof k.serial, record->serial));
    return buf_add(&l->records, &k, sizeof k);
}

static enum rc read_keys(struct db *db, void *arg) {
    int64_t last = 0;
    TRY(certs_max_id(db, &last));
    return certs_each(db, 0, last, take_key, arg);
}

static int by_key(const void *a, const void *b) {
    const struct keyed *x = a, *y = b;
    return memcmp(&x->key, &y->key, sizeof x->key);
}

static enum rc by_its_key(struct late *l, const struct cert *c, int64_t *old_id, char serial[2 * SERIAL_MAX + 2]) {
    const struct keyed key = {.key = sha256_of(c->spki)};
    if (l->records.len == 0) {
        TRY(store_read(l->site->store, read_keys, l));
        if (l->records.len > 0)
            qsort(l->records.data, l->records.len / sizeof key, sizeof key, by_key);
    }
    const struct keyed *all = (const struct keyed *)(const void *)l->records.data;
    const size_t count = l->records.len / sizeof key;
    const struct keyed *found = count == 0 ? NULL : bsearch(&key, all, count, sizeof key, by_key), *end = all + count;
    if (found == NULL || (found > all && by_key(found - 1, found) == 0) ||
        (found + 1 < end && by_key(found + 1, found) == 0))
        FAIL(RC_NOT_FOUND, "no record has this certificate's key, or several have");
    *old_id = found->id;
    return text_set(serial, 2 * SERIAL_MAX + 2, found->serial);
}

static enum rc find_told(struct db *db, void *arg) {
    struct asked *a = arg;
    return certs_find(db, a->tax_code, a->serial, &a->row);
}

enum rc late_record(struct late *l, const struct cert *c, const char *old_serial, const char *tax_code, int64_t *old_id,
                    char serial[2 * SERIAL_MAX + 2]) {
    AUTO(asked) a = {.tax_code = tax_code, .serial = old_serial};
    if (old_serial[0] == '\0')
        return by_its_key(l, c, old_id, serial);
    enum rc rc = store_read(l->site->store, find_told, &a);
    if (rc == RC_NOT_FOUND) /* a spreadsheet takes zeros away */
        return by_its_key(l, c, old_id, serial);
    TRY(rc);
    *old_id = a.row.id;
    return text_set(serial, 2 * SERIAL_MAX + 2, a.row.serial);
}

enum rc late_enter(struct late *l, const char *old_serial, const struct sha256 *bytes) {
    if (l->pen == NULL && l->why[0] == '\0' && journal_pen_open(l->site, &l->pen) != RC_OK)
        (void)snprintf(l->why, sizeof l->why, "%s", err_text());
    if (l->pen == NULL)
        FAIL(RC_BUSY, "%s", l->why);
    enum rc rc = journal_pen_enter(l->pen, old_serial, bytes);
    if (rc != RC_IO)
        return rc;
    (void)snprintf(l->why, sizeof l->why, "%s", err_text());
    FAIL(RC_BUSY, "%s", l->why);
}

const char *late_why(const struct late *l) {
    return l->why;
}
