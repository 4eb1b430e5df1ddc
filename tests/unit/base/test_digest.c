/* Tests of base/digest: the SHA-256 vectors of FIPS 180-2, and random numbers that stay below their bound. */
#include <string.h>

#include "base/digest.h"
#include "lib_base.h"

static void hashes_the_known_vectors(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        char hex[2 * SHA256_LEN + 1];
        sha256_hex(sha256_of(span_str(pairs[i][0])), hex);
        assert_string_equal(hex, pairs[i][1]);
        for (size_t cut = 0; cut <= strlen(pairs[i][0]); cut++) {
            sha256_hex(sha256_of2(span_of(pairs[i][0], cut), span_str(pairs[i][0] + cut)), hex);
            assert_string_equal(hex, pairs[i][1]);
        }
    }
}

static void hashes_nothing_at_all(void **state) {
    (void)state;
    struct sha256 none = sha256_of(span_of(NULL, 0)), empty = sha256_of(span_str(""));
    assert_memory_equal(none.bytes, empty.bytes, SHA256_LEN);
}

static void makes_random_numbers_below_the_bound(void **state) {
    (void)state;
    int seen[6] = {0};
    for (int i = 0; i < 6000; i++) {
        uint32_t r = random_below(6);
        assert_true(r < 6);
        seen[r]++;
    }
    for (int i = 0; i < 6; i++)
        assert_in_range(seen[i], 700, 1300); /* a fair die leaves this once in 10^24 runs */
    assert_int_equal(random_below(1), 0);
    uint8_t a[32] = {0}, b[32] = {0};
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void takes_pieces(void **state) {
    (void)state;
    static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (size_t piece = 1; piece < sizeof text; piece++) {
        struct sha256_run r;
        sha256_start(&r);
        for (size_t at = 0; at < sizeof text - 1; at += piece)
            sha256_more(&r, span_of(text + at, sizeof text - 1 - at < piece ? sizeof text - 1 - at : piece));
        struct sha256 got = sha256_end(&r), want = sha256_of(span_str(text));
        assert_memory_equal(got.bytes, want.bytes, SHA256_LEN);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_pieces),
        cmocka_unit_test(hashes_the_known_vectors),
        cmocka_unit_test(hashes_nothing_at_all),
        cmocka_unit_test(makes_random_numbers_below_the_bound),
    };
    if (digest_init() != RC_OK || digest_init() != RC_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
