/* Ways to write that a token model's data choose: a temporary CKA_ID at once, and room made on a full token, which
   loses the old certificate at no moment: it is on the token, or kept where the next run finds it (R5.11). */
#include "unit/client/token/card.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/token/find.h"
#include "client/token/keepsake.h"
#include "client/token/swap.h"

static enum rc keep(void *arg, const struct p11_cert *old) {
    const struct card *c = arg;
    return keepsake_put(&c->token, old);
}

static void keep_it(void *arg, struct p11_cert *kept) {
    struct p11_cert *out = arg;

    p11_cert_free(out);
    *out = *kept;
    kept->der = (struct buf){0};
}

static enum rc keep_nothing(void *arg, const struct p11_cert *old) {
    (void)arg;
    (void)old;
    FAIL(RC_IO, "the disk is full");
}

/* `full`: as after a first refusal for want of room. */
static enum rc write_so(const struct card *c, struct swap_way way, bool full) {
    AUTO(swap) s = {0};
    TRY(swap_open(&c->token, span_str(CARD_PIN), &s));
    s.way = way;
    s.full = full;
    return swap_write(&s, buf_span(&c->old_der), buf_span(&c->new_der));
}

static void begin(struct card *c) {
    card_open(c, false);
    setenv("XDG_STATE_HOME", c->state, 1);
}

static void a_temporary_id_at_once(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    begin(&c);
    setenv("SHIM_UNIQUE_ID", "1", 1);
    MUST_OK(write_so(&c, (struct swap_way){.temporary_id = true}, false));
    assert_int_equal(card_calls(&c, "C_CreateObject"), 1); /* nothing was refused before */
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 2);
    assert_int_equal(seen.fresh.id_len, 20);
    AUTO(swap) s = {0};
    MUST_OK(swap_open(&c.token, span_str(CARD_PIN), &s));
    MUST_OK(swap_clean(&s, buf_span(&c.old_der), buf_span(&c.new_der)));
    swap_free(&s);
    card_look(&c, &seen);
    assert_true(seen.certs == 1 && seen.signs);
    assert_true(span_eq(span_of(seen.fresh.id, seen.fresh.id_len), SPAN(card_key_id)));
}

static void the_keys_own_id_where_nobody_has_it(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    begin(&c);
    MUST_OK(write_so(&c, (struct swap_way){.keep = keep, .arg = &c}, true));
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    assert_true(span_eq(span_of(seen.fresh.id, seen.fresh.id_len), SPAN(card_key_id)));
}

static void a_general_error_may_mean_full(void **state) {
    (void)state;
    AUTO(card) c;
    AUTO(swap) s = {0};
    begin(&c);
    setenv("SHIM_FAIL", "C_CreateObject:1:GENERAL_ERROR", 1);
    MUST_OK(swap_open(&c.token, span_str(CARD_PIN), &s));
    s.way = (struct swap_way){.temporary_id = true, .general_error_is_full = true};
    MUST_FAIL(RC_TOKEN, swap_write(&s, buf_span(&c.old_der), buf_span(&c.new_der)));
    assert_non_null(strstr(err_text(), "is full"));
    assert_true(s.full);
    setenv("SHIM_FAIL", "C_CreateObject:1:GENERAL_ERROR:before", 1); /* of a model without that quirk: tried on */
    s.way = (struct swap_way){.temporary_id = true};
    s.full = false;
    MUST_OK(swap_write(&s, buf_span(&c.old_der), buf_span(&c.new_der)));
}

static void room_is_made_only_when_it_is_full(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    begin(&c);
    struct swap_way way = {.keep = keep, .arg = &c};
    MUST_OK(write_so(&c, way, false));
    card_look(&c, &seen);
    assert_int_equal(seen.old_certs, 1);
    assert_int_equal(seen.new_certs, 1);
}

