/* Reading from modules that answer oddly: what is there is read, and nothing that was not. */
#include "lib/must.h"
#include "lib/softhsm.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t id[] = {0x45, 0xa5};
#define SPAN(a) span_of(a, sizeof(a))
#define DER     "\x30\x05hello"

struct fixture {
    struct softhsm h;
    struct p11_token token;
    struct p11_session session;
};

static void set_up(struct fixture *f) {
    *f = (struct fixture){0};
    setenv("ODD", "", 1);
    setenv("ODD_MODULE", softhsm_path(), 1);
    if (softhsm_open(&f->h, getenv("CAPBU_ODD")) == RC_NOT_FOUND)
        skip();
    MUST_OK(softhsm_token(&f->h, "odd", "1234", &f->token));
    MUST_OK(softhsm_login(&f->token, "1234", &f->session));
    MUST_OK(softhsm_put_cert(&f->session, span_str(DER), SPAN(id), "label"));
}

static void tear_down(struct fixture *f) {
    setenv("ODD", "", 1);
    p11_session_free(&f->session);
    softhsm_free(&f->h);
}

static void reads_what_is_there(void **state) {
    (void)state;
    static const struct {
        const char *odd, *label;
        size_t id;
    } rows[] = {{"", "label", 2},
                {"bail-id", "label", 0},
                {"bail-label", "", 2},
                {"bail-wipe", "label", 2},
                {"bail-same", "label", 2},
                {"alone", "label", 2},
                {"exact-room", "label", 2},
                {"alone,exact-room", "label", 2},
                {"pad-ff", "label", 2},
                {"pad-00", "label", 2},
                {"find-twice", "label", 2},
                {"final-fails", "label", 2},
                {"pad-ff,find-twice,exact-room", "label", 2}};
    struct fixture f;
    set_up(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO(p11_certs) list = {0};
        setenv("ODD", rows[i].odd, 1);
        MUST_OK(p11_certs_list(&f.session, &list));
        assert_int_equal(list.count, 1);
        assert_int_equal(list.unreadable, 0);
        assert_true(span_eq_str(buf_span(&list.at[0].der), DER));
        assert_string_equal(list.at[0].label, rows[i].label);
        assert_true(span_eq(span_of(list.at[0].id, list.at[0].id_len), span_of(id, rows[i].id)));
    }
    tear_down(&f);
}

/* An id that looks as room does that was never written is one all the same. */
static void takes_a_byte_for_what_it_is(void **state) {
    (void)state;
    static const uint8_t marks[] = {0xa5};
    struct fixture f;
    set_up(&f);
    AUTO(p11_certs) list = {0};
    MUST_OK(softhsm_put_cert(&f.session, span_str("\x30\x01x"), SPAN(marks), "odd id"));
    MUST_OK(p11_certs_list(&f.session, &list));
    size_t at = list.at[0].id_len == 1 ? 0 : 1;
    assert_int_equal(list.at[at].id_len, 1);
    assert_int_equal(list.at[at].id[0], 0xa5);
    tear_down(&f);
}

static void one_bad_object_hides_no_good_one(void **state) {
    (void)state;
    static const char *const rows[] = {"broken", "broken-device", "broken,find-twice"};
    struct fixture f;
    set_up(&f);
    MUST_OK(softhsm_put_cert(&f.session, span_str(DER), SPAN(id), "broken one"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO(p11_certs) list = {0};
        setenv("ODD", rows[i], 1);
        MUST_OK(p11_certs_list(&f.session, &list));
        assert_int_equal(list.count, 1);
        assert_int_equal(list.unreadable, 1);
        assert_string_equal(list.at[0].label, "label");
    }
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_there),
        cmocka_unit_test(takes_a_byte_for_what_it_is),
        cmocka_unit_test(one_bad_object_hides_no_good_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
