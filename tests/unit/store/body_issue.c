/* Issuing (one new certificate per old one), CMP transactions, consent, phases, assist codes and meta values. */
#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "store_body.h"

struct step { /* arguments of one issue_* call */
    struct issued_row r;
    int64_t old_id;
    const char *der, *receipt;
    bool accepted;
    struct kept_row kept; /* as read */
    uint32_t marks;
};

static void step_free(struct step *s) {
    issued_row_free(&s->r);
    kept_row_free(&s->kept);
}

static enum rc reserve(struct tx *tx, void *arg) {
    struct step *s = arg;
    return issue_reserve(tx, &s->r, "campaign", "{\"step\":1}");
}

static enum rc store_der(struct tx *tx, void *arg) {
    struct step *s = arg;
    return issue_store(tx, s->old_id, "OLD", span_str(s->der), "{}");
}

static enum rc confirm(struct tx *tx, void *arg) {
    struct step *s = arg;
    return issue_confirm(tx,
                         &(struct confirmation){s->old_id, "OLD", s->accepted, span_str(s->receipt), s->receipt, "{}"});
}

static enum rc receipt(struct db *db, void *arg) {
    struct step *s = arg;
    return issue_kept(db, s->old_id, &s->kept);
}

static enum rc secret(struct tx *tx, void *arg) {
    struct step *s = arg;
    return issue_secret(tx, s->old_id, "later");
}

static enum rc mark(struct tx *tx, void *arg) {
    struct step *s = arg;
    return issue_mark(tx, &s->r, s->marks, "{}");
}

static enum rc get(struct db *db, void *arg) {
    struct step *s = arg;
    return issue_get(db, s->old_id, &s->r);
}

static enum rc get_by_serial(struct db *db, void *arg) {
    struct step *s = arg;
    return issue_by_new_serial(db, "6E000000000000000000000000000001", &s->r);
}

static void nobody_gets_two(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t id = put_cert(s, 1);
    AUTO(step) first = {.r = an_issue(id), .old_id = id};
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get, &first));
    MUST_OK(store_write(s, NOW + 1, reserve, &first));
    AUTO(step) second = {.r = an_issue(id), .old_id = id};
    second.r.new_serial[2] = 'F';
    MUST_FAIL(RC_EXISTS, store_write(s, NOW + 2, reserve, &second));
    AUTO(step) seen = {.old_id = id};
    MUST_OK(store_read(s, get, &seen));
    assert_string_equal(seen.r.new_serial, first.r.new_serial);
    assert_string_equal(seen.r.old_serial, first.r.old_serial);
    assert_string_equal(seen.r.tax_code, first.r.tax_code);
    assert_true(seen.r.not_before == first.r.not_before && seen.r.not_after == first.r.not_after);
    assert_true(seen.r.owed_days == 1000 && seen.r.cut_days == 3 && seen.r.contract_end == first.r.contract_end);
    assert_int_equal(seen.r.channel, CHANNEL_AGENT);
    assert_int_equal(seen.r.consent_at, first.r.consent_at); /* R5.10: stays with the reservation */
    assert_string_equal(seen.r.consent_text, "data-confirmed-1");
    assert_string_equal(seen.r.consent_lang, "en");
    assert_string_equal(seen.r.holder, "NV-1234");
    assert_true(seen.r.reserved_at == NOW + 1 && seen.r.issued_at == INSTANT_NONE &&
                seen.r.confirmed_at == INSTANT_NONE);
    assert_true(span_eq(buf_span(&seen.r.tbs), buf_span(&first.r.tbs)) && seen.r.der.len == 0);
    MUST_OK(store_read(s, get_by_serial, &seen));
    assert_int_equal(seen.r.old_id, id);
    assert_int_equal(lines_in(s), 1); /* what was refused left no line */
}

static void a_new_serial_is_given_once_and_to_known_certificates_only(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t one = put_cert(s, 1), two = put_cert(s, 2);
    AUTO(step) first = {.r = an_issue(one)};
    AUTO(step) second = {.r = an_issue(two)};
    AUTO(step) stranger = {.r = an_issue(77)};
    MUST_OK(store_write(s, NOW, reserve, &first));
    memcpy(second.r.new_serial, first.r.new_serial, sizeof second.r.new_serial);
    MUST_FAIL(RC_BUSY, store_write(s, NOW, reserve, &second));
    MUST_FAIL(RC_NOT_FOUND, store_write(s, NOW, reserve, &stranger));
    assert_int_equal(lines_in(s), 1);
}

