/* Nothing is signed that leaves the bounds of a renewal (R5.7, R5.9): one deviation at a time from a good certificate.
 */
#include "lib/must.h"
#include "lib/pki_world.h"

#include <string.h>

#include "pki/ca/tbs.h"
#include "pki/cert/oid.h"

static struct buf good; /* TBS */
static struct cert parts;

static int open_world(void **state) {
    (void)state;
    pki_world_open(&world);
    const struct profile_input in = pki_world_input(&world);
    MUST_OK(profile_tbs(&in, &good));
    static struct buf kept;
    pki_world_issue(&world, buf_span(&good), &kept);
    MUST_OK(cert_parse(buf_span(&kept), &parts));
    return 0;
}

static int close_world(void **state) {
    (void)state;
    buf_free(&good);
    pki_world_free(&world);
    return 0;
}

static struct tbs_head head(void) {
    return (struct tbs_head){parts.serial, parts.sig_alg, parts.issuer, parts.subject,
                             parts.spki,   DRILL_NOW,     CONTRACT_END};
}

/* The good certificate with another head, without the extension `drop`, with `add` behind. */
static void build(const struct tbs_head *h, struct span drop, struct span add, struct buf *tbs) {
    AUTO(derw) w = {0};
    tbs_begin(&w, h);
    for (size_t i = 0; i < parts.ext_count; i++)
        if (!span_eq(parts.ext[i].oid, drop))
            derw_raw(&w, parts.ext[i].whole);
    derw_raw(&w, add);
    tbs_end(&w);
    MUST_OK(derw_end(&w));
    MUST_OK(buf_set(tbs, buf_span(&w.out)));
}

static void refuses(struct span tbs, const struct profile_bounds *b, const char *why) {
    MUST_FAIL(RC_REFUSED, profile_check(tbs, b));
    if (strstr(err_text(), why) == NULL)
        fail_msg("\"%s\" does not say %s", err_text(), why);
}

static void refuses_head(struct tbs_head h, const char *why) {
    const struct profile_bounds b = pki_world_bounds(&world);
    AUTO(buf) tbs = {0};
    build(&h, OID(""), OID(""), &tbs);
    refuses(buf_span(&tbs), &b, why);
}

static void refuses_ext(struct span drop, struct span add, const char *why) {
    const struct profile_bounds b = pki_world_bounds(&world);
    const struct tbs_head h = head();
    AUTO(buf) tbs = {0};
    build(&h, drop, add, &tbs);
    refuses(buf_span(&tbs), &b, why);
}

static void lets_the_good_one_pass(void **state) {
    (void)state;
    const struct profile_bounds b = pki_world_bounds(&world);
    const struct tbs_head h = head();
    AUTO(buf) rebuilt = {0};
    MUST_OK(profile_check(buf_span(&good), &b));
    build(&h, OID(""), OID(""), &rebuilt);
    assert_true(span_eq(buf_span(&rebuilt), buf_span(&good)));
    build(&h, OID_AIA, OID(""), &rebuilt); /* may be left out */
    MUST_OK(profile_check(buf_span(&rebuilt), &b));
}

static void holds_the_names(void **state) {
    (void)state;
    struct tbs_head h = head();
    h.issuer = ca_cert(world.old_ca)->subject;
    refuses_head(h, "issuer");
    h = head();
    h.subject = ca_cert(world.old_ca)->subject;
    refuses_head(h, "subject");
    struct profile_bounds b = pki_world_bounds(&world);
    b.old_cert = ca_cert(world.old_ca);
    h.spki = b.old_cert->spki;
    AUTO(buf) tbs = {0};
    build(&h, OID(""), OID(""), &tbs);
    refuses(buf_span(&tbs), &b, "is a CA's");
}

