/* What the parts of the store's test body share, and the group of all tests. */
#include "store_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"

const struct backend *backend;

struct store *fresh_store(char dsn[DSN_CAP]) {
    char own[DSN_CAP];
    struct store *s = NULL;
    backend->fresh(dsn == NULL ? own : dsn);
    MUST_OK(store_make(dsn == NULL ? own : dsn, 0, NULL, NULL, NULL));
    MUST_OK(store_open(dsn == NULL ? own : dsn, 4, &s));
    return s;
}

void raw(const char *dsn, const char *sql) {
    AUTO_PTR(db) db = NULL;
    MUST_OK(db_open(dsn, &db));
    MUST_OK(db_script(db, sql));
}

struct cert_row a_cert(int n) {
    struct cert_row r = {
        .issuer_key = "0123456789ABCDEF0123456789ABCDEF01234567",
        .name = "Công ty TNHH Một thành viên Đá quý",
        .province = 79,
        .device = DEVICE_V4,
        .contract_from = 17000,
        .contract_to = 19000,
        .status = STATUS_ACTIVE,
        .status_at = DAY_NONE,
        .token_serial = "TS-1",
        .email = "a@example.vn",
        .phone = "+84 28 1234567",
        .am = "am-7",
        .agent = "agent-9",
    };
    snprintf(r.serial, sizeof r.serial, "5404FFFE%08X", (unsigned)n);
    snprintf(r.contract, sizeof r.contract, "HD-%d", n);
    snprintf(r.tax_code, sizeof r.tax_code, "01%08d", n);
    MUST_OK(buf_printf(&r.der, "DER of certificate %d", n));
    return r;
}

struct issued_row an_issue(int64_t old_id) {
    struct issued_row r = {.old_id = old_id,
                           .not_before = NOW,
                           .not_after = NOW + 1000 * DAY_SECONDS,
                           .owed_days = 1000,
                           .cut_days = 3,
                           .contract_end = NOW + 1003 * DAY_SECONDS,
                           .channel = CHANNEL_AGENT,
                           .consent_at = NOW - 60,
                           .consent_text = "data-confirmed-1",
                           .consent_lang = "en",
                           .holder = "NV-1234"};
    snprintf(r.old_serial, sizeof r.old_serial, "5404FFFE%08X", (unsigned)old_id);
    snprintf(r.new_serial, sizeof r.new_serial, "6E%030X", (unsigned)old_id);
    snprintf(r.tax_code, sizeof r.tax_code, "01%08d", (int)old_id);
    MUST_OK(buf_printf(&r.tbs, "to be signed %d", (int)old_id));
    return r;
}

struct one_put {
    struct cert_row *row;
    enum put_result result;
    bool conflict;
};

static enum rc put_one(struct tx *tx, void *arg) {
    struct one_put *p = arg;
    return certs_put(tx, p->row, 1, NULL, &p->result, &p->conflict);
}

int64_t put_cert(struct store *s, int n) {
    AUTO(cert_row) r = a_cert(n);
    struct one_put p = {.row = &r};
    MUST_OK(store_write(s, NOW, put_one, &p));
    assert_int_equal(p.result, PUT_NEW);
    return r.id;
}

enum rc put_line(struct tx *tx, void *detail) {
    return audit_put(tx, &(struct audit_event){.kind = "test", .actor = "test", .detail = detail});
}

static enum rc verify(struct db *db, void *lines) {
    struct audit_end end;
    TRY(audit_verify(db, &end));
    *(int64_t *)lines = end.seq;
    return RC_OK;
}

int64_t lines_in(struct store *s) {
    int64_t lines = -1;
    MUST_OK(store_read(s, verify, &lines));
    return lines;
}

int number_in(const struct audit_line *l) {
    AUTO(buf) text = {0};
    MUST_OK(buf_set(&text, l->detail));
    assert_int_equal(strncmp(buf_str(&text), "{\"n\":", 5), 0);
    return (int)strtol(buf_str(&text) + 5, NULL, 10);
}

enum rc count_row(void *count, const struct db_row *r) {
    (void)r;
    ++*(int64_t *)count;
    return RC_OK;
}

enum rc get_int(void *out, const struct db_row *r) {
    *(int64_t *)out = db_get_int(r, 0);
    return RC_OK;
}

int store_body(const struct backend *b) {
    struct CMUnitTest tests[TESTS_MAX];
    size_t n = 0;
    backend = b;
    if (digest_init() != RC_OK)
        return 1;
    n += body_db(tests + n);
    n += body_certs(tests + n);
    n += body_issue(tests + n);
    n += body_audit(tests + n);
    n += body_writer(tests + n);
    n += body_crash(tests + n);
    return _cmocka_run_group_tests(b->name, tests, n, NULL, NULL);
}