static void a_full_token_loses_the_old_one_to_the_new(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    AUTO(p11_cert) kept = {0};
    begin(&c);
    setenv("SHIM_FAIL", "C_CreateObject:1:DEVICE_MEMORY", 1);
    MUST_OK(write_so(&c, (struct swap_way){.keep = keep, .arg = &c}, false));
    card_look(&c, &seen);
    assert_int_equal(seen.old_certs, 0);
    assert_int_equal(seen.new_certs, 1);
    assert_true(seen.signs);
    keepsake_each(&c.token, NULL, 0, keep_it, &kept);
    assert_true(span_eq(buf_span(&kept.der), buf_span(&c.old_der)));
    assert_string_equal(kept.label, CARD_LABEL);
}

static void without_a_copy_nothing_goes(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    begin(&c);
    MUST_FAIL(RC_IO, write_so(&c, (struct swap_way){.keep = keep_nothing}, true));
    card_look(&c, &seen);
    assert_int_equal(seen.old_certs, 1);
    assert_int_equal(card_calls(&c, "C_DestroyObject"), 0);
}

static void what_made_room_in_vain_is_put_back(void **state) {
    (void)state;
    AUTO(card) c;
    struct card_sees seen;
    begin(&c);
    setenv("SHIM_FAIL", "C_CreateObject:1:DEVICE_ERROR", 1);
    MUST_FAIL(RC_TOKEN, write_so(&c, (struct swap_way){.keep = keep, .arg = &c}, true));
    assert_non_null(strstr(err_text(), "put back"));
    card_look(&c, &seen);
    assert_int_equal(seen.certs, 1);
    assert_int_equal(seen.old_certs, 1);
    assert_true(seen.signs);
}

static size_t find_old(const struct card *c, bool *key_seen) {
    AUTO(find) f = {0};
    static struct places p;
    p.count = 0;
    MUST_OK(text_set(p.path[p.count++], PATH_CAP, getenv("CAPBU_SHIM")));
    MUST_OK(find_run(&p, &f));
    size_t found = 0;
    for (size_t i = 0; i < f.candidate_count; i++)
        if (span_eq(buf_span(&f.candidates[i].der), buf_span(&c->old_der))) {
            found++;
            *key_seen = f.candidates[i].key_seen;
        }
    return found;
}

/* The power goes before and after every call of the write: afterwards the certificate is on the token, or the next run
   finds it all the same; and a second write converges. */
static void the_power_goes_at_any_call(void **state) {
    (void)state;
    AUTO(card) c;
    bool over = false;
    int cuts = 0;
    for (int n = 1; !over; n++) {
        for (int after = 0; after < 2 && !over; after++) {
            char plan[64];
            struct card_sees seen;
            bool key_seen = false;
            begin(&c);
            (void)snprintf(plan, sizeof plan, "%d:kill%s", n, after == 0 ? ":before" : ":after");
            pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0) {
                setenv("SHIM_FAIL", plan, 1);
                _exit(write_so(&c, (struct swap_way){.keep = keep, .arg = &c}, true) == RC_OK ? 0 : 1);
            }
            int status = 0;
            assert_int_equal(waitpid(child, &status, 0), child);
            over = WIFEXITED(status);
            cuts += !over;
            card_look(&c, &seen);
            if (seen.certs == 0 && (find_old(&c, &key_seen) != 1 || !key_seen))
                fail_msg("killed at call %d: no certificate, and nothing kept", n);
            MUST_OK(write_so(&c, (struct swap_way){.keep = keep, .arg = &c}, false));
            card_look(&c, &seen);
            assert_true(seen.new_certs == 1 && seen.signs);
            assert_int_equal(find_old(&c, &key_seen), seen.old_certs); /* a copy is no certificate when one is there */
            card_free(&c);
        }
    }
    c = (struct card){0};
    print_message("power cut at %d places\n", cuts);
    assert_true(cuts > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_temporary_id_at_once),
        cmocka_unit_test(the_keys_own_id_where_nobody_has_it),
        cmocka_unit_test(a_general_error_may_mean_full),
        cmocka_unit_test(room_is_made_only_when_it_is_full),
        cmocka_unit_test(a_full_token_loses_the_old_one_to_the_new),
        cmocka_unit_test(without_a_copy_nothing_goes),
        cmocka_unit_test(what_made_room_in_vain_is_put_back),
        cmocka_unit_test(the_power_goes_at_any_call),
    };
    return cmocka_run_group_tests(tests, card_cas, card_cas_end);
}
