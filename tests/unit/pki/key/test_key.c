/* Private keys in files: opened, made, matched, and their signatures judged by OpenSSL's command. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"

#include <string.h>
#include <sys/stat.h>

#include "pki/cert/oid.h"

/* openssl dgst -verify with the public half that key_spki gives. */
static void judged_by_openssl(struct key *k, const char *name) {
    static const char text[] = "what is signed";
    char data[PATH_CAP], sig[PATH_CAP], pub[PATH_CAP];
    AUTO(buf) spki = {0};
    AUTO(buf) signature = {0};
    pki_world_path(&world, "data", data);
    pki_world_path(&world, "sig", sig);
    pki_world_path(&world, name, pub);
    MUST_OK(key_spki(k, &spki));
    MUST_OK(key_sign(k, span_str(text), &signature));
    MUST_OK(fs_write(data, span_str(text), 0600));
    MUST_OK(fs_write(sig, buf_span(&signature), 0600));
    MUST_OK(fs_write(pub, buf_span(&spki), 0600));
    MUST_RUN("openssl", "dgst", "-sha256", "-verify", pub, "-keyform", "DER", "-signature", sig, data);
}

static void signs_with_rsa_and_ec_files(void **state) {
    (void)state;
    char path[PATH_CAP];
    AUTO_PTR(key) made = NULL;
    AUTO_PTR(key) read = NULL;
    struct stat st;
    pki_world_path(&world, "ec.key", path);
    MUST_OK(key_make_file(path, 0, &made));
    MUST_OK(key_open(path, NULL, &read));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    MUST_RUN("openssl", "pkey", "-in", path, "-noout", "-check");
    judged_by_openssl(made, "ec-made.pub");
    judged_by_openssl(read, "ec-read.pub");
    judged_by_openssl(world.sub_key, "rsa.pub");
    assert_true(span_eq(key_sig_alg(made), OID("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")));
    assert_true(
        span_eq(key_sig_alg(world.sub_key), OID("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00")));
}

static void opens_what_openssl_made(void **state) {
    (void)state;
    static const char *const groups[] = {"P-256", "P-384", "P-521"};
    char path[PATH_CAP], arg[64];
    pki_world_path(&world, "foreign.key", path);
    for (size_t i = 0; i < 3; i++) {
        AUTO_PTR(key) k = NULL;
        snprintf(arg, sizeof arg, "ec_paramgen_curve:%s", groups[i]);
        MUST_RUN("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", arg, "-out", path);
        MUST_OK(key_open_file(path, &k));
        judged_by_openssl(k, "foreign.pub");
    }
    AUTO_PTR(key) k = NULL;
    MUST_RUN("openssl", "genrsa", "-traditional", "-out", path, "2048"); /* PKCS#1 */
    MUST_OK(key_open_file(path, &k));
    judged_by_openssl(k, "foreign.pub");
}

static void refuses_other_files(void **state) {
    (void)state;
    char path[PATH_CAP], sub[PATH_CAP];
    struct key *k = NULL;
    pki_world_path(&world, "bad.key", path);
    pki_world_path(&world, "sub.key", sub);
    MUST_FAIL(RC_NOT_FOUND, key_open_file(path, &k));
    MUST_OK(fs_write(path, span_str("no key"), 0600));
    MUST_FAIL(RC_INPUT, key_open_file(path, &k));
    MUST_RUN("openssl", "pkey", "-in", sub, "-aes128", "-passout", "pass:x", "-out", path); /* never asks */
    MUST_FAIL(RC_INPUT, key_open_file(path, &k));
    MUST_RUN("openssl", "genpkey", "-algorithm", "ED25519", "-out", path);
    MUST_FAIL(RC_INPUT, key_open_file(path, &k));
    MUST_RUN("openssl", "pkey", "-in", sub, "-pubout", "-out", path);
    MUST_FAIL(RC_INPUT, key_open_file(path, &k));
    MUST_RUN("truncate", "-s", "70000", path); /* past the limit */
    MUST_FAIL(RC_LIMIT, key_open_file(path, &k));
    assert_null(k);
}

static void makes_keys_once(void **state) {
    (void)state;
    char path[PATH_CAP];
    struct key *k = NULL;
    pki_world_path(&world, "sub.key", path);
    MUST_FAIL(RC_EXISTS, key_make_file(path, 0, &k));
    MUST_FAIL(RC_USAGE, key_make_file(path, 1024, &k));
    MUST_FAIL(RC_USAGE, key_make_file(path, 100000, &k));
    assert_null(k);
}

static void matches_by_numbers(void **state) {
    (void)state;
    assert_true(key_matches(world.sub_key, &world.sub));
    assert_false(key_matches(world.old_key, &world.sub));
    assert_true(key_matches(world.old_key, ca_cert(world.old_ca)));
    assert_false(key_matches(world.old_key, ca_cert(world.new_ca)));
}

static void verifies_under_a_certificate(void **state) {
    (void)state;
    AUTO(buf) signature = {0};
    MUST_OK(key_sign(world.sub_key, span_str("text"), &signature));
    MUST_OK(key_verify(&world.sub, span_str("text"), buf_span(&signature)));
    MUST_FAIL(RC_CRYPTO, key_verify(&world.sub, span_str("Text"), buf_span(&signature)));
    MUST_FAIL(RC_CRYPTO, key_verify(ca_cert(world.old_ca), span_str("text"), buf_span(&signature)));
    MUST_FAIL(RC_CRYPTO, key_verify(&world.sub, span_str("text"), span_of(signature.data, signature.len - 1)));
    MUST_FAIL(RC_CRYPTO, key_verify(&world.sub, span_str("text"), (struct span){0}));
}

static bool signs_many(void) {
    for (int i = 0; i < 30; i++) {
        AUTO(buf) s = {0};
        if (key_sign(world.sub_key, span_str("text"), &s) != RC_OK ||
            key_verify(&world.sub, span_str("text"), buf_span(&s)) != RC_OK)
            return false;
    }
    return true;
}

static void signs_in_several_threads(void **state) {
    (void)state;
    assert_true(run_threads(4, signs_many));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_with_rsa_and_ec_files), cmocka_unit_test(opens_what_openssl_made),
        cmocka_unit_test(refuses_other_files),         cmocka_unit_test(makes_keys_once),
        cmocka_unit_test(matches_by_numbers),          cmocka_unit_test(verifies_under_a_certificate),
        cmocka_unit_test(signs_in_several_threads),
    };
    return cmocka_run_group_tests(tests, pki_world_setup, pki_world_teardown);
}
