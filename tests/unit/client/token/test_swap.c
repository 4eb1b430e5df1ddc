/* The crash-safe write, with a fault at every call: never without a usable certificate, always converging. */
#include "unit/client/token/card.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/token/swap.h"

static bool is_key_id(const struct p11_cert *c) {
    return span_eq(span_of(c->id, c->id_len), SPAN(card_key_id));
}

static enum rc run(const struct card *c, enum rc (*what)(struct swap *, struct span, struct span)) {
    AUTO(swap) s = {0};
    TRY(swap_open(&c->token, span_str(CARD_PIN), &s));
    return what(&s, buf_span(&c->old_der), buf_span(&c->new_der));
}

static void writes_beside_the_old(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    for (int ec = 0; ec < 2; ec++) {
        card_open(&c, ec);
        for (int again = 0; again < 3; again++) {
            MUST_OK(run(&c, swap_write));
            card_look(&c, &seen);
            assert_int_equal(seen.certs, 2);
            assert_int_equal(seen.new_certs, 1);
            assert_true(is_key_id(&seen.fresh) && seen.signs);
            assert_string_equal(seen.fresh.label, CARD_LABEL " [2022-03-14]");
        }
        assert_int_equal(card_calls(&c, "C_CreateObject"), 1);
        assert_int_equal(card_calls(&c, "C_DestroyObject"), 0);
        if (ec == 0)
            card_free(&c);
    }
}

/* R5.11: the old certificate stays until it may go. */
static void cleans_only_when_the_new_one_is_proven(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    card_open(&c, false);
    MUST_FAIL(RC_REFUSED, run(&c, swap_clean)); /* not written yet */
    MUST_OK(run(&c, swap_write));
    MUST_OK(run(&c, swap_clean));
    MUST_OK(run(&c, swap_clean)); /* again */
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    assert_int_equal(seen.new_certs, 1);
    assert_true(is_key_id(&seen.fresh) && seen.signs);
    AUTO(swap) s = {0};
    MUST_OK(swap_open(&c.token, span_str(CARD_PIN), &s));
    MUST_FAIL(RC_REFUSED, swap_clean(&s, buf_span(&c.new_der), buf_span(&c.new_der)));
    MUST_FAIL(RC_INPUT, swap_clean(&s, span_str("junk"), buf_span(&c.new_der)));
    MUST_FAIL(RC_INPUT, swap_write(&s, buf_span(&c.old_der), span_str("junk")));
}

static void uses_a_temporary_id_where_ids_are_unique(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    card_open(&c, false);
    setenv("SHIM_UNIQUE_ID", "1", 1);
    MUST_OK(run(&c, swap_write));
    MUST_OK(run(&c, swap_write));
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 2);
    assert_int_equal(seen.new_certs, 1);
    assert_int_equal(seen.fresh.id_len, 20);
    MUST_OK(run(&c, swap_clean));
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    assert_true(is_key_id(&seen.fresh) && seen.signs);
}

/* R5.11: an application finds the key's certificate by CKA_ID; a token that gives it to no other keeps the old one. */
static void keeps_the_old_one_where_the_id_cannot_move(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    card_open(&c, false);
    setenv("SHIM_UNIQUE_ID", "1", 1);
    MUST_OK(run(&c, swap_write));
    setenv("SHIM_LIE", "fixed", 1);
    MUST_FAIL(RC_TOKEN, run(&c, swap_clean));
    assert_non_null(strstr(err_text(), "so the old one stays"));
    assert_int_equal(card_calls(&c, "C_DestroyObject"), 0);
    unsetenv("SHIM_LIE");
    card_look(&c, &seen);
    assert_int_equal(seen.old_certs, 1);
    assert_int_equal(seen.new_certs, 1);
    MUST_OK(run(&c, swap_clean));
}

/* Destroying is the last thing: nothing is read after a failed one (OpenSC 0.23 would read freed memory), and another
   run finds nothing else to do. */
