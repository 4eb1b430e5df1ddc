/* Issuers by key, never by name (R5.4), and the legacy algorithms let through only where they are meant to be. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"

#include <string.h>

static void read_ca(const char *name, struct buf *der, struct ca **ca) {
    char path[PATH_CAP];
    AUTO(buf) pem = {0};
    data_path(name, path);
    MUST_OK(fs_read(path, 65536, &pem));
    MUST_OK(cert_from_pem_or_der(buf_span(&pem), der));
    MUST_OK(ca_open(buf_span(der), ca));
}

/* The CA certificates of 2010 and 2015 have one name and two keys. */
static void tells_2010_from_2015(void **state) {
    (void)state;
    AUTO(buf) der_2010 = {0};
    AUTO(buf) der_2015 = {0};
    AUTO(buf) der_root = {0};
    AUTO_PTR(ca) ca_2010 = NULL;
    AUTO_PTR(ca) ca_2015 = NULL;
    AUTO_PTR(ca) root = NULL;
    read_ca("ca/viettel-ca-2010-2015.pem", &der_2010, &ca_2010);
    read_ca("ca/viettel-ca-2015-2020.pem", &der_2015, &ca_2015);
    read_ca("ca/mic-national-root-ca-2008-2040.pem", &der_root, &root);
    assert_true(span_eq(ca_cert(ca_2010)->subject, ca_cert(ca_2015)->subject));
    assert_false(cert_same_key(ca_cert(ca_2010), ca_cert(ca_2015)));
    /* both were signed by the root, with SHA-1: real signatures */
    MUST_OK(ca_verify(root, ca_cert(ca_2010), true));
    MUST_OK(ca_verify(root, ca_cert(ca_2015), true));
    MUST_FAIL(RC_CRYPTO, ca_verify(root, ca_cert(ca_2015), false));
    MUST_FAIL(RC_CRYPTO, ca_verify(ca_2010, ca_cert(ca_2015), true));
    struct cert c;
    MUST_OK(cert_parse(buf_span(&der_2015), &c));
    ca_identify((struct ca_pair){root, ca_2010}, &c);
    assert_true(c.facts.issuer == ISSUER_OLD && c.facts.signature_ok);
    ca_identify((struct ca_pair){ca_2010, ca_2015}, &c);
    assert_true(c.facts.issuer == ISSUER_OTHER && !c.facts.signature_ok);
}

static void identifies_by_key_identifier(void **state) {
    (void)state;
    const struct ca_pair pair = {world.old_ca, world.new_ca};
    const struct profile_input in = pki_world_input(&world);
    AUTO(buf) tbs = {0};
    AUTO(buf) der = {0};
    struct cert old, renewed;
    MUST_OK(cert_parse(buf_span(&world.sub_der), &old));
    ca_identify(pair, &old);
    assert_true(old.facts.issuer == ISSUER_OLD && old.facts.signature_ok);
    MUST_OK(profile_tbs(&in, &tbs));
    pki_world_issue(&world, buf_span(&tbs), &der);
    MUST_OK(cert_parse(buf_span(&der), &renewed));
    ca_identify(pair, &renewed);
    assert_true(renewed.facts.issuer == ISSUER_NEW && renewed.facts.signature_ok);
}

/* A certificate without AKI is nobody's, although the old CA did sign it. */
static void takes_none_without_aki(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    struct mint_subscriber sub = pki_world_subscriber(&world);
    sub.no_aki = true;
    MUST_OK(mint_subscriber(&sub, world.old_key, ca_cert(world.old_ca), &der));
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(ca_verify(world.old_ca, &c, true));
    ca_identify((struct ca_pair){world.old_ca, world.new_ca}, &c);
    assert_true(c.facts.issuer == ISSUER_OTHER && !c.facts.signature_ok);
}

/* Names the old CA's key, is not signed by it: issuer old, signature bad. Every byte of the signature counts. */
static void sees_altered_signatures(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    MUST_OK(buf_add_span(&der, buf_span(&world.sub_der)));
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(ca_verify(world.old_ca, &c, true)); /* and remembered: that must not help what is altered */
    for (size_t i = 1; i <= 256; i += 15) {
        der.data[der.len - i] ^= 1;
        MUST_OK(cert_parse(buf_span(&der), &c));
        MUST_FAIL(RC_CRYPTO, ca_verify(world.old_ca, &c, true));
        ca_identify((struct ca_pair){world.old_ca, world.new_ca}, &c);
        assert_true(c.facts.issuer == ISSUER_OLD && !c.facts.signature_ok);
        der.data[der.len - i] ^= 1;
    }
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(ca_verify(world.old_ca, &c, true));
}

static void lets_sha1_through_for_legacy_only(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    const struct mint_subscriber sub = pki_world_subscriber(&world);
    MUST_OK(mint_subscriber(&sub, world.new_key, ca_cert(world.new_ca), &der)); /* SHA-1 under the new key */
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_FAIL(RC_CRYPTO, ca_verify(world.new_ca, &c, false));
    ca_identify((struct ca_pair){world.old_ca, world.new_ca}, &c);
    assert_true(c.facts.issuer == ISSUER_NEW && !c.facts.signature_ok);
}