static void holds_the_key(void **state) {
    (void)state;
    AUTO(buf) spki = {0};
    AUTO(buf) tbs = {0};
    struct profile_input in = pki_world_input(&world);
    struct profile_bounds b = pki_world_bounds(&world);
    MUST_OK(key_spki(world.old_key, &spki));
    in.spki = buf_span(&spki);
    MUST_OK(profile_tbs(&in, &tbs));
    refuses(buf_span(&tbs), &b, "R5.9");
    b.spki = buf_span(&spki);
    MUST_OK(profile_check(buf_span(&tbs), &b));
    refuses(buf_span(&good), &b, "R5.9"); /* the old key is not what was asked for then */
    struct tbs_head h = head();
    h.spki = buf_span(&spki); /* a new key under the old one's identifier */
    build(&h, OID(""), OID(""), &tbs);
    refuses(buf_span(&tbs), &b, "another key");
    h.spki = OID("\x30\x0a\x30\x05\x06\x03\x2b\x65\x70\x03\x01\x00");
    build(&h, OID(""), OID(""), &tbs);
    refuses(buf_span(&tbs), &b, "kind of key");
    h.spki =
        OID("\x30\x1b\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x0a\x00\x30\x07\x02\x02\x00\xff"
            "\x02\x01\x03");
    b.spki = h.spki;
    build(&h, OID(""), OID(""), &tbs);
    refuses(buf_span(&tbs), &b, "8 bits");
}

static void holds_the_window(void **state) {
    (void)state;
    struct tbs_head h = head();
    h.not_after = CONTRACT_END + 1;
    refuses_head(h, "after the contract");
    h = head();
    h.not_before = NEW_CA_FROM - 1;
    refuses_head(h, "CA's own");
    h = head();
    h.not_before = h.not_after;
    refuses_head(h, "empty");
    h.not_before++;
    refuses_head(h, "ends before");
    struct profile_bounds b = pki_world_bounds(&world);
    AUTO(buf) tbs = {0};
    b.latest_end = NEW_CA_TO + 10; /* a contract longer than the CA */
    h = head();
    h.not_after = NEW_CA_TO;
    build(&h, OID(""), OID(""), &tbs);
    MUST_OK(profile_check(buf_span(&tbs), &b));
    h.not_after++;
    build(&h, OID(""), OID(""), &tbs);
    refuses(buf_span(&tbs), &b, "CA's own");
}