static void destroys_last(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    card_open(&c, false);
    setenv("SHIM_UNIQUE_ID", "1", 1);
    MUST_OK(run(&c, swap_write));
    setenv("SHIM_FAIL", "C_DestroyObject:1:GENERAL_ERROR:before", 1);
    size_t before = card_calls(&c, "C_DestroyObject");
    MUST_FAIL(RC_TOKEN, run(&c, swap_clean));
    assert_int_equal(card_calls(&c, "C_DestroyObject"), before + 1);
    AUTO(buf) log = {0};
    MUST_OK(fs_read(c.log, 1 << 20, &log));
    MUST_OK(buf_add_span(&log, span_of("", 1)));
    const char *destroyed = strstr((const char *)log.data, "C_DestroyObject");
    assert_non_null(destroyed);
    assert_null(strstr(destroyed, "C_GetAttributeValue"));
    unsetenv("SHIM_FAIL");
    MUST_OK(run(&c, swap_clean));
    assert_int_equal(card_calls(&c, "C_SetAttributeValue"), 2); /* the old one's and the new one's, once each */
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    assert_true(is_key_id(&seen.fresh) && seen.signs);
}

static void repairs_an_id_that_is_not_the_keys(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    card_open(&c, false);
    AUTO(p11_session) s = {0};
    AUTO(p11_certs) certs = {0};
    static const uint8_t wrong[] = {0xaa};
    MUST_OK(softhsm_login(&c.token, CARD_PIN, &s));
    MUST_OK(softhsm_put_cert(&s, buf_span(&c.new_der), SPAN(wrong), "left by a power cut"));
    MUST_OK(p11_certs_list(&s, &certs));
    for (size_t i = 0; i < certs.count; i++) /* cut after the old one went and before the CKA_ID was set */
        if (span_eq(buf_span(&certs.at[i].der), buf_span(&c.old_der)))
            MUST_OK(p11_object_destroy(&s, certs.at[i].handle));
    MUST_OK(run(&c, swap_write));
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    assert_true(is_key_id(&seen.fresh));
    s = (struct p11_session){0}; /* card_look closed it */
}

static void says_that_a_full_token_is_unharmed(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    card_open(&c, false);
    setenv("SHIM_FAIL", "C_CreateObject:1:DEVICE_MEMORY", 1);
    MUST_FAIL(RC_TOKEN, run(&c, swap_write));
    assert_non_null(strstr(err_text(), "full"));
    assert_non_null(strstr(err_text(), "Nothing was changed"));
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    assert_true(seen.signs);
    assert_int_equal(card_calls(&c, "C_CreateObject"), 1);
    setenv("SHIM_FAIL", "C_CreateObject:1:DEVICE_MEMORY:after", 1); /* it says so, and it is there: seen on cards */
    MUST_OK(run(&c, swap_write));
}

static void never_tries_a_refused_pin_again(void **state) {
    (void)state;
    AUTO(card) c;
    card_open(&c, false);
    AUTO(swap) s = {0};
    MUST_FAIL(RC_PIN_WRONG, swap_open(&c.token, span_str("12345678"), &s));
    assert_int_equal(card_calls(&c, "C_Login"), 1);
    MUST_OK(swap_open(&c.token, span_str(CARD_PIN), &s));
    card_pull(&c); /* pulled out and in again: the PIN that was right is used once more */
    MUST_OK(swap_write(&s, buf_span(&c.old_der), buf_span(&c.new_der)));
    assert_int_equal(card_calls(&c, "C_Login"), 3);
    card_pull(&c);
    s.pin = span_str("changed-meanwhile");
    MUST_FAIL(RC_PIN_WRONG, swap_write(&s, buf_span(&c.old_der), buf_span(&c.new_der)));
    assert_int_equal(card_calls(&c, "C_Login"), 4);
    MUST_FAIL(RC_TOKEN, swap_write(&s, buf_span(&c.old_der), buf_span(&c.new_der)));
    assert_int_equal(card_calls(&c, "C_Login"), 4);
    MUST_OK(swap_open(&c.token, span_str(CARD_PIN), &s));
    card_pull(&c);
    setenv("SHIM_FLAGS", "final_try", 1);
    MUST_FAIL(RC_PIN_LOCKED, swap_write(&s, buf_span(&c.old_der), buf_span(&c.new_der)));
    assert_true(s.token.pin_final_try && !s.token.pin_locked); /* what the person is told by */
    assert_null(strstr(err_text(), "locked"));
    assert_int_equal(card_calls(&c, "C_Login"), 5);
}

