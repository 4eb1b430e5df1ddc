/* Tests of pki/seal: a MAC holds for its key, use and bytes only; the key's file is its owner's alone. */
#include "pki/seal/seal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "lib/must.h"
#include "lib/tmp.h"

static char path[PATH_CAP];

static void write_key(const char *text, mode_t mode) {
    (void)unlink(path);
    MUST_OK(fs_write_new(path, span_str(text), mode));
    assert_int_equal(chmod(path, mode), 0);
}

/* By `printf 'capbu audit\0abc' | openssl mac -digest SHA256 -macopt hexkey:0011…ff0011…ff HMAC`. */
static void gives_what_openssl_gives(void **state) {
    (void)state;
    AUTO_PTR(seal) s = NULL;
    struct sha256 mac;
    char hex[2 * SHA256_LEN + 1];
    write_key("00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\n", 0600);
    MUST_OK(seal_open(path, &s));
    mac = seal_mac(s, SEAL_AUDIT, span_str("abc"));
    sha256_hex(mac, hex);
    assert_string_equal(hex, "d3dd916f55d41c70b49927a5af27a7513b8993a90b36cb3b2b354baddba148c5");
    mac = seal_mac(s, SEAL_AUDIT, span_of(NULL, 0));
    sha256_hex(mac, hex);
    assert_string_equal(hex, "9ec99a0ba2ecca66469c54b5f12718710a97d2bf922c412b1a5afef946f0d1ae");
}

static void holds_for_one_key_use_and_bytes(void **state) {
    (void)state;
    AUTO_PTR(seal) s = NULL;
    AUTO_PTR(seal) other = NULL;
    struct sha256 mac;
    (void)unlink(path);
    MUST_OK(seal_make(path));
    MUST_OK(seal_open(path, &s));
    assert_int_equal(seal_make(path), RC_EXISTS);
    mac = seal_mac(s, SEAL_RECORD, span_str("contract 1"));
    for (int i = 0; i < 3; i++) /* copies leave what they are made from alone */
        MUST_OK(seal_check(s, SEAL_RECORD, span_str("contract 1"), &mac));
    assert_int_equal(seal_check(s, SEAL_RECORD, span_str("contract 2"), &mac), RC_REFUSED);
    assert_int_equal(seal_check(s, SEAL_AUDIT, span_str("contract 1"), &mac), RC_REFUSED);
    assert_int_equal(seal_check(s, SEAL_JOURNAL, span_str("contract 1"), &mac), RC_REFUSED);
    assert_int_equal(unlink(path), 0);
    MUST_OK(seal_make(path));
    MUST_OK(seal_open(path, &other));
    assert_int_equal(seal_check(other, SEAL_RECORD, span_str("contract 1"), &mac), RC_REFUSED);
    mac.bytes[31] ^= 1;
    assert_int_equal(seal_check(s, SEAL_RECORD, span_str("contract 1"), &mac), RC_REFUSED);
}

static void is_its_owners_alone(void **state) {
    (void)state;
    struct stat st;
    struct seal *s = NULL;
    (void)unlink(path);
    assert_int_equal(seal_open(path, &s), RC_NOT_FOUND);
    MUST_OK(seal_make(path));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    static const mode_t open[] = {0640, 0604, 0620, 0602, 0666};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        assert_int_equal(chmod(path, open[i]), 0);
        assert_int_equal(seal_open(path, &s), RC_INPUT);
        assert_non_null(strstr(err_text(), "chmod go="));
    }
}

static void refuses_what_is_no_key(void **state) {
    (void)state;
    struct seal *s = NULL;
    AUTO(buf) endless = {0};
    static const char *const texts[] = {"",
                                        "\n",
                                        "00112233",
                                        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg\n",
                                        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00\n",
                                        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_key(texts[i], 0600);
        assert_int_equal(seal_open(path, &s), RC_INPUT);
    }
    for (int i = 0; i < 1000; i++)
        MUST_OK(buf_add_char(&endless, 'a'));
    write_key(buf_str(&endless), 0600);
    assert_int_equal(seal_open(path, &s), RC_LIMIT);
}

int main(void) {
    AUTO(tmp) dir = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_openssl_gives),
        cmocka_unit_test(holds_for_one_key_use_and_bytes),
        cmocka_unit_test(is_its_owners_alone),
        cmocka_unit_test(refuses_what_is_no_key),
    };
    if (tmp_make(&dir, NULL, "seal") != RC_OK || fs_join(path, dir.dir, "seal.key") != RC_OK)
        return 1;
    return cmocka_run_group_tests_name("pki/seal", tests, NULL, NULL);
}
