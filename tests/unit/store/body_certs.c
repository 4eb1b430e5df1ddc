/* The operator's records: put new, changed and the same, found by key, read back in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "store/certs_digest.h"
#include "store_body.h"

#define BATCH 8

struct batch {
    struct cert_row rows[BATCH];
    size_t count;
    enum put_result result[BATCH];
    bool conflict[BATCH];
};

static void batch_free(struct batch *b) {
    for (size_t i = 0; i < b->count; i++)
        cert_row_free(&b->rows[i]);
}

static enum rc put_batch(struct tx *tx, void *arg) {
    struct batch *b = arg;
    return certs_put(tx, b->rows, b->count, NULL, b->result, b->conflict);
}

static void add(struct batch *b, int n) {
    b->rows[b->count++] = a_cert(n);
}

struct look {
    const char *issuer_key, *tax_code, *serial;
    struct cert_row found;
    struct issued_row issued;
    bool has_issued;
    int64_t max;
};

static void look_free(struct look *l) {
    cert_row_free(&l->found);
    issued_row_free(&l->issued);
}

static enum rc get(struct db *db, void *arg) {
    struct look *l = arg;
    return certs_get(db, l->issuer_key, l->serial, &l->found, &l->issued, &l->has_issued);
}

static enum rc find(struct db *db, void *arg) {
    struct look *l = arg;
    return certs_find(db, l->tax_code, l->serial, &l->found);
}

static enum rc by_serial(struct db *db, void *arg) {
    struct look *l = arg;
    return certs_by_serial(db, l->serial, &l->found);
}

static enum rc max_id(struct db *db, void *arg) {
    return certs_max_id(db, &((struct look *)arg)->max);
}

static void assert_same_cert(const struct cert_row *a, const struct cert_row *b) {
    assert_string_equal(a->issuer_key, b->issuer_key);
    assert_string_equal(a->serial, b->serial);
    assert_string_equal(a->contract, b->contract);
    assert_string_equal(a->tax_code, b->tax_code);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->province, b->province);
    assert_int_equal(a->device, b->device);
    assert_int_equal(a->contract_from, b->contract_from);
    assert_int_equal(a->contract_to, b->contract_to);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->status_at, b->status_at);
    assert_string_equal(a->token_serial, b->token_serial);
    assert_string_equal(a->email, b->email);
    assert_string_equal(a->phone, b->phone);
    assert_string_equal(a->am, b->am);
    assert_string_equal(a->agent, b->agent);
    assert_true(span_eq(buf_span(&a->der), buf_span(&b->der)));
}

static void new_same_changed_and_conflict_are_told_apart(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    AUTO(batch) b = {0};
    for (int n = 1; n <= 4; n++)
        add(&b, n);
    MUST_OK(store_write(s, NOW, put_batch, &b));
    for (size_t i = 0; i < b.count; i++) {
        assert_int_equal(b.result[i], PUT_NEW);
        assert_int_equal(b.rows[i].id, (int64_t)i + 1);
        assert_false(b.conflict[i]);
    }
    b.rows[1].contract_to += 365;
    b.rows[2].status = STATUS_SUSPENDED;
    b.rows[2].status_at = 18000;
    MUST_OK(buf_add_str(&b.rows[3].der, " with another byte"));
    add(&b, 5);
    MUST_OK(store_write(s, NOW, put_batch, &b));
    static const enum put_result expected[] = {PUT_SAME, PUT_CHANGED, PUT_CHANGED};
    assert_memory_equal(b.result, expected, sizeof expected);
    assert_true(b.conflict[3]);
    assert_false(b.conflict[0] || b.conflict[1] || b.conflict[2] || b.conflict[4]);
    assert_int_equal(b.result[4], PUT_NEW);
    assert_int_equal(b.rows[4].id, 5);
    AUTO(look) l = {.issuer_key = b.rows[2].issuer_key, .serial = b.rows[2].serial};
    MUST_OK(store_read(s, get, &l));
    assert_same_cert(&l.found, &b.rows[2]);
    AUTO(cert_row) fourth = a_cert(4);
    l.serial = fourth.serial;
    MUST_OK(store_read(s, get, &l));
    assert_same_cert(&l.found, &fourth); /* the conflict changed nothing */
    b.count = 3;
    MUST_OK(store_write(s, NOW, put_batch, &b));
    for (size_t i = 0; i < b.count; i++)
        assert_int_equal(b.result[i], PUT_SAME);
    b.count = 5;
}