static void writes_nothing_for_a_key_that_is_not_here(void **state) {
    (void)state;
    AUTO(card) c, other;
    struct card_sees seen;
    card_open(&other, false);
    AUTO(buf) foreign = {0};
    MUST_OK(buf_add_span(&foreign, buf_span(&other.new_der)));
    card_free(&other);
    card_open(&c, false);
    AUTO(swap) s = {0};
    MUST_OK(swap_open(&c.token, span_str(CARD_PIN), &s));
    MUST_FAIL(RC_NOT_FOUND, swap_write(&s, buf_span(&c.old_der), buf_span(&foreign)));
    MUST_FAIL(RC_REFUSED, swap_clean(&s, buf_span(&c.old_der), buf_span(&foreign)));
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    s.session = (struct p11_session){0};
}

static void believes_no_success_it_has_not_seen(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    card_open(&c, false);
    setenv("SHIM_LIE", "lose", 1); /* OpenSC#564 */
    MUST_FAIL(RC_TOKEN, run(&c, swap_write));
    setenv("SHIM_LIE", "forge", 1);
    MUST_FAIL(RC_CRYPTO, run(&c, swap_write));
    MUST_FAIL(RC_CRYPTO, run(&c, swap_clean)); /* it is there, but it does not sign: the old one stays */
    unsetenv("SHIM_LIE");
    card_look(&c, &seen);
    assert_int_equal(seen.old_certs, 1);
    assert_int_equal(seen.new_certs, 1);
    MUST_OK(run(&c, swap_clean));
}

/* Puts the token back to its beginning: only the old certificate. */
static void rewind_card(const struct card *c, bool new_too) {
    AUTO(p11_session) s = {0};
    AUTO(p11_certs) certs = {0};
    card_pull(c);
    MUST_OK(softhsm_login(&c->token, CARD_PIN, &s));
    MUST_OK(p11_certs_list(&s, &certs));
    for (size_t i = 0; i < certs.count; i++)
        MUST_OK(p11_object_destroy(&s, certs.at[i].handle));
    MUST_OK(softhsm_put_cert(&s, buf_span(&c->old_der), SPAN(card_key_id), CARD_LABEL));
    p11_session_free(&s);
    if (new_too)
        MUST_OK(run(c, swap_write));
}

/* Runs `what` with the fault; a killing one in a child. Returns whether the fault was reached. */
static bool faulted(const struct card *c, const char *plan, enum rc (*what)(struct swap *, struct span, struct span),
                    enum rc *rc) {
    setenv("SHIM_FAIL", plan, 1);
    if (strstr(plan, "kill") == NULL) {
        *rc = run(c, what);
        return true;
    }
    pid_t pid = fork();
    if (pid == 0)
        _exit(run(c, what) == RC_OK ? 0 : 1);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    *rc = RC_TOKEN;
    return WIFSIGNALED(status);
}

static size_t count_calls(const struct card *c, enum rc (*what)(struct swap *, struct span, struct span)) {
    char path[PATH_CAP];
    AUTO(buf) count = {0};
    MUST_OK(fs_join(path, c->h.dir, "count"));
    unlink(path);
    setenv("SHIM_COUNT", path, 1);
    MUST_OK(run(c, what));
    unsetenv("SHIM_COUNT");
    MUST_OK(fs_read(path, 1 << 20, &count));
    size_t lines = 0;
    for (size_t i = 0; i < count.len; i++)
        lines += count.data[i] == '\n';
    return lines;
}

static const char *const faults[] = {
    "DEVICE_ERROR:before", "DEVICE_ERROR:after", "DEVICE_REMOVED:gone", "DEVICE_MEMORY:before",
    "GENERAL_ERROR:after", "kill:before",        "kill:after"};
#define FAULTS (sizeof faults / sizeof faults[0])