static void storing_and_confirming_may_be_repeated(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t id = put_cert(s, 1);
    AUTO(step) st = {.r = an_issue(id), .old_id = id, .der = "signed", .receipt = "first", .accepted = true};
    MUST_FAIL(RC_BUG, store_write(s, NOW, store_der, &st)); /* not reserved */
    MUST_OK(store_write(s, NOW, reserve, &st));
    MUST_FAIL(RC_NOT_FOUND, store_write(s, NOW, confirm, &st)); /* not issued */
    MUST_OK(store_write(s, NOW + 2, store_der, &st));
    MUST_OK(store_write(s, NOW + 3, store_der, &st));
    st.der = "signed otherwise";
    MUST_FAIL(RC_EXISTS, store_write(s, NOW + 3, store_der, &st));
    st.accepted = false;
    MUST_OK(store_write(s, NOW + 4, confirm, &st));
    MUST_OK(store_read(s, get, &st));
    assert_true(st.r.issued_at == NOW + 2 && st.r.confirmed_at == INSTANT_NONE);
    assert_true(span_eq_str(buf_span(&st.r.der), "signed"));
    st.accepted = true;
    MUST_FAIL(RC_NOT_FOUND, store_read(s, receipt, &st));
    MUST_OK(store_write(s, NOW + 5, confirm, &st));
    st.receipt = "second";
    MUST_OK(store_write(s, NOW + 6, confirm, &st));
    MUST_OK(store_read(s, receipt, &st));
    MUST_OK(store_write(s, NOW + 7, secret, &st));
    MUST_OK(store_read(s, receipt, &st));
    assert_true(span_eq_str(buf_span(&st.kept.receipt), "first"));
    assert_string_equal(st.kept.secret, "first"); /* of the two the one that was given */
    MUST_OK(store_read(s, get, &st));
    assert_true(st.r.confirmed_at == NOW + 5);
    assert_int_equal(lines_in(s), 4); /* reserved, issued, not-installed, confirmed: each once */
    st.accepted = false;
    for (int i = 0; i < ISSUE_ASKED_MOST + 5; i++) /* the same message, played again and again */
        MUST_OK(store_write(s, NOW + 8, confirm, &st));
    assert_int_equal(lines_in(s), 4 + ISSUE_ASKED_MOST - 1);
}

static void marks_are_as_told_last(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    int64_t id = put_cert(s, 1);
    AUTO(step) st = {.r = an_issue(id), .old_id = id, .der = "signed", .marks = 3};
    MUST_OK(store_write(s, NOW, reserve, &st));
    MUST_OK(store_write(s, NOW, mark, &st)); /* not issued: nothing to tell */
    MUST_OK(store_write(s, NOW, store_der, &st));
    assert_int_equal(lines_in(s), 2);
    MUST_OK(store_write(s, NOW + 1, mark, &st));
    MUST_OK(store_write(s, NOW + 2, mark, &st)); /* no news */
    MUST_OK(store_read(s, get, &st));
    assert_true(st.r.marks == 3 && st.r.marks_at == NOW + 1);
    assert_int_equal(lines_in(s), 3);
    st.marks = 4;
    MUST_OK(store_write(s, NOW + 3, mark, &st));
    MUST_OK(store_read(s, get, &st));
    assert_true(st.r.marks == 4 && st.r.marks_at == NOW + 3);
    assert_int_equal(lines_in(s), 4);
    for (uint32_t n = 2; n < MARK_CHANGES; n++) {
        st.marks = n % 2;
        MUST_OK(store_write(s, NOW + 4, mark, &st));
    }
    MUST_OK(store_write(s, NOW + 5, mark, &st)); /* the same once more is no change */
    st.marks = 7;
    MUST_FAIL(RC_LIMIT, store_write(s, NOW + 6, mark, &st)); /* whoever has the certificate may tell: there is an end */
    MUST_OK(store_read(s, get, &st));
    assert_int_equal(st.r.marks, (MARK_CHANGES - 1) % 2);
    assert_int_equal(lines_in(s), 2 + MARK_CHANGES);
}