static void holds_the_shape(void **state) {
    (void)state;
    struct tbs_head h = head();
    h.serial = OID("\x43 fifteen bytes");
    refuses_head(h, "serial");
    h.serial = OID("\x43 fifteen bytes and more");
    refuses_head(h, "");
    h.serial = OID("\x80 sixteen bytes.");
    refuses_head(h, "serial");
    h = head();
    h.sig_alg = world.sub.sig_alg; /* SHA-1 */
    refuses_head(h, "SHA-256");
    h.sig_alg = OID("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
    refuses_head(h, "SHA-256");
    const struct profile_bounds b = pki_world_bounds(&world);
    refuses(span_of(good.data, good.len - 1), &b, "not signed");
    AUTO(buf) huge = {0};
    MUST_OK(buf_reserve(&huge, CERT_LIMIT));
    memset(huge.data, 0x30, CERT_LIMIT);
    refuses(span_of(huge.data, CERT_LIMIT), &b, "at most");
}

static void wants_what_rfc_5280_wants(void **state) {
    (void)state;
    refuses_ext(OID_SKI, OID(""), "subjectKeyIdentifier is missing");
    refuses_ext(OID_AKI, OID(""), "authorityKeyIdentifier is missing");
    refuses_ext(OID_BASIC, OID(""), "basicConstraints is missing");
    refuses_ext(OID_KEY_USAGE, OID(""), "keyUsage is missing");
    refuses_ext(OID_KEY_USAGE, OID("\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x05\xe0"), "must be critical");
    refuses_ext(OID_BASIC, OID("\x30\x09\x06\x03\x55\x1d\x13\x04\x02\x30\x00"), "must be critical");
    refuses_ext(OID_SKI, OID("\x30\x0d\x06\x03\x55\x1d\x0e\x01\x01\xff\x04\x03\x04\x01\x01"), "not be critical");
}

static void lets_no_power_be_added(void **state) {
    (void)state;
    const struct span ca_basic = cert_ext_find(ca_cert(world.new_ca), OID_BASIC)->whole;
    const struct span ca_usage = cert_ext_find(ca_cert(world.new_ca), OID_KEY_USAGE)->whole;
    refuses_ext(OID_BASIC, ca_basic, "no CA is made here");
    refuses_ext(OID_KEY_USAGE, ca_usage, "sign certificates");
    refuses_ext(OID_KEY_USAGE, OID("\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x07\x80"),
                "old certificate's");
    refuses_ext(OID(""), OID("\x30\x13\x06\x03\x55\x1d\x25\x04\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"),
                "did not have"); /* EKU serverAuth */
    refuses_ext(OID(""), OID("\x30\x0d\x06\x03\x55\x1d\x11\x04\x06\x30\x04\x82\x02\x76\x6e"), "did not have"); /* SAN */
    refuses_ext(OID(""), OID("\x30\x09\x06\x03\x2a\x03\x04\x04\x02\x05\x00"), "not issued here");
    refuses_ext(OID_AKI, OID("\x30\x0c\x06\x03\x55\x1d\x23\x04\x05\x30\x03\x80\x01\x05"), "identifier alone");
    refuses_ext(OID_SKI, OID("\x30\x0a\x06\x03\x55\x1d\x0e\x04\x03\x04\x01\x01"), "another key");
}

/* The CA's key identifier, and beside it a name and serial number that could lead elsewhere. */
static void wants_the_key_identifier_alone(void **state) {
    (void)state;
    const struct cert *ca = ca_cert(world.new_ca);
    AUTO(derw) w = {0};
    tbs_ext_open(&w, OID_AKI, false);
    derw_open(&w, DER_SEQUENCE);
    derw_put(&w, DER_CONTEXT(0), span_of(ca->facts.ski, ca->facts.ski_len));
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(1));
    derw_open(&w, DER_CONTEXT_CONSTRUCTED(4));
    derw_raw(&w, ca->issuer);
    derw_close(&w);
    derw_close(&w);
    derw_put(&w, DER_CONTEXT(2), ca->serial);
    derw_close(&w);
    tbs_ext_close(&w);
    MUST_OK(derw_end(&w));
    refuses_ext(OID_AKI, buf_span(&w.out), "identifier alone");
}

static void lets_no_address_be_bent(void **state) {
    (void)state;
    const struct span old_points = cert_ext_find(&world.sub, OID_CRL_POINTS)->whole; /* with a cRLIssuer */
    refuses_ext(OID_CRL_POINTS, old_points, "cRLDistributionPoints");
    refuses_ext(OID_CRL_POINTS,
                OID("\x30\x18\x06\x03\x55\x1d\x1f\x04\x11\x30\x0f\x30\x0d\xa0\x0b\xa0\x09\x86\x07"
                    "ftp://x"),
                "no http address");
    refuses_ext(OID_AIA,
                OID("\x30\x23\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x01\x04\x17\x30\x15\x30\x13\x06\x08\x2b\x06\x01\x05"
                    "\x05\x07\x30\x02\x86\x07http://"),
                "not an OCSP address"); /* caIssuers */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_the_good_one_pass),
        cmocka_unit_test(holds_the_names),
        cmocka_unit_test(holds_the_key),
        cmocka_unit_test(holds_the_window),
        cmocka_unit_test(holds_the_shape),
        cmocka_unit_test(wants_what_rfc_5280_wants),
        cmocka_unit_test(lets_no_power_be_added),
        cmocka_unit_test(lets_no_address_be_bent),
        cmocka_unit_test(wants_the_key_identifier_alone),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
