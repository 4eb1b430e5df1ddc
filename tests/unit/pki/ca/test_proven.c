/* What a CA's signature held on is remembered, and nothing else. */
#include "pki/ca/proven.h"

#include "lib/must.h"
#include "lib/run.h"

static struct sha256 numbered(uint32_t n) {
    return sha256_of(span_of((const uint8_t *)&n, sizeof n));
}

static void has_what_was_added_only(void **state) {
    (void)state;
    AUTO_PTR(proven) p = NULL;
    const struct sha256 one = numbered(1);
    MUST_OK(proven_new(&p));
    assert_false(proven_has(p, &one));
    proven_add(p, &one);
    assert_true(proven_has(p, &one));
    for (size_t i = 0; i < sizeof one.bytes; i++) {
        struct sha256 other = one;
        other.bytes[i] ^= 1;
        assert_false(proven_has(p, &other));
    }
}

/* However many there are, it has one for each place at most, and the newest of those. */
static void forgets_the_older_ones(void **state) {
    (void)state;
    AUTO_PTR(proven) p = NULL;
    int kept = 0;
    MUST_OK(proven_new(&p));
    for (uint32_t n = 0; n < 100000; n++) {
        const struct sha256 d = numbered(n);
        proven_add(p, &d);
        assert_true(proven_has(p, &d));
    }
    for (uint32_t n = 0; n < 100000; n++) {
        const struct sha256 d = numbered(n);
        kept += proven_has(p, &d);
    }
    assert_in_range(kept, 1, 4096);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(has_what_was_added_only),
                                       cmocka_unit_test(forgets_the_older_ones)};
    return cmocka_run_group_tests_name("pki/ca/proven", tests, NULL, NULL);
}