struct order {
    int64_t last_at, last_id, rows;
};

static enum rc in_order(void *arg, const struct issued_row *r) {
    struct order *o = arg;
    assert_true(r->der.len > 0);
    assert_true(r->reserved_at > o->last_at || (r->reserved_at == o->last_at && r->old_id > o->last_id));
    o->last_at = r->reserved_at;
    o->last_id = r->old_id;
    o->rows++;
    return RC_OK;
}

static enum rc each(struct db *db, void *arg) {
    return issue_each(db, in_order, arg);
}

#define MANY 1100

/* Reserved at the same few seconds, against the order of ids; every tenth is not signed yet. */
static enum rc issue_many(struct tx *tx, void *arg) {
    (void)arg;
    struct tx earlier = *tx;
    for (int id = 1; id <= MANY; id++) {
        AUTO(cert_row) cert = a_cert(id);
        AUTO(issued_row) r = an_issue(id);
        enum put_result result;
        bool conflict;
        earlier.now = tx->now - id / 300;
        TRY(certs_put(&earlier, &cert, 1, NULL, &result, &conflict));
        TRY(issue_reserve(&earlier, &r, "c", "{}"));
        if (id % 10 != 0)
            TRY(issue_store(&earlier, id, r.old_serial, span_str("signed"), "{}"));
    }
    return RC_OK;
}

static void what_was_issued_is_read_by_time(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    struct order o = {.last_at = INT64_MIN};
    MUST_OK(store_read(s, each, &o));
    assert_int_equal(o.rows, 0);
    MUST_OK(store_write(s, NOW, issue_many, NULL));
    MUST_OK(store_read(s, each, &o));
    assert_int_equal(o.rows, MANY - MANY / 10);
}

static enum rc put_cmp(struct tx *tx, void *arg) {
    const struct cmp_tx_row *r = arg;
    return cmp_tx_answer(tx, span_str("transaction-1"), buf_span(&r->response));
}

static enum rc get_cmp(struct db *db, void *arg) {
    return cmp_tx_get(db, span_str("transaction-1"), arg);
}

static enum rc open_cmp(struct tx *tx, void *arg) {
    return cmp_tx_open(tx, span_str("transaction-1"), arg);
}

/* The request comes first, without an answer; another one does not get its place. */
static void a_cmp_transaction_is_kept_before_it_is_answered(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    AUTO(cmp_tx_row) r = {.old_id = 5, .old_serial = "5404"};
    AUTO(cmp_tx_row) other = {.old_id = 5, .old_serial = "5404"};
    AUTO(cmp_tx_row) seen = {0};
    MUST_OK(buf_add_str(&r.request, "kur"));
    MUST_OK(buf_add_str(&r.response, "kup"));
    MUST_OK(buf_add_str(&other.request, "another"));
    MUST_OK(buf_add_str(&other.response, "kup"));
    MUST_FAIL(RC_NOT_FOUND, store_write(s, NOW, put_cmp, &r)); /* no answer without a request */
    MUST_OK(store_write(s, NOW, open_cmp, &r));
    MUST_OK(store_write(s, NOW, open_cmp, &r));
    MUST_FAIL(RC_EXISTS, store_write(s, NOW, open_cmp, &other));
    MUST_OK(store_read(s, get_cmp, &seen));
    assert_true(span_eq(buf_span(&seen.request), buf_span(&r.request)) && seen.response.len == 0);
    MUST_OK(store_write(s, NOW, put_cmp, &r));
    MUST_OK(store_read(s, get_cmp, &seen));
    assert_true(span_eq(buf_span(&seen.response), buf_span(&r.response)));
    MUST_FAIL(RC_EXISTS, store_write(s, NOW, put_cmp, &r));
    MUST_OK(store_write(s, NOW, open_cmp, &r)); /* answered meanwhile: it is there */
    MUST_FAIL(RC_EXISTS, store_write(s, NOW, open_cmp, &other));
}