static void rows_of_one_batch_for_one_certificate_take_turns(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    AUTO(batch) b = {0};
    add(&b, 1);
    add(&b, 2);
    add(&b, 1);
    add(&b, 1);
    b.rows[3].status = STATUS_REVOKED;
    add(&b, 1);
    add(&b, 1);
    MUST_OK(buf_set(&b.rows[5].der, span_str("other")));
    MUST_OK(store_write(s, NOW, put_batch, &b));
    static const enum put_result expected[] = {PUT_NEW, PUT_NEW, PUT_SAME, PUT_CHANGED, PUT_CHANGED};
    assert_memory_equal(b.result, expected, sizeof expected);
    assert_true(b.conflict[5]);
    assert_int_equal(b.rows[4].id, 1);
    AUTO(look) l = {.serial = b.rows[0].serial};
    MUST_OK(store_read(s, by_serial, &l));
    assert_same_cert(&l.found, &b.rows[4]);
    MUST_OK(store_read(s, max_id, &l));
    assert_int_equal(l.max, 2);
}

static void a_certificate_is_found_by_key_tax_code_and_serial(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    AUTO(batch) b = {0};
    add(&b, 1);
    add(&b, 1); /* the same serial of another issuer, with least values */
    MUST_OK(text_set(b.rows[1].issuer_key, sizeof b.rows[1].issuer_key, ""));
    b.rows[1].contract_from = DAY_NONE;
    b.rows[1].device = DEVICE_NONE;
    b.rows[1].email[0] = b.rows[1].phone[0] = b.rows[1].am[0] = b.rows[1].agent[0] = b.rows[1].token_serial[0] = '\0';
    MUST_OK(text_set(b.rows[1].tax_code, sizeof b.rows[1].tax_code, "0300000000-001"));
    MUST_OK(store_write(s, NOW, put_batch, &b));
    AUTO(look) l = {.issuer_key = "", .tax_code = "0300000000-001", .serial = b.rows[1].serial};
    MUST_OK(store_read(s, get, &l));
    assert_same_cert(&l.found, &b.rows[1]);
    MUST_OK(store_read(s, find, &l));
    assert_int_equal(l.found.id, 2);
    MUST_OK(store_read(s, by_serial, &l));
    assert_int_equal(l.found.id, 1);
    l.tax_code = "0300000000";
    MUST_FAIL(RC_NOT_FOUND, store_read(s, find, &l));
    l.issuer_key = "00";
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get, &l));
    l.serial = "1";
    MUST_FAIL(RC_NOT_FOUND, store_read(s, by_serial, &l));
    assert_int_equal(l.found.id, 1); /* a failed look-up leaves the output alone */
}

static enum rc fill_digests(struct tx *tx, void *arg) {
    (void)arg;
    return certs_digest_fill(tx->db);
}

