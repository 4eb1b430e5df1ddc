/* The strict reader against OpenSSL: over every certificate with every byte changed it never accepts what OpenSSL
   refuses without a note, and what both accept, both read the same. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "pki/key/ossl.h"

struct tally {
    long tried, ours, both;
};

static int64_t instant_of(const ASN1_TIME *t) {
    struct tm tm;
    assert_true(ASN1_TIME_to_tm(t, &tm));
    return timegm(&tm);
}

static void same_name(const X509_NAME *name, struct span whole) {
    const unsigned char *der;
    size_t len;
    assert_true(X509_NAME_get0_der(name, &der, &len));
    assert_true(span_eq(span_of(der, len), whole));
}

static void same_octets(const ASN1_OCTET_STRING *s, const uint8_t *ours, size_t len) {
    struct span theirs = {s == NULL ? NULL : ASN1_STRING_get0_data(s), s == NULL ? 0 : (size_t)ASN1_STRING_length(s)};
    assert_true(span_eq(theirs, span_of(ours, len)));
}

static void same_key(X509 *x, const struct cert *c) {
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    assert_true(len > 0 && span_eq(span_of(der, (size_t)len), c->spki));
    OPENSSL_free(der);
    const EVP_PKEY *key = X509_get0_pubkey(x);
    assert_true(c->facts.key_kind == KEY_OTHER || (c->facts.odd >> ODD_KEY & 1) == 0);
    if (c->facts.key_kind != KEY_RSA) /* a point that is not on its curve is found when the key is used */
        return;
    assert_non_null(key);
    assert_int_equal(EVP_PKEY_get_bits(key), c->facts.key_bits);
}

/* Both accepted it: every field the same. */
static void same(X509 *x, const struct cert *c) {
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    const ASN1_BIT_STRING *signature;
    unsigned char *der = NULL;
    int len = i2d_ASN1_INTEGER(serial, &der);
    assert_true(len > 0 && span_eq(span_of(der, (size_t)len), c->serial_der));
    OPENSSL_free(der);
    assert_true(instant_of(X509_get0_notBefore(x)) == c->facts.not_before);
    assert_true(instant_of(X509_get0_notAfter(x)) == c->facts.not_after);
    same_name(X509_get_issuer_name(x), c->issuer);
    same_name(X509_get_subject_name(x), c->subject);
    same_key(x, c);
    if (c->facts.odd == 0) { /* OpenSSL tells none of what it calls invalid */
        same_octets(X509_get0_subject_key_id(x), c->facts.ski, c->facts.ski_len);
        same_octets(X509_get0_authority_key_id(x), c->facts.aki, c->facts.aki_len);
    }
    if ((c->facts.odd >> ODD_BASIC & 1) == 0)
        assert_int_equal((X509_get_extension_flags(x) & EXFLAG_CA) != 0, c->facts.ca);
    assert_true((X509_get_extension_flags(x) & EXFLAG_CA) == 0 || (c->facts.unfit >> UNFIT_CA & 1) != 0);
    assert_int_equal(X509_get_ext_count(x), c->ext_count);
    X509_get0_signature(&signature, NULL, x);
    assert_true(span_eq(span_of(signature->data, (size_t)signature->length), c->signature));
}

/* d2i_X509 reads extensions lazily: X509_check_purpose makes it look, and marks what it cannot read as invalid: that we
   read as well, and note. */
static bool openssl_accepts(struct span der, bool noted, X509 **out) {
    const unsigned char *p = der.ptr;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    bool whole = x != NULL && p == der.ptr + der.len;
    if (whole)
        X509_check_purpose(x, -1, 0);
    ERR_clear_error();
    if (whole && (noted || (X509_get_extension_flags(x) & EXFLAG_INVALID) == 0)) {
        *out = x;
        return true;
    }
    X509_free(x);
    return false;
}

static void compare(struct span der, struct tally *t) {
    struct cert c;
    X509 *x = NULL;
    t->tried++;
    if (cert_parse(der, &c) != RC_OK)
        return;
    t->ours++;
    if (!openssl_accepts(der, c.facts.odd != 0, &x))
        fail_msg("accepted although OpenSSL refuses it, after %ld tries", t->tried);
    t->both++;
    same(x, &c);
    X509_free(x);
}

static void mutate(struct span der, struct tally *t) {
    AUTO(buf) copy = {0};
    MUST_OK(buf_add_span(&copy, der));
    for (size_t i = 0; i < der.len; i++) {
        const uint8_t was = der.ptr[i];
        for (int bit = 0; bit < 8; bit++) {
            copy.data[i] = was ^ (uint8_t)(1 << bit);
            compare(buf_span(&copy), t);
        }
        copy.data[i] = 0x00;
        compare(buf_span(&copy), t);
        copy.data[i] = 0xff;
        compare(buf_span(&copy), t);
        copy.data[i] = (uint8_t)(was + 1);
        compare(buf_span(&copy), t);
        copy.data[i] = was;
    }
    assert_true(span_eq(buf_span(&copy), der));
}

/* A byte too few, one too many, two bytes swapped. */
static void reshape(struct span der, struct tally *t) {
    AUTO(buf) copy = {0};
    MUST_OK(buf_reserve(&copy, der.len + 1));
    for (size_t i = 0; i < der.len; i++) {
        compare(span_of(der.ptr, i), t);
        memcpy(copy.data, der.ptr, i);
        memcpy(copy.data + i, der.ptr + i + 1, der.len - i - 1);
        compare(span_of(copy.data, der.len - 1), t);
        copy.data[i] = 0;
        memcpy(copy.data + i + 1, der.ptr + i, der.len - i);
        compare(span_of(copy.data, der.len + 1), t);
        memcpy(copy.data, der.ptr, der.len);
        copy.data[i] = der.ptr[(i + 1) % der.len];
        copy.data[(i + 1) % der.len] = der.ptr[i];
        compare(span_of(copy.data, der.len), t);
    }
}

