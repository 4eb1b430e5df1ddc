/* The fault shim itself: a test double that fails at the wrong place would prove nothing. */
#include "lib/must.h"
#include "lib/softhsm.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t id_1[] = {0x01}, id_2[] = {0x02};
#define SPAN(a) span_of(a, sizeof(a))

struct fixture {
    struct softhsm h;
    struct p11_token token;
    struct p11_session session;
    char count[PATH_CAP], log[PATH_CAP];
};

static void set_up(struct fixture *f) {
    *f = (struct fixture){0};
    unsetenv("SHIM_FAIL");
    unsetenv("SHIM_FLAGS");
    unsetenv("SHIM_UNIQUE_ID");
    setenv("SHIM_MODULE", softhsm_path(), 1);
    if (softhsm_open(&f->h, getenv("CAPBU_SHIM")) == RC_NOT_FOUND)
        skip();
    MUST_OK(softhsm_token(&f->h, "shim", "8gK-grep-me", &f->token));
    MUST_OK(softhsm_login(&f->token, "8gK-grep-me", &f->session));
}

static void tear_down(struct fixture *f) {
    unsetenv("SHIM_FAIL");
    unsetenv("SHIM_COUNT");
    unsetenv("SHIM_LOG");
    p11_session_free(&f->session);
    softhsm_free(&f->h);
}

static size_t certs(const struct p11_session *s) {
    AUTO(p11_certs) list = {0};
    MUST_OK(p11_certs_list(s, &list));
    return list.count;
}

static enum rc put(struct fixture *f, struct span id) {
    return softhsm_put_cert(&f->session, span_str("value"), id, "c");
}

static void fails_before_and_after(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    setenv("SHIM_FAIL", "C_CreateObject:2:DEVICE_MEMORY", 1);
    MUST_OK(put(&f, SPAN(id_1)));
    MUST_FAIL(RC_TOKEN, put(&f, SPAN(id_1)));
    assert_int_equal(p11_last_rv(), CKR_DEVICE_MEMORY);
    assert_int_equal(certs(&f.session), 1); /* not made */
    setenv("SHIM_FAIL", "C_CreateObject:1:0x30:after", 1);
    MUST_FAIL(RC_TOKEN, put(&f, SPAN(id_1)));
    assert_int_equal(p11_last_rv(), CKR_DEVICE_ERROR);
    assert_int_equal(certs(&f.session), 2); /* made all the same */
    setenv("SHIM_FAIL", "2:CKR_PIN_LOCKED:before", 1);
    MUST_OK(p11_login(&f.session, span_str("8gK-grep-me")));
    MUST_FAIL(RC_PIN_LOCKED, p11_login(&f.session, span_str("8gK-grep-me")));
    MUST_OK(p11_login(&f.session, span_str("8gK-grep-me"))); /* once only */
    tear_down(&f);
}

static void takes_the_token_away(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    setenv("SHIM_FAIL", "C_FindObjectsInit:1:DEVICE_REMOVED:gone", 1);
    AUTO(p11_certs) list = {0};
    MUST_FAIL(RC_TOKEN, p11_certs_list(&f.session, &list));
    MUST_FAIL(RC_TOKEN, p11_token_refresh(&f.token));
    assert_int_equal(p11_last_rv(), CKR_TOKEN_NOT_PRESENT);
    struct p11_token all[TOKENS_MAX];
    size_t count = 9;
    MUST_OK(p11_tokens(&f.h.module, all, TOKENS_MAX, &count));
    assert_int_equal(count, 0);
    struct p11_session s = {0};
    MUST_FAIL(RC_TOKEN, p11_session_open(&f.token, true, &s));
    tear_down(&f);
}