static void refuses_what_is_no_ca(void **state) {
    (void)state;
    struct ca *ca = (struct ca *)0x5a;
    MUST_FAIL(RC_INPUT, ca_open(buf_span(&world.sub_der), &ca));
    MUST_FAIL(RC_INPUT, ca_open(span_str("no DER"), &ca));
    assert_ptr_equal(ca, (struct ca *)0x5a);
}

static void verifies_with_ec_keys(void **state) {
    (void)state;
    char path[PATH_CAP];
    AUTO_PTR(key) ec = NULL;
    AUTO_PTR(ca) ca = NULL;
    AUTO(buf) ca_der = {0};
    AUTO(buf) der = {0};
    struct cert c;
    const struct mint_ca in = {"EC", "Org", NULL, "VN", NEW_CA_FROM, NEW_CA_TO, false};
    pki_world_path(&world, "ec-ca.key", path);
    MUST_OK(key_make_file(path, 0, &ec));
    MUST_OK(mint_ca(&in, ec, &ca_der));
    MUST_OK(ca_open(buf_span(&ca_der), &ca));
    MUST_OK(ca_verify(ca, ca_cert(ca), false));
    MUST_OK(mint_cmp(ec, ca_cert(ca), world.sub_key, NEW_CA_FROM, NEW_CA_TO, &der));
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(ca_verify(ca, &c, false));
    MUST_FAIL(RC_CRYPTO, ca_verify(world.new_ca, &c, false)); /* an ECDSA signature under an RSA key */
}

/* A good signature under an algorithm that is not the key's. */
static void wants_the_algorithm_of_the_key(void **state) {
    (void)state;
    char path[PATH_CAP];
    struct profile_input in = pki_world_input(&world);
    AUTO_PTR(key) ec = NULL;
    AUTO_PTR(ca) ca = NULL;
    AUTO(buf) ca_der = {0};
    AUTO(buf) tbs = {0};
    AUTO(buf) signature = {0};
    AUTO(buf) der = {0};
    struct cert c;
    const struct mint_ca root = {"EC", "Org", NULL, "VN", NEW_CA_FROM, NEW_CA_TO, false};
    pki_world_path(&world, "ec-other.key", path);
    MUST_OK(key_make_file(path, 0, &ec));
    MUST_OK(mint_ca(&root, ec, &ca_der));
    MUST_OK(ca_open(buf_span(&ca_der), &ca));
    in.sig_alg = key_sig_alg(world.new_key); /* RSA */
    MUST_OK(profile_tbs(&in, &tbs));
    MUST_OK(key_sign(ec, buf_span(&tbs), &signature));
    MUST_OK(profile_join(buf_span(&tbs), in.sig_alg, buf_span(&signature), &der));
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(key_verify(ca_cert(ca), c.tbs, c.signature)); /* the bytes do hold */
    MUST_FAIL(RC_CRYPTO, ca_verify(ca, &c, true));
}

static bool verifies_many(void) {
    for (int i = 0; i < 300; i++) {
        struct cert c;
        if (cert_parse(buf_span(&world.sub_der), &c) != RC_OK || ca_verify(world.old_ca, &c, true) != RC_OK)
            return false;
    }
    return true;
}

static void is_shared_between_threads(void **state) {
    (void)state;
    assert_true(run_threads(4, verifies_many));
}

/* Signed by the old CA in good faith, and nobody can ever use it. */
static void tells_a_point_off_its_curve(void **state) {
    (void)state;
    AUTO_PTR(key) ec = NULL;
    AUTO(buf) spki = {0};
    char path[PATH_CAP];
    pki_world_path(&world, "curve.key", path);
    MUST_OK(key_make_file(path, 0, &ec));
    MUST_OK(key_spki(ec, &spki));
    for (int off = 0; off < 2; off++) {
        AUTO(buf) der = {0};
        struct cert c;
        spki.data[spki.len - 1] ^= (uint8_t)off;
        struct mint_subscriber in = pki_world_subscriber(&world);
        in.spki = buf_span(&spki);
        MUST_OK(mint_subscriber(&in, world.old_key, ca_cert(world.old_ca), &der));
        MUST_OK(cert_parse(buf_span(&der), &c));
        assert_int_equal(c.facts.unfit, 0); /* its bytes alone do not show it */
        ca_identify((struct ca_pair){world.old_ca, world.new_ca}, &c);
        assert_true(c.facts.signature_ok);
        assert_int_equal(c.facts.unfit, off << UNFIT_KEY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_point_off_its_curve),  cmocka_unit_test(tells_2010_from_2015),
        cmocka_unit_test(identifies_by_key_identifier), cmocka_unit_test(takes_none_without_aki),
        cmocka_unit_test(sees_altered_signatures),      cmocka_unit_test(lets_sha1_through_for_legacy_only),
        cmocka_unit_test(refuses_what_is_no_ca),        cmocka_unit_test(verifies_with_ec_keys),
        cmocka_unit_test(is_shared_between_threads),    cmocka_unit_test(wants_the_algorithm_of_the_key),
    };
    return cmocka_run_group_tests(tests, pki_world_setup, pki_world_teardown);
}