static void judge(const char *name, struct span der) {
    struct tally t = {0};
    compare(der, &t);
    assert_int_equal(t.both, 1);
    mutate(der, &t);
    reshape(der, &t);
    print_message("%s: %ld changed certificates, %ld accepted by us, all of them by OpenSSL and read the same\n", name,
                  t.tried, t.ours);
    assert_true(t.ours > 300 && t.ours < t.tried);
}

static void reads_public_certificates_as_openssl_does(void **state) {
    (void)state;
    static const char *const files[] = {"ca/viettel-ca-2015-2020.pem", "ca/viettel-ca-2010-2015.pem",
                                        "ca/viettel-ca-rs-2022-2027.pem", "ca/mic-national-root-ca-2008-2040.pem"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[PATH_CAP];
        AUTO(buf) pem = {0};
        AUTO(buf) der = {0};
        data_path(files[i], path);
        MUST_OK(fs_read(path, 65536, &pem));
        MUST_OK(cert_from_pem_or_der(buf_span(&pem), &der));
        judge(files[i], buf_span(&der));
    }
}

static void reads_minted_certificates_as_openssl_does(void **state) {
    (void)state;
    struct pki_world w;
    AUTO(buf) tbs = {0};
    AUTO(buf) renewed = {0};
    AUTO(buf) tls = {0};
    AUTO_PTR(key) ec = NULL;
    char path[PATH_CAP];
    pki_world_open(&w);
    const struct profile_input in = pki_world_input(&w);
    MUST_OK(profile_tbs(&in, &tbs));
    pki_world_issue(&w, buf_span(&tbs), &renewed);
    pki_world_path(&w, "tls.key", path);
    MUST_OK(key_make_file(path, 0, &ec));
    MUST_OK(mint_tls(ec, "capbu.example", NEW_CA_FROM, NEW_CA_TO, &tls));
    judge("subscriber of 2018", buf_span(&w.sub_der));
    judge("renewed", buf_span(&renewed));
    judge("TLS, EC", buf_span(&tls));
    pki_world_free(&w);
}

/* Every kind of general name, constraint and purpose that the reader knows, by OpenSSL's own extension writer. */
static void reads_every_extension_as_openssl_does(void **state) {
    (void)state;
    static const struct {
        int nid;
        const char *value;
    } extensions[] = {
        {NID_basic_constraints, "critical,CA:TRUE,pathlen:3"},
        {NID_key_usage, "critical,digitalSignature,keyCertSign,decipherOnly"},
        {NID_ext_key_usage, "clientAuth,emailProtection,1.3.6.1.4.1.311.10.3.12"},
        {NID_subject_alt_name,
         "email:a@b.vn,DNS:x.vn,URI:http://x.vn/,IP:10.0.0.1,IP:::1,dirName:dn,otherName:1.2.3;UTF8:Hà"},
        {NID_name_constraints, "permitted;DNS:vn,excluded;IP:10.0.0.0/255.0.0.0"},
        {NID_crl_distribution_points, "point"},
        {NID_info_access, "OCSP;URI:http://ocsp.x.vn,caIssuers;URI:http://x.vn/ca.crt"},
        {NID_certificate_policies, "1.2.3.4"},
        {NID_netscape_cert_type, "client,email"},
        {NID_subject_key_identifier, "hash"},
    };
    static const char conf_text[] =
        "[dn]\nC=VN\nCN=Tên\n[point]\nfullname=URI:http://x.vn/c.crl\nCRLissuer=dirName:dn\n"
        "reasons=keyCompromise,CACompromise\n";
    OSSL_AUTO(EVP_PKEY) key = EVP_EC_gen("P-384");
    OSSL_AUTO(X509) x = X509_new();
    OSSL_AUTO(BIO) text = BIO_new_mem_buf(conf_text, -1);
    CONF *conf = NCONF_new(NULL);
    X509V3_CTX ctx;
    assert_true(NCONF_load_bio(conf, text, NULL) == 1);
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    assert_true(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const uint8_t *)"Thử", -1, -1, 0));
    X509_set_issuer_name(x, X509_get_subject_name(x));
    ASN1_TIME_set(X509_getm_notBefore(x), NEW_CA_FROM);
    ASN1_TIME_set_string(X509_getm_notAfter(x), "20510101000000Z");
    X509_set_pubkey(x, key);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509V3_set_nconf(&ctx, conf);
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        X509_EXTENSION *e = X509V3_EXT_nconf_nid(conf, &ctx, extensions[i].nid, extensions[i].value);
        if (e == NULL)
            fail_msg("OpenSSL does not make %s", extensions[i].value);
        X509_add_ext(x, e, -1);
        X509_EXTENSION_free(e);
    }
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int len = i2d_X509(x, &der);
    assert_true(len > 0);
    judge("every extension", span_of(der, (size_t)len));
    OPENSSL_free(der);
    NCONF_free(conf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_public_certificates_as_openssl_does),
        cmocka_unit_test(reads_minted_certificates_as_openssl_does),
        cmocka_unit_test(reads_every_extension_as_openssl_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
