/* The drill's certificates look like the real ones (domain.md), and OpenSSL's strict verification takes them. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"

#include <string.h>

/* What `openssl x509 -text` says about it. */
static void shown(const char *name, struct run *r) {
    char path[PATH_CAP];
    pki_world_path(&world, name, path);
    RUN(r, "openssl", "x509", "-in", path, "-noout", "-text", "-nameopt", "oneline,utf8,-esc_msb");
    assert_int_equal(r->status, 0);
}

static void says(const struct run *r, const char *text) {
    if (strstr(buf_str(&r->out), text) == NULL)
        fail_msg("no \"%s\" in\n%s", text, buf_str(&r->out));
}

static void verifies(const char *ca, const char *level, const char *name) {
    char ca_path[PATH_CAP], path[PATH_CAP];
    pki_world_path(&world, ca, ca_path);
    pki_world_path(&world, name, path);
    MUST_RUN("openssl", "verify", "-x509_strict", "-auth_level", level, "-attime", "1584237600", "-CAfile", ca_path,
             path);
}

static void makes_the_cas_of_the_letter(void **state) {
    (void)state;
    AUTO(run) old = {0};
    AUTO(run) new = {0};
    shown("old.pem", &old);
    says(&old, "Subject: C = VN, O = Viettel Group, CN = Viettel-CA\n");
    says(&old, "Signature Algorithm: sha1WithRSAEncryption");
    says(&old, "Not Before: Oct  2 02:32:20 2015 GMT");
    says(&old, "Not After : Oct  2 02:42:20 2020 GMT");
    says(&old, "CA:TRUE, pathlen:0");
    shown("new.pem", &new);
    says(&new, "Subject: C = VN, L = Hà Nội, O = Viettel Group, CN = Viettel-CA\n");
    says(&new, "Signature Algorithm: sha256WithRSAEncryption");
    says(&new, "Not After : May 13 00:00:00 2024 GMT");
    verifies("new.pem", "2", "new.pem");
}

static void makes_subscribers_with_the_defects_of_2018(void **state) {
    (void)state;
    AUTO(run) r = {0};
    char ca[PATH_CAP], path[PATH_CAP];
    shown("sub.pem", &r);
    says(&r, "54:04:ff:fe:b7:03:3f:b3:16:d6:72:20:1b:7b:46:85");
    says(&r, "Signature Algorithm: sha1WithRSAEncryption");
    says(&r, "UID = MST:0100109106, CN = \"CÔNG TY TNHH MẪU, CHI NHÁNH A\", L = HÀ NỘI, C = VN");
    says(&r, "OCSP - URI:http://ocsp.viettel-ca.vn");
    says(&r, "DirName:CN = Viettel-CA, O = Viettel Group, C = VN"); /* reversed */
    says(&r, "Digital Signature, Non Repudiation, Key Encipherment");
    verifies("old.pem", "0", "sub.pem");
    /* domain.md: OpenSSL 3.0 refuses this chain at its default level */
    pki_world_path(&world, "old.pem", ca);
    pki_world_path(&world, "sub.pem", path);
    RUN(&r, "openssl", "verify", "-auth_level", "1", "-attime", "1584237600", "-CAfile", ca, path);
    assert_int_not_equal(r.status, 0);
}

static void makes_a_tls_certificate_that_is_its_own_anchor(void **state) {
    (void)state;
    char key[PATH_CAP], path[PATH_CAP];
    static const char *const names[][2] = {
        {"-verify_hostname", "localhost"}, {"-verify_ip", "127.0.0.1"}, {"-verify_hostname", "capbu.example"}};
    AUTO_PTR(key) k = NULL;
    AUTO(buf) der = {0};
    AUTO(run) r = {0};
    pki_world_path(&world, "tls.key", key);
    pki_world_path(&world, "tls.pem", path);
    MUST_OK(key_make_file(key, 0, &k));
    MUST_OK(mint_tls(k, "capbu.example", NEW_CA_FROM, NEW_CA_TO, &der));
    pki_world_put(&world, "tls.pem", buf_span(&der));
    for (size_t i = 0; i < 3; i++)
        MUST_RUN("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-attime", "1584237600", names[i][0],
                 names[i][1], "-CAfile", path, path);
    RUN(&r, "openssl", "verify", "-attime", "1584237600", "-verify_hostname", "other.example", "-CAfile", path, path);
    assert_int_not_equal(r.status, 0);
    buf_clear(&der);
    MUST_OK(mint_tls(k, "192.0.2.7", NEW_CA_FROM, NEW_CA_TO, &der));
    pki_world_put(&world, "tls.pem", buf_span(&der));
    MUST_RUN("openssl", "verify", "-attime", "1584237600", "-verify_ip", "192.0.2.7", "-CAfile", path, path);
}

static void makes_a_cmp_certificate_under_the_new_ca(void **state) {
    (void)state;
    char key[PATH_CAP];
    AUTO_PTR(key) k = NULL;
    AUTO(buf) der = {0};
    AUTO(run) r = {0};
    pki_world_path(&world, "cmp.key", key);
    MUST_OK(key_make_file(key, 0, &k));
    MUST_OK(mint_cmp(world.new_key, ca_cert(world.new_ca), k, NEW_CA_FROM, NEW_CA_TO, &der));
    pki_world_put(&world, "cmp.pem", buf_span(&der));
    verifies("new.pem", "2", "cmp.pem");
    shown("cmp.pem", &r);
    says(&r, "CMC Registration Authority");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_cas_of_the_letter),
        cmocka_unit_test(makes_subscribers_with_the_defects_of_2018),
        cmocka_unit_test(makes_a_tls_certificate_that_is_its_own_anchor),
        cmocka_unit_test(makes_a_cmp_certificate_under_the_new_ca),
    };
    return cmocka_run_group_tests(tests, pki_world_setup, pki_world_teardown);
}