/* A database from before: its records without an AKI get their digest, and the same file again changes nothing. */
static void records_without_aki_get_their_digest(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    AUTO(batch) b = {0};
    char digest[2 * SHA256_LEN + 1];
    add(&b, 1);
    add(&b, 2);
    MUST_OK(text_set(b.rows[1].issuer_key, sizeof b.rows[1].issuer_key, ""));
    MUST_OK(store_write(s, NOW, put_batch, &b));
    MUST_OK(store_write(s, NOW, fill_digests, NULL));
    sha256_hex(sha256_of(buf_span(&b.rows[1].der)), digest);
    MUST_OK(text_set(b.rows[1].issuer_key, sizeof b.rows[1].issuer_key, digest));
    AUTO(look) l = {.issuer_key = digest, .serial = b.rows[1].serial};
    MUST_OK(store_read(s, get, &l));
    assert_same_cert(&l.found, &b.rows[1]);
    MUST_OK(store_write(s, NOW, put_batch, &b));
    assert_true(b.result[0] == PUT_SAME && b.result[1] == PUT_SAME);
}

#define MANY 1203 /* more than two batches of reading */

static enum rc put_many(struct tx *tx, void *arg) {
    struct cert_row *rows = arg;
    enum put_result *result = calloc(MANY, sizeof *result);
    bool *conflict = calloc(MANY, sizeof *conflict);
    enum rc rc = certs_put(tx, rows, MANY, NULL, result, conflict);
    free(result);
    free(conflict);
    return rc;
}

struct pass {
    int64_t after, to, next, issued, stop_at;
};

static enum rc see(void *arg, const struct cert_row *r, const struct issued_row *issued) {
    struct pass *p = arg;
    char contract[16];
    if (r->id == p->stop_at)
        FAIL(RC_REFUSED, "stopped");
    assert_int_equal(r->id, p->next++);
    snprintf(contract, sizeof contract, "HD-%d", (int)r->id);
    assert_string_equal(r->contract, contract);
    if (issued != NULL) {
        assert_int_equal(issued->old_id, r->id);
        assert_int_equal(r->id % 100, 0);
        p->issued++;
    }
    return RC_OK;
}

static enum rc pass(struct db *db, void *arg) {
    struct pass *p = arg;
    p->next = p->after + 1;
    p->issued = 0;
    return certs_each(db, p->after, p->to, see, p);
}

static enum rc reserve_some(struct tx *tx, void *arg) {
    (void)arg;
    for (int64_t id = 100; id <= MANY; id += 100) {
        AUTO(issued_row) r = an_issue(id);
        TRY(issue_reserve(tx, &r, "hash", "{}"));
    }
    return RC_OK;
}

static void all_are_read_in_import_order(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    struct pass p = {.after = 0, .to = INT64_MAX};
    MUST_OK(store_read(s, pass, &p));
    assert_int_equal(p.next, 1); /* nothing yet */
    struct cert_row *rows = calloc(MANY, sizeof *rows);
    assert_non_null(rows);
    for (int i = 0; i < MANY; i++)
        rows[i] = a_cert(i + 1);
    MUST_OK(store_write(s, NOW, put_many, rows));
    for (int i = 0; i < MANY; i++)
        cert_row_free(&rows[i]);
    free(rows);
    MUST_OK(store_write(s, NOW, reserve_some, NULL));
    MUST_OK(store_read(s, pass, &p));
    assert_int_equal(p.next, MANY + 1);
    assert_int_equal(p.issued, MANY / 100);
    p = (struct pass){.after = 499, .to = 1000};
    MUST_OK(store_read(s, pass, &p));
    assert_int_equal(p.next, 1001);
    p = (struct pass){.after = 0, .to = MANY, .stop_at = 600};
    MUST_FAIL(RC_REFUSED, store_read(s, pass, &p));
    assert_int_equal(p.next, 600);
}

size_t body_certs(struct CMUnitTest *out) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_same_changed_and_conflict_are_told_apart),
        cmocka_unit_test(rows_of_one_batch_for_one_certificate_take_turns),
        cmocka_unit_test(a_certificate_is_found_by_key_tax_code_and_serial),
        cmocka_unit_test(records_without_aki_get_their_digest),
        cmocka_unit_test(all_are_read_in_import_order),
    };
    memcpy(out, tests, sizeof tests);
    return COUNT(tests);
}
