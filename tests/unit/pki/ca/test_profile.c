/* The renewed certificate: what is kept, what is put right, judged by OpenSSL; and serial numbers (R5.7, R5.9). */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"

#include <openssl/x509v3.h>
#include <string.h>

#include "pki/cert/oid.h"
#include "pki/key/ossl.h"

static void issue(const struct profile_input *in, struct buf *der) {
    AUTO(buf) tbs = {0};
    MUST_OK(profile_tbs(in, &tbs));
    pki_world_issue(&world, buf_span(&tbs), der);
}

static void strict_verification(struct span der) {
    char ca[PATH_CAP], path[PATH_CAP];
    pki_world_path(&world, "new.pem", ca);
    pki_world_path(&world, "renewed.pem", path);
    pki_world_put(&world, "renewed.pem", der);
    MUST_RUN("openssl", "verify", "-x509_strict", "-auth_level", "2", "-attime", "1600000000", "-CAfile", ca, path);
}

static void keeps_subject_and_key(void **state) {
    (void)state;
    const struct profile_input in = pki_world_input(&world);
    AUTO(buf) der = {0};
    struct cert c;
    issue(&in, &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_true(span_eq(c.subject, world.sub.subject)); /* byte for byte */
    assert_true(span_eq(c.spki, world.sub.spki));       /* R5.9 */
    assert_true(span_eq(c.issuer, ca_cert(world.new_ca)->subject));
    assert_true(c.facts.not_before == DRILL_NOW && c.facts.not_after == CONTRACT_END);
    assert_true(span_eq(cert_ext_find(&c, OID_SKI)->value, cert_ext_find(&world.sub, OID_SKI)->value));
    assert_int_equal(c.facts.serial_len, SERIAL_LEN);
    strict_verification(buf_span(&der));
}

/* Same certificate through OpenSSL's X509 API: what it reads is what was asked for. */
static void says_what_openssl_reads(void **state) {
    (void)state;
    const struct profile_input in = pki_world_input(&world);
    AUTO(buf) der = {0};
    OSSL_AUTO(X509) x = NULL;
    issue(&in, &der);
    MUST_OK(x509_from_der(buf_span(&der), &x));
    assert_int_equal(X509_get_version(x), X509_VERSION_3);
    assert_int_equal(X509_get_signature_nid(x), NID_sha256WithRSAEncryption);
    assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION | KU_KEY_ENCIPHERMENT);
    assert_int_equal(X509_check_ca(x), 0);
    assert_int_equal(X509_get_extension_flags(x) & EXFLAG_INVALID, 0);
    int critical;
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, &critical, NULL);
    assert_int_equal(sk_DIST_POINT_num(points), 1);
    assert_null(sk_DIST_POINT_value(points, 0)->CRLissuer); /* the defect of 2018 is gone */
    CRL_DIST_POINTS_free(points);
    assert_int_equal(X509_get_ext_count(x), 6);
}