static void a_cmp_transaction_is_answered_once(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    struct store *s = fresh_store(dsn);
    AUTO(cmp_tx_row) r = {.old_id = 5, .old_serial = "5404"};
    AUTO(cmp_tx_row) seen = {0};
    MUST_OK(buf_add_str(&r.request, "kur"));
    MUST_OK(buf_add(&r.response, "kup\0!", 5));
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get_cmp, &seen));
    MUST_OK(store_write(s, NOW, open_cmp, &r));
    MUST_OK(store_write(s, NOW, put_cmp, &r));
    MUST_FAIL(RC_EXISTS, store_write(s, NOW, put_cmp, &r));
    store_free(s);
    MUST_OK(store_open(dsn, 1, &s)); /* a restart changes nothing */
    MUST_OK(store_read(s, get_cmp, &seen));
    assert_int_equal(seen.old_id, 5);
    assert_string_equal(seen.old_serial, "5404");
    assert_true(span_eq(buf_span(&seen.request), buf_span(&r.request)));
    assert_true(span_eq(buf_span(&seen.response), buf_span(&r.response)));
    store_free(s);
}

static enum rc put_consent(struct tx *tx, void *arg) {
    return consent_put(tx, arg, "5404");
}

struct consent_seen {
    int64_t at;
    char told[200];
};

static enum rc read_consent(void *arg, const struct db_row *r) {
    struct consent_seen *seen = arg;
    seen->at = db_get_int(r, 0);
    return db_get_text(r, 1, seen->told, sizeof seen->told);
}

static enum rc get_consent(struct db *db, void *arg) {
    return db_one(db,
                  "SELECT at, channel || '|' || device_model || '|' || client_version || '|' || text_id || '|' || lang "
                  "FROM consent",
                  DB_NO_ARGS, read_consent, arg);
}

static enum rc put_assist(struct tx *tx, void *arg) {
    return assist_put(tx, arg, "capbuctl:root");
}

struct code {
    const char *code;
    int64_t old_id;
    struct assist_row row;
};

static enum rc get_assist(struct db *db, void *arg) {
    struct code *c = arg;
    return assist_get(db, c->code, c->old_id, &c->row);
}

static enum rc no_code_in(void *arg, const struct audit_line *l) {
    (void)arg;
    assert_null(memmem(l->detail.ptr, l->detail.len, "SECRET", 6));
    return RC_OK;
}

static enum rc no_code_in_audit(struct db *db, void *arg) {
    return audit_each(db, no_code_in, arg);
}

static void consent_and_assist_codes(void **state) { /* R5.10 */
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    struct assist_row a = {
        .code = "SECRET-7Q", .channel = CHANNEL_AM, .holder = "NV-1234", .expires_at = NOW + 100, .uses = 1};
    struct code c = {.code = "SECRET-7Q", .old_id = 1};
    MUST_OK(store_write(s, NOW, put_assist, &a));
    MUST_FAIL(RC_EXISTS, store_write(s, NOW, put_assist, &a));
    MUST_OK(store_read(s, get_assist, &c));
    assert_string_equal(c.row.holder, "NV-1234");
    assert_string_equal(c.row.code, "SECRET-7Q");
    assert_int_equal(c.row.channel, CHANNEL_AM);
    assert_int_equal(assist_state(&c.row, NOW + 100), ASSIST_GOOD);
    assert_int_equal(assist_state(&c.row, NOW + 101), ASSIST_EXPIRED);
    c = (struct code){.code = "SECRET-7q"};
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get_assist, &c));
    int64_t id = put_cert(s, 1);
    struct consent_row r = {
        .old_id = id, .at = NOW, .channel = CHANNEL_SELF, .client_version = "0.1", .text_id = "vi-1", .lang = "vi"};
    struct consent_seen seen = {0};
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get_consent, &seen));
    MUST_OK(store_write(s, NOW, put_consent, &r));
    MUST_OK(store_read(s, get_consent, &seen));
    assert_int_equal(seen.at, NOW);
    assert_string_equal(seen.told, "self||0.1|vi-1|vi");
    r.at = NOW + 9;
    r.channel = CHANNEL_AM;
    MUST_OK(text_set(r.assist, sizeof r.assist, "SECRET-7Q"));
    MUST_OK(text_set(r.device_model, sizeof r.device_model, "ST3 \"Ace\""));
    MUST_OK(store_write(s, NOW, put_consent, &r));
    MUST_OK(store_read(s, get_consent, &seen)); /* the latest one counts */
    assert_int_equal(seen.at, NOW + 9);
    assert_string_equal(seen.told, "am|ST3 \"Ace\"|0.1|vi-1|vi");
    assert_int_equal(lines_in(s), 3);
    c = (struct code){.code = "SECRET-7Q", .old_id = id}; /* the one it was used for may go on, no other */
    MUST_OK(store_read(s, get_assist, &c));
    assert_int_equal(assist_state(&c.row, NOW), ASSIST_GOOD);
    c.old_id = id + 1;
    MUST_OK(store_read(s, get_assist, &c));
    assert_int_equal(assist_state(&c.row, NOW), ASSIST_USED_UP);
    MUST_OK(store_read(s, no_code_in_audit, NULL));
}

