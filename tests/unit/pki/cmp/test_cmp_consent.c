/* The consent inside a request: what is written is read again, and each limit exceeded (R5.10). */
#include "pki/cmp/cmp_consent.h"

#include <string.h>

#include "base/day.h"
#include "lib/kur.h"
#include "pki/cert/oid.h"
#include "unit/pki/cmp/cmp_world.h"

static struct world w;

/* A request of the owner's with that value under the consent's type, `times` times. */
static enum rc get(struct span value, int times, struct cmp_consent *out) {
    AUTO(buf) message = {0};
    AUTO(derw) info = {0};
    struct cmp_msg m;
    for (int i = 0; i < times; i++) {
        derw_open(&info, DER_SEQUENCE);
        derw_put(&info, DER_OID, OID_CONSENT);
        derw_raw(&info, value);
        derw_close(&info);
    }
    MUST_OK(derw_end(&info));
    const struct kur k = {.old_cert = buf_span(&w.owner.cert), .key = w.owner.key, .info = buf_span(&info.out)};
    MUST_OK(kur_write(&k, &message));
    MUST_OK(cmp_msg_parse(buf_span(&message), &m));
    return cmp_consent_get(&m, out);
}

static const struct cmp_consent whole = {.given = true,
                                         .text_id = "data-confirmed-1",
                                         .lang = "en",
                                         .at = WORLD_NOW,
                                         .client_version = "0.1.0",
                                         .device_model = "mô hình v4",
                                         .ticket = "0123456789ABCDEF",
                                         .assist = "K7QF-2M9XA"};

static void what_is_written_is_read(void **state) {
    AUTO(buf) value = {0};
    AUTO(buf) least = {0};
    struct cmp_consent got;
    (void)state;
    MUST_OK(cmp_consent_write(&whole, &value));
    MUST_OK(get(buf_span(&value), 1, &got));
    assert_true(got.given && got.number == 0 && got.at == WORLD_NOW);
    assert_string_equal(got.text_id, whole.text_id);
    assert_string_equal(got.lang, "en");
    assert_string_equal(got.client_version, "0.1.0");
    assert_string_equal(got.device_model, "mô hình v4");
    assert_string_equal(got.ticket, whole.ticket);
    assert_string_equal(got.assist, whole.assist);
    const struct cmp_consent bare = {.given = true, .text_id = "t", .lang = "vi", .at = WORLD_NOW};
    MUST_OK(cmp_consent_write(&bare, &least));
    MUST_OK(get(buf_span(&least), 1, &got));
    assert_true(got.given && got.ticket[0] == '\0' && got.assist[0] == '\0');
}

static void a_request_without_has_none(void **state) {
    struct cmp_consent got = whole;
    (void)state;
    AUTO(buf) message = {0};
    struct cmp_msg m;
    world_kur(&w, &(struct world_kur){0}, &message);
    MUST_OK(cmp_msg_parse(buf_span(&message), &m));
    MUST_OK(cmp_consent_get(&m, &got));
    assert_false(got.given);
}

/* `openssl cmp -geninfo OID:int:N` */
static void a_number_is_enough(void **state) {
    struct cmp_consent got;
    (void)state;
    MUST_OK(get(span_of("\x02\x01\x01", 3), 1, &got));
    assert_true(got.given && got.number == 1 && got.at == INSTANT_NONE);
    assert_string_equal(got.lang, "vi");
    MUST_FAIL(RC_INPUT, get(span_of("\x02\x01\x00", 3), 1, &got));
    MUST_FAIL(RC_INPUT, get(span_of("\x02\x01\xff", 3), 1, &got));
    MUST_FAIL(RC_INPUT, get(span_of("\x05\x00", 2), 1, &got));
    MUST_FAIL(RC_INPUT, get(span_of("\x02\x01\x01", 3), 2, &got)); /* which one? */
    MUST_FAIL(RC_INPUT, get((struct span){0}, 1, &got));           /* a consent to nothing is none */
}

/* Each text at its longest, then one byte longer; characters that no record should have. */
static void limits(void **state) {
    static const struct {
        size_t offset, cap;
    } texts[] = {{offsetof(struct cmp_consent, text_id), sizeof whole.text_id},
                 {offsetof(struct cmp_consent, client_version), sizeof whole.client_version},
                 {offsetof(struct cmp_consent, device_model), sizeof whole.device_model},
                 {offsetof(struct cmp_consent, ticket), sizeof whole.ticket},
                 {offsetof(struct cmp_consent, assist), sizeof whole.assist}};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO(buf) value = {0};
        AUTO(buf) longer = {0};
        struct cmp_consent c = whole, got;
        char *text = (char *)&c + texts[i].offset;
        memset(text, 'x', texts[i].cap - 1);
        text[texts[i].cap - 1] = '\0';
        MUST_OK(cmp_consent_write(&c, &value));
        MUST_OK(get(buf_span(&value), 1, &got));
        c = whole;
        text[0] = '\n';
        text[1] = '\0';
        MUST_OK(cmp_consent_write(&c, &longer));
        MUST_FAIL(RC_INPUT, get(buf_span(&longer), 1, &got));
    }
}

static void one_byte_more(void **state) {
    AUTO(derw) v = {0};
    struct cmp_consent got;
    char text[sizeof whole.text_id + 1];
    (void)state;
    memset(text, 'x', sizeof text);
    derw_open(&v, DER_SEQUENCE);
    derw_put(&v, DER_UTF8_STRING, span_of(text, sizeof whole.text_id));
    derw_put(&v, DER_UTF8_STRING, span_str("vi"));
    derw_time(&v, WORLD_NOW);
    derw_close(&v);
    MUST_OK(derw_end(&v));
    MUST_FAIL(RC_INPUT, get(buf_span(&v.out), 1, &got));
    assert_non_null(strstr(err_text(), "at most 32"));
}

static void other_languages_and_more_fields(void **state) {
    AUTO(buf) value = {0};
    struct cmp_consent c = whole, got;
    (void)state;
    MUST_OK(text_set(c.lang, sizeof c.lang, "fr"));
    MUST_OK(cmp_consent_write(&c, &value));
    MUST_FAIL(RC_INPUT, get(buf_span(&value), 1, &got));
    buf_clear(&value);
    MUST_OK(cmp_consent_write(&whole, &value));
    MUST_OK(buf_add(&value, "\x05\x00", 2));
    value.data[1] = (uint8_t)(value.data[1] + 2); /* below 128 bytes: one byte of length */
    MUST_FAIL(RC_INPUT, get(buf_span(&value), 1, &got));
}

static int open_world(void **state) {
    (void)state;
    world_open(&w, WORLD_EC);
    return 0;
}

static int close_world(void **state) {
    (void)state;
    world_free(&w);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(a_request_without_has_none),
        cmocka_unit_test(a_number_is_enough),      cmocka_unit_test(limits),
        cmocka_unit_test(one_byte_more),           cmocka_unit_test(other_languages_and_more_fields),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
