/* Objects: what is written is what is read, keys by their public half, liars survived. */
#include "lib/must.h"
#include "lib/softhsm.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t id_1[] = {0x01}, id_2[] = {0x02, 0x00, 0xff};
#define SPAN(a) span_of(a, sizeof(a))

struct fixture {
    struct softhsm h;
    struct p11_token token;
    struct p11_session session;
};

static void set_up(struct fixture *f) {
    *f = (struct fixture){0};
    if (softhsm_open(&f->h, NULL) == RC_NOT_FOUND)
        skip();
    MUST_OK(softhsm_token(&f->h, "objects", "1234", &f->token));
    MUST_OK(softhsm_login(&f->token, "1234", &f->session));
}

static void tear_down(struct fixture *f) {
    p11_session_free(&f->session);
    softhsm_free(&f->h);
}

static void writes_and_reads_certificates(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    AUTO(p11_certs) list = {0};
    MUST_OK(p11_certs_list(&f.session, &list));
    assert_int_equal(list.count, 0);
    p11_certs_free(&list);
    struct p11_cert_attrs a = {span_str("subject"), span_str("issuer"), span_str("serial"),
                               span_str("value"),   SPAN(id_1),         "Nhãn 1"};
    CK_OBJECT_HANDLE made;
    MUST_OK(p11_cert_create(&f.session, &a, TEMPLATE_FULL, &made));
    MUST_OK(p11_certs_list(&f.session, &list));
    assert_int_equal(list.count, 1);
    assert_true(span_eq_str(buf_span(&list.at[0].der), "value"));
    assert_string_equal(list.at[0].label, "Nhãn 1");
    assert_true(span_eq(span_of(list.at[0].id, list.at[0].id_len), SPAN(id_1)));
    uint8_t subject[20], issuer[20], serial[20]; /* domain.md: others look by issuer and serial */
    CK_ATTRIBUTE read[] = {{CKA_SUBJECT, subject, 20}, {CKA_ISSUER, issuer, 20}, {CKA_SERIAL_NUMBER, serial, 20}};
    assert_int_equal(f.h.module.fn->C_GetAttributeValue(f.session.handle, made, read, 3), CKR_OK);
    assert_true(span_eq_str(span_of(subject, read[0].ulValueLen), "subject"));
    assert_true(span_eq_str(span_of(issuer, read[1].ulValueLen), "issuer"));
    assert_true(span_eq_str(span_of(serial, read[2].ulValueLen), "serial"));
    MUST_OK(p11_cert_set_id(&f.session, made, SPAN(id_2)));
    p11_certs_free(&list);
    MUST_OK(p11_certs_list(&f.session, &list));
    assert_true(span_eq(span_of(list.at[0].id, list.at[0].id_len), SPAN(id_2)));
    MUST_OK(p11_object_destroy(&f.session, made));
    MUST_FAIL(RC_TOKEN, p11_object_destroy(&f.session, made));
    tear_down(&f);
}

static void refuses_what_it_could_not_read_back(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    static uint8_t long_id[CKA_ID_MAX + 1], long_der[CERT_DER_MAX + 1];
    struct p11_cert_attrs a = {span_str("s"), span_str("i"), span_str("n"), span_str("v"), SPAN(long_id), ""};
    CK_OBJECT_HANDLE made = 77;
    MUST_FAIL(RC_LIMIT, p11_cert_create(&f.session, &a, TEMPLATE_FULL, &made));
    a.id = SPAN(id_1);
    a.value = SPAN(long_der);
    MUST_FAIL(RC_LIMIT, p11_cert_create(&f.session, &a, TEMPLATE_FULL, &made));
    assert_int_equal(made, 77);
    a.value = span_of(long_der, CERT_DER_MAX); /* the longest */
    MUST_OK(p11_cert_create(&f.session, &a, TEMPLATE_FULL, &made));
    AUTO(p11_certs) list = {0};
    MUST_OK(p11_certs_list(&f.session, &list));
    assert_int_equal(list.at[0].der.len, CERT_DER_MAX);
    tear_down(&f);
}

static void lists_at_most_so_many(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    for (int i = 0; i <= OBJECTS_MAX; i++) {
        if (i == OBJECTS_MAX) {
            AUTO(p11_certs) full = {0};
            MUST_OK(p11_certs_list(&f.session, &full));
            assert_int_equal(full.count, OBJECTS_MAX);
        }
        MUST_OK(softhsm_put_cert(&f.session, span_str("not DER"), SPAN(id_1), "one of many"));
    }
    AUTO(p11_certs) list = {0};
    MUST_FAIL(RC_LIMIT, p11_certs_list(&f.session, &list));
    assert_int_equal(list.count, 0);
    AUTO(p11_certs) again = {0};
    MUST_FAIL(RC_LIMIT, p11_certs_list(&f.session, &again)); /* the first search was ended, not left active */
    tear_down(&f);
}