static enum rc halt(struct tx *tx, void *phase) {
    return phase_switch_put(tx, phase, PHASE_HALTED, "capbuctl:root", "too many calls");
}

static enum rc open_early(struct tx *tx, void *phase) {
    return phase_switch_put(tx, phase, PHASE_OPENED, "capbuctl:root", NULL);
}

struct switching {
    struct campaign campaign;
    struct phase_switches out;
};

static enum rc get_switches(struct db *db, void *arg) {
    struct switching *w = arg;
    return phase_switches_get(db, &w->campaign, &w->out);
}

static void phases_are_switched_by_name(void **state) { /* R3 */
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    static char a[] = "a", b[] = "b", gone[] = "gone";
    static struct switching w = {.campaign = {.phase_count = 3, .phases = {{.id = "a"}, {.id = "b"}, {.id = "c"}}}};
    MUST_OK(store_read(s, get_switches, &w));
    assert_int_equal(w.out.of[0], PHASE_PLANNED);
    MUST_OK(store_write(s, NOW, halt, b));
    MUST_OK(store_write(s, NOW, open_early, a));
    MUST_OK(store_write(s, NOW, halt, gone)); /* of an earlier campaign file: ignored */
    MUST_OK(store_read(s, get_switches, &w));
    assert_true(w.out.of[0] == PHASE_OPENED && w.out.of[1] == PHASE_HALTED && w.out.of[2] == PHASE_PLANNED);
    MUST_OK(store_write(s, NOW, open_early, b));
    MUST_OK(store_read(s, get_switches, &w));
    assert_int_equal(w.out.of[1], PHASE_OPENED);
    assert_int_equal(lines_in(s), 4);
}

static enum rc put_meta(struct tx *tx, void *value) {
    return meta_put(tx, "clock_offset", value);
}

static enum rc get_meta(struct db *db, void *value) {
    return meta_get(db, "clock_offset", value, 8);
}

static void meta_values(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    static char first[] = "-86400", second[] = "5", long_one[] = "12345678";
    char value[8] = "";
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get_meta, value));
    MUST_OK(store_write(s, NOW, put_meta, first));
    MUST_OK(store_write(s, NOW, put_meta, second));
    MUST_OK(store_read(s, get_meta, value));
    assert_string_equal(value, "5");
    MUST_OK(store_write(s, NOW, put_meta, long_one));
    MUST_FAIL(RC_LIMIT, store_read(s, get_meta, value)); /* never cut */
}

size_t body_issue(struct CMUnitTest *out) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_gets_two),
        cmocka_unit_test(a_new_serial_is_given_once_and_to_known_certificates_only),
        cmocka_unit_test(storing_and_confirming_may_be_repeated),
        cmocka_unit_test(marks_are_as_told_last),
        cmocka_unit_test(what_was_issued_is_read_by_time),
        cmocka_unit_test(a_cmp_transaction_is_kept_before_it_is_answered),
        cmocka_unit_test(a_cmp_transaction_is_answered_once),
        cmocka_unit_test(consent_and_assist_codes),
        cmocka_unit_test(phases_are_switched_by_name),
        cmocka_unit_test(meta_values),
    };
    memcpy(out, tests, sizeof tests);
    return COUNT(tests);
}