static void leaves_out_what_is_not_asked_for(void **state) {
    (void)state;
    struct profile_input in = pki_world_input(&world);
    AUTO(buf) der = {0};
    struct cert c;
    in.ocsp_url = in.crl_url = "";
    issue(&in, &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_null(cert_ext_find(&c, OID_AIA));
    assert_null(cert_ext_find(&c, OID_CRL_POINTS));
    strict_verification(buf_span(&der));
}

/* A new key (R5.9, when the campaign allows it) has a new identifier. */
static void takes_a_new_key(void **state) {
    (void)state;
    struct profile_input in = pki_world_input(&world);
    AUTO(buf) der = {0};
    AUTO(buf) spki = {0};
    struct cert c;
    MUST_OK(key_spki(world.old_key, &spki)); /* any other key */
    in.spki = buf_span(&spki);
    issue(&in, &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_true(span_eq(c.spki, buf_span(&spki)));
    const struct cert_facts *old = &ca_cert(world.old_ca)->facts; /* its SKI: SHA-1 of the same key */
    assert_true(span_eq(span_of(c.facts.ski, c.facts.ski_len), span_of(old->ski, old->ski_len)));
    strict_verification(buf_span(&der));
}

/* OpenSSL makes an old certificate of another shape: mail, EKU, SAN and policy, keyUsage not critical, no SKI. */
static void make_rich_old(struct buf *der) {
    char ca[PATH_CAP], ca_key[PATH_CAP], key[PATH_CAP], csr[PATH_CAP], conf[PATH_CAP], out[PATH_CAP];
    pki_world_path(&world, "old.pem", ca);
    pki_world_path(&world, "old.key", ca_key);
    pki_world_path(&world, "sub.key", key);
    pki_world_path(&world, "rich.csr", csr);
    pki_world_path(&world, "rich.cnf", conf);
    pki_world_path(&world, "rich.der", out);
    MUST_OK(fs_write(conf,
                     span_str("[x]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature,nonRepudiation\n"
                              "extendedKeyUsage=clientAuth,emailProtection\nsubjectAltName=email:a@b.vn\n"
                              "certificatePolicies=1.3.6.1.4.1.99999.1\nauthorityKeyIdentifier=keyid\n"),
                     0600));
    MUST_RUN("openssl", "req", "-new", "-key", key, "-utf8", "-subj",
             "/emailAddress=a@b.vn/UID=CMND:012345678/CN=Nguyễn Văn A/L=HÀ NỘI/C=VN", "-out", csr);
    MUST_RUN("openssl", "x509", "-req", "-in", csr, "-CA", ca, "-CAkey", ca_key, "-set_serial", "0x5404", "-sha1",
             "-days", "30", "-extfile", conf, "-extensions", "x", "-outform", "DER", "-out", out);
    MUST_OK(fs_read(out, CERT_LIMIT, der));
}

static void copies_purposes_names_and_policies(void **state) {
    (void)state;
    const struct span oids[] = {OID_EKU, OID_SAN, OID_POLICIES};
    struct profile_input in = pki_world_input(&world);
    struct profile_bounds bounds = pki_world_bounds(&world);
    struct cert old, c;
    AUTO(buf) old_der = {0};
    AUTO(buf) der = {0};
    make_rich_old(&old_der);
    MUST_OK(cert_parse(buf_span(&old_der), &old));
    MUST_OK(ca_verify(world.old_ca, &old, true));
    in.old_cert = bounds.old_cert = &old;
    issue(&in, &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(profile_check(c.tbs, &bounds));
    assert_true(span_eq(c.subject, old.subject));
    for (size_t i = 0; i < sizeof oids / sizeof oids[0]; i++)
        assert_true(span_eq(cert_ext_find(&c, oids[i])->whole, cert_ext_find(&old, oids[i])->whole));
    assert_true(cert_ext_find(&c, OID_KEY_USAGE)->critical && !cert_ext_find(&old, OID_KEY_USAGE)->critical);
    assert_true(span_eq(cert_ext_find(&c, OID_KEY_USAGE)->value, cert_ext_find(&old, OID_KEY_USAGE)->value));
    assert_int_equal(c.facts.ski_len, 20); /* the old one had none */
    strict_verification(buf_span(&der));
}

static void makes_serial_numbers(void **state) {
    (void)state;
    uint8_t a[SERIAL_LEN], b[SERIAL_LEN], later[SERIAL_LEN];
    profile_serial(1584237600000, a);
    profile_serial(1584237600000, b);
    profile_serial(1584237600001, later);
    assert_true(a[0] > 0 && a[0] < 0x80);     /* positive, and always 16 bytes long */
    assert_memory_equal(a, b, 7);             /* the head is the time */
    assert_memory_not_equal(a + 7, b + 7, 9); /* 72 random bits */
    assert_true(memcmp(a, later, 7) < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_subject_and_key),
        cmocka_unit_test(says_what_openssl_reads),
        cmocka_unit_test(leaves_out_what_is_not_asked_for),
        cmocka_unit_test(takes_a_new_key),
        cmocka_unit_test(copies_purposes_names_and_policies),
        cmocka_unit_test(makes_serial_numbers),
    };
    return cmocka_run_group_tests(tests, pki_world_setup, pki_world_teardown);
}