static void lists_keys_by_their_public_half(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    MUST_OK(softhsm_make_rsa(&f.session, 1024, SPAN(id_1), "rsa"));
    MUST_OK(softhsm_make_p256(&f.session, SPAN(id_2), "ec"));
    struct p11_key public[8], private[8];
    size_t count = 0;
    MUST_OK(p11_keys_list(&f.session, false, public, 8, &count));
    assert_int_equal(count, 2);
    size_t rsa = public[0].type == CKK_RSA ? 0 : 1;
    assert_int_equal(public[rsa].modulus_len, 128);
    assert_true(public[rsa].modulus[0] != 0);
    assert_int_equal(public[!rsa].point_len, 65);
    assert_int_equal(public[!rsa].point[0], 4);
    assert_string_equal(public[!rsa].label, "ec");
    assert_true(span_eq(span_of(public[!rsa].id, public[!rsa].id_len), SPAN(id_2)));
    MUST_OK(p11_keys_list(&f.session, true, private, 8, &count));
    assert_int_equal(count, 2);
    size_t own = private[0].type == CKK_RSA ? 0 : 1;
    assert_true(private[own].is_private);
    assert_memory_equal(private[own].modulus, public[rsa].modulus, 128);
    MUST_FAIL(RC_LIMIT, p11_keys_list(&f.session, true, private, 1, &count));
    uint8_t signature[256];
    size_t len = sizeof signature;
    MUST_OK(p11_sign(&f.session, private[own].handle, CKM_RSA_PKCS, span_str("thirty bytes or so"), signature, &len));
    assert_int_equal(len, 128);
    len = 10;
    MUST_FAIL(RC_TOKEN, p11_sign(&f.session, private[own].handle, CKM_RSA_PKCS, span_str("x"), signature, &len));
    assert_int_equal(p11_last_rv(), CKR_BUFFER_TOO_SMALL);
    tear_down(&f);
}

static void told(struct p11_module *m, struct p11_session *s, const char *lie) {
    struct p11_token all[TOKENS_MAX];
    size_t count = 0;
    setenv("LIAR", lie, 1);
    MUST_OK(p11_module_open(m, getenv("CAPBU_LIAR")));
    MUST_OK(p11_tokens(m, all, TOKENS_MAX, &count));
    MUST_OK(p11_session_open(&all[0], true, s));
    s->module = m;
}

static void survives_lying_lists(void **state) {
    (void)state;
    static const struct {
        const char *lie;
        enum rc rc;
        size_t certs;
    } cases[] = {{"find-overflow", RC_TOKEN, 0}, {"find-endless", RC_LIMIT, 0}, {"final-fails", RC_OK, 1},
                 {"vanished", RC_OK, 0},         {"no-value", RC_OK, 0},        {"length-unavailable", RC_OK, 0},
                 {"length-huge", RC_OK, 0},      {"full-room", RC_OK, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(p11_module) m = {0};
        AUTO(p11_session) s = {0};
        AUTO(p11_certs) list = {0};
        told(&m, &s, cases[i].lie);
        MUST_FAIL(cases[i].rc, p11_certs_list(&s, &list));
        assert_int_equal(list.count, cases[i].certs);
        struct p11_key keys[4];
        size_t count = 0;
        MUST_FAIL(cases[i].rc, p11_keys_list(&s, false, keys, 4, &count));
    }
}

static void survives_lying_values(void **state) {
    (void)state;
    AUTO(p11_module) m = {0};
    AUTO(p11_session) s = {0};
    AUTO(p11_certs) list = {0};
    struct p11_key keys[4];
    size_t count = 0, len = 16;
    uint8_t out[16];
    told(&m, &s, "full-room");
    MUST_OK(p11_certs_list(&s, &list));
    assert_int_equal(list.at[0].id_len, CKA_ID_MAX);
    assert_int_equal(strlen(list.at[0].label), sizeof list.at[0].label - 1); /* cut: for people only */
    MUST_OK(p11_keys_list(&s, false, keys, 4, &count));
    assert_int_equal(keys[0].modulus_len, 0); /* 513 bytes without a leading zero: nothing we know */
    setenv("LIAR", "modulus-zero", 1);
    MUST_OK(p11_keys_list(&s, false, keys, 4, &count));
    assert_int_equal(keys[0].modulus_len, 0);
    MUST_FAIL(RC_TOKEN, p11_sign(&s, 1, CKM_RSA_PKCS, span_str("x"), out, &len));
    assert_int_equal(len, 16);
    struct p11_cert_attrs a = {.label = ""};
    CK_OBJECT_HANDLE made;
    MUST_FAIL(RC_TOKEN, p11_cert_create(&s, &a, TEMPLATE_FULL, &made));
    assert_int_equal(p11_last_rv(), CKR_DEVICE_MEMORY);
    MUST_FAIL(RC_TOKEN, p11_cert_set_id(&s, 1, SPAN(id_1)));
    MUST_FAIL(RC_TOKEN, p11_object_destroy(&s, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_certificates), cmocka_unit_test(refuses_what_it_could_not_read_back),
        cmocka_unit_test(lists_at_most_so_many),         cmocka_unit_test(lists_keys_by_their_public_half),
        cmocka_unit_test(survives_lying_lists),          cmocka_unit_test(survives_lying_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