static void kills(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    MUST_OK(fs_join(f.count, f.h.dir, "count"));
    setenv("SHIM_COUNT", f.count, 1);
    static const char *const plans[] = {"C_CreateObject:1:kill", "C_CreateObject:1:kill:after"};
    for (size_t i = 0; i < 2; i++) {
        setenv("SHIM_FAIL", plans[i], 1);
        pid_t pid = fork();
        if (pid == 0) {
            enum rc rc = put(&f, SPAN(id_1));
            _exit(rc == RC_OK ? 0 : 1);
        }
        int status = 0;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        AUTO(buf) seen = {0};
        MUST_OK(fs_read(f.count, 1 << 16, &seen));
        assert_string_equal(buf_str(&seen), "1 C_CreateObject\n");
        unsetenv("SHIM_FAIL");
    }
    struct p11_session fresh = {0};
    MUST_OK(p11_session_open(&f.token, false, &fresh));
    assert_int_equal(certs(&fresh), 1); /* killed before: none; after: one */
    p11_session_free(&fresh);
    tear_down(&f);
}

static void counts_and_logs_without_pins(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    MUST_OK(fs_join(f.count, f.h.dir, "count"));
    MUST_OK(fs_join(f.log, f.h.dir, "log"));
    setenv("SHIM_COUNT", f.count, 1);
    setenv("SHIM_LOG", f.log, 1);
    setenv("SHIM_FAIL", "100:DEVICE_ERROR", 1); /* another plan: counting starts anew */
    MUST_OK(p11_login(&f.session, span_str("8gK-grep-me")));
    assert_int_equal(certs(&f.session), 0);
    AUTO(buf) count = {0}, log = {0};
    MUST_OK(fs_read(f.count, 1 << 16, &count));
    MUST_OK(fs_read(f.log, 1 << 16, &log));
    assert_string_equal(buf_str(&count), "1 C_Login\n2 C_FindObjectsInit\n3 C_FindObjects\n4 C_FindObjectsFinal\n");
    assert_non_null(strstr(buf_str(&log), "1 C_Login CKR_USER_ALREADY_LOGGED_IN\n2 C_FindObjectsInit CKR_OK\n"));
    assert_null(strstr(buf_str(&log), "8gK-grep-me"));
    tear_down(&f);
}

static void falsifies_flags(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    MUST_OK(p11_token_refresh(&f.token));
    assert_false(f.token.pin_final_try || f.token.pin_locked || f.token.pin_count_low);
    setenv("SHIM_FLAGS", "final_try,locked,count_low", 1);
    MUST_OK(p11_token_refresh(&f.token));
    assert_true(f.token.pin_final_try && f.token.pin_locked && f.token.pin_count_low);
    tear_down(&f);
}

static void wants_unique_ids(void **state) {
    (void)state;
    struct fixture f;
    set_up(&f);
    setenv("SHIM_UNIQUE_ID", "1", 1);
    MUST_OK(softhsm_make_rsa(&f.session, 1024, SPAN(id_1), "key")); /* keys may share it */
    MUST_OK(put(&f, SPAN(id_1)));
    MUST_FAIL(RC_TOKEN, put(&f, SPAN(id_1)));
    assert_int_equal(p11_last_rv(), CKR_GENERAL_ERROR);
    MUST_OK(put(&f, SPAN(id_2)));
    AUTO(p11_certs) list = {0};
    MUST_OK(p11_certs_list(&f.session, &list));
    assert_int_equal(list.count, 2);
    size_t first = list.at[0].id[0] == 1 ? 0 : 1;
    MUST_OK(p11_cert_set_id(&f.session, list.at[first].handle, SPAN(id_1))); /* its own */
    MUST_FAIL(RC_TOKEN, p11_cert_set_id(&f.session, list.at[!first].handle, SPAN(id_1)));
    MUST_OK(p11_object_destroy(&f.session, list.at[first].handle));
    MUST_OK(p11_cert_set_id(&f.session, list.at[!first].handle, SPAN(id_1)));
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_before_and_after),
        cmocka_unit_test(takes_the_token_away),
        cmocka_unit_test(kills),
        cmocka_unit_test(counts_and_logs_without_pins),
        cmocka_unit_test(falsifies_flags),
        cmocka_unit_test(wants_unique_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