/* Every call of `what` times every fault; `clean`: of swap_clean after a finished write. */
static size_t sweep(struct card *c, bool clean) {
    enum rc (*what)(struct swap *, struct span, struct span) = clean ? swap_clean : swap_write;
    rewind_card(c, clean);
    size_t calls = count_calls(c, what), runs = 0;
    for (size_t n = 1; n <= calls; n++) {
        for (size_t f = 0; f < FAULTS; f++, runs++) {
            char plan[64];
            enum rc rc;
            struct card_sees seen;
            rewind_card(c, clean);
            snprintf(plan, sizeof plan, "%zu:%s", n, faults[f]);
            assert_true(faulted(c, plan, what, &rc));
            bool doubt = rc == RC_PIN_WRONG && strncmp(err_text(), "C_Login: ", 9) == 0; /* a try may be gone */
            if (rc != RC_OK && rc != RC_TOKEN && !doubt)
                fail_msg("%s: %s: %s", plan, err_name(rc), err_text());
            card_look(c, &seen);
            if (seen.old_certs + seen.new_certs == 0 || seen.new_certs > 1 || !seen.signs ||
                (!clean && seen.old_certs != 1) || (clean && seen.new_certs != 1))
                fail_msg("%s: %zu old, %zu new, key %d", plan, seen.old_certs, seen.new_certs, seen.signs);
            MUST_OK(run(c, what)); /* a second run converges */
            card_look(c, &seen);
            bool id_right = is_key_id(&seen.fresh) || (!clean && getenv("SHIM_UNIQUE_ID") != NULL);
            if (seen.new_certs != 1 || seen.old_certs != !clean || seen.certs != (clean ? 1 : 2) || !id_right)
                fail_msg("%s, then again: %zu old, %zu new", plan, seen.old_certs, seen.new_certs);
        }
    }
    return runs;
}

static void survives_a_fault_at_every_call(void **state) {
    (void)state;
    AUTO(card) c;
    size_t runs = 0;
    card_open(&c, false);
    unsetenv("SHIM_LOG");
    runs += sweep(&c, false);
    runs += sweep(&c, true);
    setenv("SHIM_UNIQUE_ID", "1", 1);
    runs += sweep(&c, false);
    runs += sweep(&c, true);
    print_message("%zu faulted runs\n", runs);
}

static void labels_what_is_new(void **state) {
    (void)state;
    AUTO(card) c;
    struct cert cert;
    char label[128], longest[256];
    card_open(&c, false);
    MUST_OK(cert_parse(buf_span(&c.new_der), &cert));
    swap_label("Kế toán", &cert, label);
    assert_string_equal(label, "Kế toán [2022-03-14]");
    swap_label("Kế toán [2020-10-02]", &cert, label); /* not one behind the other */
    assert_string_equal(label, "Kế toán [2022-03-14]");
    swap_label("Kế toán [2020-13-02]", &cert, label);
    assert_string_equal(label, "Kế toán [2020-13-02] [2022-03-14]");
    swap_label("", &cert, label); /* the subject's CN */
    assert_string_equal(label, "CÔNG TY TNHH MẪU [2022-03-14]");
    for (size_t i = 0; i < 126; i += 3)
        memcpy(longest + i, "ế", 3);
    longest[126] = 0;
    swap_label(longest, &cert, label);
    assert_int_equal(strlen(label), 114 + 13);
    memmove(longest + 1, longest, 127);
    longest[0] = 'x';
    swap_label(longest, &cert, label);
    assert_int_equal(strlen(label), 112 + 13); /* no character cut in two */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_beside_the_old),
        cmocka_unit_test(cleans_only_when_the_new_one_is_proven),
        cmocka_unit_test(uses_a_temporary_id_where_ids_are_unique),
        cmocka_unit_test(keeps_the_old_one_where_the_id_cannot_move),
        cmocka_unit_test(destroys_last),
        cmocka_unit_test(repairs_an_id_that_is_not_the_keys),
        cmocka_unit_test(says_that_a_full_token_is_unharmed),
        cmocka_unit_test(never_tries_a_refused_pin_again),
        cmocka_unit_test(writes_nothing_for_a_key_that_is_not_here),
        cmocka_unit_test(believes_no_success_it_has_not_seen),
        cmocka_unit_test(survives_a_fault_at_every_call),
        cmocka_unit_test(labels_what_is_new),
    };
    return cmocka_run_group_tests(tests, card_cas, card_cas_end);
}
