/* What lies on this computer for a token is bound to its key: two tokens of one serial number have each its own, and
   what an earlier version left under the serial number is found. */
#include "client/token/keepsake.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "client/token/claim.h"
#include "client/token/journal.h"
#include "unit/client/token/card.h"

struct seen {
    int count;
    struct sha256 last; /* of the certificate */
};

static void count(void *arg, struct p11_cert *kept) {
    struct seen *s = arg;

    s->count++;
    s->last = sha256_of(buf_span(&kept->der));
}

static struct p11_cert old_of(const struct buf *der, const char *label) {
    struct p11_cert old = {.id = {1, 2}, .id_len = 2};

    MUST_OK(text_set(old.label, sizeof old.label, label));
    old.der = *der;
    return old;
}

static struct p11_key key_of(const struct cert *c) {
    struct p11_key k = {.type = CKK_RSA, .modulus_len = c->modulus.len};

    memcpy(k.modulus, c->modulus.ptr, c->modulus.len);
    return k;
}

static struct seen look(const struct p11_token *t, const struct p11_key *keys, size_t n) {
    struct seen s = {0};

    keepsake_each(t, keys, n, count, &s);
    return s;
}

struct two {
    struct card card; /* one after the other: a process has one SoftHSM */
    struct buf der_a, der_b;
    struct cert at_a, at_b;
    struct p11_token t; /* what both call themselves */
};

static void mint(struct two *w, struct buf *der, struct cert *c) {
    card_free(&w->card);
    card_open(&w->card, false);
    MUST_OK(buf_set(der, buf_span(&w->card.old_der)));
    MUST_OK(cert_parse(buf_span(der), c));
}

static void open_two(struct two *w) {
    *w = (struct two){0};
    mint(w, &w->der_a, &w->at_a);
    mint(w, &w->der_b, &w->at_b);
    setenv("XDG_STATE_HOME", w->card.state, 1);
    w->t = w->card.token;
    MUST_OK(text_set(w->t.serial, sizeof w->t.serial, "1234"));
}

static void close_two(struct two *w) {
    card_free(&w->card);
    buf_free(&w->der_a);
    buf_free(&w->der_b);
}

static void each_key_has_its_own(void **state) {
    struct two w;
    (void)state;
    open_two(&w);
    const struct p11_key a = key_of(&w.at_a), b = key_of(&w.at_b);
    struct p11_cert of_a = old_of(&w.der_a, "a"), of_b = old_of(&w.der_b, "b");
    MUST_OK(keepsake_put(&w.t, &of_a));
    assert_int_equal(look(&w.t, &a, 1).count, 1);
    assert_int_equal(look(&w.t, &b, 1).count, 0);   /* the other token of that serial number */
    assert_int_equal(look(&w.t, NULL, 0).count, 1); /* shows no key before the login: by its name */
    MUST_OK(keepsake_put(&w.t, &of_b));
    assert_int_equal(look(&w.t, NULL, 0).count, 2);
    const struct seen at_b = look(&w.t, &b, 1);
    const struct sha256 want = sha256_of(buf_span(&of_b.der));
    assert_int_equal(at_b.count, 1);
    assert_memory_equal(at_b.last.bytes, want.bytes, sizeof want.bytes);
    keepsake_remove(&w.t, &w.at_a);
    assert_int_equal(look(&w.t, &a, 1).count, 0);
    assert_int_equal(look(&w.t, &b, 1).count, 1);
    struct p11_token other = w.t;
    MUST_OK(text_set(other.serial, sizeof other.serial, "5678"));
    assert_int_equal(look(&other, NULL, 0).count, 0);
    close_two(&w);
}

static void an_earlier_versions_is_found(void **state) {
    struct two w;
    char now[PATH_CAP], before[PATH_CAP];
    (void)state;
    open_two(&w);
    const struct p11_key a = key_of(&w.at_a), b = key_of(&w.at_b);
    struct p11_cert of_a = old_of(&w.der_a, "a");
    struct p11_token nameless = w.t;
    nameless.serial[0] = nameless.model[0] = '\0'; /* earlier ones did not say whose they are */
    MUST_OK(keepsake_put(&nameless, &of_a));
    MUST_OK(journal_key_file(now, "keepsake", w.at_a.modulus, w.at_a.point));
    MUST_OK(journal_token_file(before, "keepsake", w.t.serial, w.t.model));
    assert_int_equal(rename(now, before), 0);
    assert_int_equal(look(&w.t, &a, 1).count, 1);
    assert_int_equal(look(&w.t, NULL, 0).count, 1);
    assert_int_equal(look(&w.t, &b, 1).count, 0);
    keepsake_remove(&w.t, &w.at_b); /* not its key */
    assert_int_equal(look(&w.t, &a, 1).count, 1);
    keepsake_remove(&w.t, &w.at_a);
    assert_int_equal(look(&w.t, &a, 1).count, 0);
    MUST_OK(fs_write(before, span_str("{"), 0600)); /* a damaged one is none */
    assert_int_equal(look(&w.t, &a, 1).count, 0);
    close_two(&w);
}

static void a_claim_is_of_one_key(void **state) {
    struct two w;
    AUTO_FD first = -1;
    AUTO_FD second = -1;
    AUTO_FD third = -1;
    (void)state;
    open_two(&w);
    MUST_OK(claim_take(&w.t, &w.at_a, &first));
    assert_true(first >= 0);
    MUST_OK(claim_take(&w.t, &w.at_b, &second)); /* the same serial number, another token */
    assert_true(second >= 0);
    MUST_FAIL(RC_BUSY, claim_take(&w.t, &w.at_a, &third));
    close_two(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_has_its_own),
        cmocka_unit_test(an_earlier_versions_is_found),
        cmocka_unit_test(a_claim_is_of_one_key),
    };
    return cmocka_run_group_tests(tests, card_cas, card_cas_end);
}
