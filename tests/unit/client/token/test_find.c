/* Finding: over several modules, without a PIN, by public key, and whatever a module does. */
#include "unit/client/token/card.h"

#include <stdlib.h>
#include <string.h>

#include "client/token/find.h"

static struct places p;

static void put(const char *path) {
    MUST_OK(text_set(p.path[p.count++], PATH_CAP, path));
}

static void card_begin(struct card *c, bool ec) {
    card_open(c, ec);
    p.count = 0;
}

static void put_cert(const struct p11_token *t, struct span der, struct span id, const char *label) {
    AUTO(p11_session) s = {0};
    MUST_OK(softhsm_login(t, CARD_PIN, &s));
    MUST_OK(softhsm_put_cert(&s, der, id, label));
}

static void pairs_by_key_without_a_pin(void **state) {
    (void)state;
    AUTO(card) c;
    AUTO(find) f = {0};
    static const uint8_t other_id[] = {0x99};
    card_begin(&c, false);
    put_cert(&c.token, buf_span(&c.new_der), SPAN(other_id), "new"); /* another CKA_ID than its key */
    put_cert(&c.token, span_str("no certificate"), SPAN(card_key_id), "junk");
    size_t logins = card_calls(&c, "C_Login");
    put(getenv("CAPBU_SHIM"));
    MUST_OK(find_run(&p, &f));
    assert_int_equal(card_calls(&c, "C_Login"), logins);
    assert_int_equal(f.token_count, 1); /* the uninitialised one is none */
    assert_string_equal(f.tokens[0].token.label, "subscriber1");
    assert_int_equal(f.tokens[0].unreadable, 1);
    assert_int_equal(f.candidate_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct find_candidate *k = &f.candidates[i];
        assert_ptr_equal(k->at, &f.tokens[0]);
        assert_true(k->key_seen);
        assert_true(span_eq(span_of(k->key_id, k->key_id_len), SPAN(card_key_id)));
        bool is_new = span_eq(buf_span(&k->der), buf_span(&c.new_der));
        assert_int_equal(k->id_len, is_new ? 1 : 3);
        assert_int_equal(k->cert.serial.ptr[2], is_new ? 2 : 1); /* parsed, and the views are right */
        assert_string_equal(k->label, is_new ? "new" : CARD_LABEL);
    }
}

static void knows_nothing_of_keys_it_cannot_see(void **state) {
    (void)state;
    AUTO(card) c;
    AUTO(find) f = {0};
    card_begin(&c, true);
    struct p11_session s = {0};
    struct p11_key key;
    size_t count = 0;
    MUST_OK(softhsm_login(&c.token, CARD_PIN, &s));
    MUST_OK(p11_keys_list(&s, false, &key, 1, &count));
    MUST_OK(p11_object_destroy(&s, key.handle)); /* many tokens have no public key object */
    p11_session_free(&s);
    put(getenv("CAPBU_SHIM"));
    MUST_OK(find_run(&p, &f));
    assert_int_equal(f.candidate_count, 1);
    assert_false(f.candidates[0].key_seen);
    assert_true(span_eq(span_of(f.candidates[0].key_id, f.candidates[0].key_id_len), SPAN(card_key_id)));
}

static void walks_past_what_fails(void **state) {
    (void)state;
    AUTO(card) c;
    static const char *const lies[] = {"none",          "init-fails",   "slots-many",  "slots-grow", "session-zero",
                                       "find-overflow", "find-endless", "length-huge", "full-room"};
    card_begin(&c, false);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        AUTO(find) f = {0};
        setenv("LIAR", lies[i], 1);
        p.count = 0;
        put("/nonexistent/viettel-ca_v4.so");
        put(getenv("CAPBU_LIAR"));
        put(getenv("CAPBU_SHIM"));
        put(getenv("CAPBU_SHIM"));
        MUST_OK(find_run(&p, &f));
        assert_int_equal(f.module_count, 4);
        assert_non_null(strstr(f.modules[0].failed, "/nonexistent/viettel-ca_v4.so"));
        assert_string_equal(f.modules[2].failed, "");
        assert_int_equal(f.candidate_count, 1);
        assert_string_equal(f.candidates[0].at->token.label, "subscriber1");
        size_t shown = 0;
        for (size_t t = 0; t < f.token_count; t++)
            shown += strcmp(f.tokens[t].token.label, "subscriber1") == 0;
        assert_int_equal(shown, 1); /* a library named twice is walked once */
        bool module_fails = i >= 1 && i <= 3, token_fails = i >= 4 && i <= 6;
        assert_int_equal(f.modules[1].failed[0] != 0, module_fails);
        if (token_fails)
            assert_true(f.tokens[0].failed[0] != 0);
    }
    p.count = 0;
    AUTO(find) none = {0};
    MUST_OK(find_run(&p, &none));
    assert_int_equal(none.candidate_count + none.token_count, 0);
}

static void sees_a_token_once_through_two_modules(void **state) {
    (void)state;
    AUTO(card) c;
    AUTO(find) f = {0};
    card_begin(&c, false);
    put(getenv("CAPBU_SHIM"));
    put(softhsm_path());
    MUST_OK(find_run(&p, &f));
    assert_int_equal(f.token_count, 2);
    assert_false(f.tokens[0].twin);
    assert_true(f.tokens[1].twin);
    assert_int_equal(f.candidate_count, 1);
    assert_ptr_equal(f.candidates[0].at, &f.tokens[0]);
    find_free(&f);
    setenv("SHIM_LIE", "hide", 1); /* the first shows no public key: the one that does counts */
    MUST_OK(find_run(&p, &f));
    assert_int_equal(f.candidate_count, 1);
    assert_true(f.candidates[0].key_seen);
    assert_ptr_equal(f.candidates[0].at, &f.tokens[1]);
}

static void keeps_equal_tokens_of_one_module_apart(void **state) {
    (void)state;
    AUTO(card) c;
    AUTO(find) f = {0};
    card_begin(&c, false);
    struct p11_token second;
    MUST_OK(softhsm_token(&c.h, "subscriber2", CARD_PIN, &second));
    put_cert(&second, buf_span(&c.old_der), SPAN(card_key_id), "copied");
    put(getenv("CAPBU_SHIM"));
    MUST_OK(find_run(&p, &f));
    assert_int_equal(f.token_count, 2);
    assert_int_equal(f.candidate_count, 2);
    assert_true(f.candidates[0].key_seen != f.candidates[1].key_seen); /* the key is on one of them only */
    find_free(&f);
    setenv("LIAR", "same-serial", 1);
    p.count = 0;
    put(getenv("CAPBU_LIAR"));
    MUST_OK(find_run(&p, &f));
    assert_int_equal(f.token_count, 2);
    assert_false(f.tokens[0].twin || f.tokens[1].twin);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_by_key_without_a_pin),
        cmocka_unit_test(knows_nothing_of_keys_it_cannot_see),
        cmocka_unit_test(walks_past_what_fails),
        cmocka_unit_test(sees_a_token_once_through_two_modules),
        cmocka_unit_test(keeps_equal_tokens_of_one_module_apart),
    };
    return cmocka_run_group_tests(tests, card_cas, card_cas_end);
}
