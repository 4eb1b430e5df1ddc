/* The certificate reader by itself: what it finds, what it refuses and why, names as text, PEM. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"

#include <string.h>

#include "base/hex.h"
#include "pki/cert/oid.h"

static void read_file(const char *name, struct buf *der) {
    char path[PATH_CAP];
    AUTO(buf) pem = {0};
    data_path(name, path);
    MUST_OK(fs_read(path, 65536, &pem));
    MUST_OK(cert_from_pem_or_der(buf_span(&pem), der));
}

static void finds_the_facts_of_the_old_ca(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    AUTO(buf) text = {0};
    struct cert c;
    char ski[2 * KEY_ID_MAX + 1];
    read_file("ca/viettel-ca-2015-2020.pem", &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    hex_to(c.facts.ski, c.facts.ski_len, ski);
    assert_string_equal(ski, "0860E61F1B14D948800B5EA75C73252C200DF9D6"); /* domain.md */
    assert_true(c.facts.not_before == OLD_CA_FROM && c.facts.not_after == OLD_CA_TO);
    assert_true(c.facts.ca && c.facts.key_kind == KEY_RSA && c.facts.key_bits == 2048);
    assert_int_equal(c.facts.aki_len, 20);
    assert_true(c.facts.issuer == ISSUER_OTHER && !c.facts.signature_ok); /* not the reader's to say */
    MUST_OK(cert_name_format(c.subject, &text));
    assert_string_equal(buf_str(&text), "CN=Viettel-CA, O=Viettel Group, C=VN");
    assert_int_equal(c.ext_count, 6);
    assert_non_null(cert_ext_find(&c, OID_AIA));
    assert_null(cert_ext_find(&c, OID_EKU));
}

static void finds_the_parts_of_a_subscriber(void **state) {
    (void)state;
    const struct cert *c = &world.sub;
    char serial[2 * SERIAL_MAX + 2];
    AUTO(buf) text = {0};
    serial_to_hex(c->facts.serial, c->facts.serial_len, serial);
    assert_string_equal(serial, "5404FFFEB7033FB316D672201B7B4685");
    MUST_OK(cert_name_get(c->subject, OID_UID, &text));
    assert_string_equal(buf_str(&text), "MST:0100109106");
    buf_clear(&text);
    MUST_OK(cert_name_format(c->subject, &text));
    assert_string_equal(buf_str(&text), "C=VN, L=HÀ NỘI, CN=CÔNG TY TNHH MẪU\\, CHI NHÁNH A, UID=MST:0100109106");
    MUST_FAIL(RC_NOT_FOUND, cert_name_get(c->subject, OID_EMAIL, &text));
    assert_true(cert_ext_find(c, OID_KEY_USAGE)->critical);
    assert_false(c->facts.ca);
    assert_true(cert_same_key(c, c));
    assert_false(cert_same_key(c, ca_cert(world.old_ca)));
}

/* A certificate taken apart and put together again with one part replaced. The signature no longer holds: not asked. */
static void rebuild(const struct cert *c, struct span part, struct span instead, struct buf *out) {
    AUTO(buf) tbs_inside = {0};
    AUTO(derw) w = {0};
    struct der outer = der_open(c->tbs), inside;
    size_t at;
    MUST_OK(der_enter(&outer, DER_SEQUENCE, &inside));
    at = (size_t)(part.ptr - inside.rest.ptr);
    MUST_OK(buf_add(&tbs_inside, inside.rest.ptr, at));
    MUST_OK(buf_add_span(&tbs_inside, instead));
    MUST_OK(buf_add(&tbs_inside, part.ptr + part.len, inside.rest.len - at - part.len));
    derw_open(&w, DER_SEQUENCE);
    derw_put(&w, DER_SEQUENCE, buf_span(&tbs_inside));
    derw_raw(&w, c->sig_alg);
    derw_bits(&w, c->signature, 0);
    derw_close(&w);
    MUST_OK(derw_end(&w));
    MUST_OK(buf_set(out, buf_span(&w.out)));
}

/* Refused with RC_INPUT, and the text names the place; what was in `out` before stays. */
static void refuses(struct span part, struct span instead, const char *place) {
    AUTO(buf) der = {0};
    struct cert c;
    memset(&c, 0x5a, sizeof c);
    rebuild(&world.sub, part, instead, &der);
    MUST_FAIL(RC_INPUT, cert_parse(buf_span(&der), &c));
    if (strstr(err_text(), place) == NULL)
        fail_msg("\"%s\" does not name %s", err_text(), place);
    assert_int_equal(((uint8_t *)&c)[0], 0x5a);
}

/* Read, with a note of where it is odd, and of what it is unfit for. UNFIT_COUNT: for nothing. */
static void notes_in(struct span der, enum oddity odd, enum unfit unfit) {
    struct cert c;
    MUST_OK(cert_parse(der, &c));
    if (c.facts.odd != UINT32_C(1) << odd)
        fail_msg("odd %x instead of %s alone", c.facts.odd, oddity_name(odd));
    assert_int_equal(c.facts.unfit, unfit == UNFIT_COUNT ? 0 : UINT32_C(1) << unfit);
}

static void notes(struct span part, struct span instead, enum oddity odd, enum unfit unfit) {
    AUTO(buf) der = {0};
    rebuild(&world.sub, part, instead, &der);
    notes_in(buf_span(&der), odd, unfit);
}

/* The same certificate with these Extension elements, their two frames written anew. */
static void rebuild_exts(struct span list, struct buf *out) {
    AUTO(derw) framed = {0};
    const struct cert *c = &world.sub;
    const uint8_t *after_key = c->spki.ptr + c->spki.len;
    derw_open(&framed, DER_CONTEXT_CONSTRUCTED(3));
    derw_put(&framed, DER_SEQUENCE, list);
    derw_close(&framed);
    MUST_OK(derw_end(&framed));
    rebuild(c, span_of(after_key, (size_t)(c->tbs.ptr + c->tbs.len - after_key)), buf_span(&framed.out), out);
}

/* One extension added behind those of the subscriber, `without` left out. */
static void with_ext(struct span without, struct span added, struct buf *der) {
    AUTO(buf) list = {0};
    struct cert c;
    for (size_t i = 0; i < world.sub.ext_count; i++)
        if (!span_eq(world.sub.ext[i].oid, without))
            MUST_OK(buf_add_span(&list, world.sub.ext[i].whole));
    rebuild_exts(buf_span(&list), der);
    MUST_OK(cert_parse(buf_span(der), &c)); /* so the added one is to blame */
    assert_int_equal(c.facts.odd | c.facts.unfit, 0);
    MUST_OK(buf_add_span(&list, added));
    rebuild_exts(buf_span(&list), der);
}

static void notes_ext(struct span without, struct span added, enum oddity odd, enum unfit unfit) {
    AUTO(buf) der = {0};
    with_ext(without, added, &der);
    notes_in(buf_span(&der), odd, unfit);
}

/* Lawful: nothing to note, nothing against a renewal. */
static void takes_ext(struct span added) {
    AUTO(buf) der = {0};
    struct cert c;
    with_ext(OID(""), added, &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_int_equal(c.facts.odd | c.facts.unfit, 0);
}

static void refuses_bad_serial_numbers(void **state) {
    (void)state;
    refuses(world.sub.serial_der, OID("\x02\x02\x00\x01"), "serial number"); /* not the shortest */
    refuses(world.sub.serial_der, OID("\x02\x00"), "serial number");         /* empty */
    refuses(world.sub.serial_der, OID("\x02\x16\x01 twenty bytes and one"), "serial number");
    notes(world.sub.serial_der, OID("\x02\x01\x80"), ODD_SERIAL, UNFIT_COUNT);                     /* negative */
    notes(world.sub.serial_der, OID("\x02\x15\x01twenty bytes and one"), ODD_SERIAL, UNFIT_COUNT); /* 4.1.2.2 */
}

static void refuses_bad_names(void **state) {
    (void)state;
    const struct span subject = world.sub.subject;
    refuses(subject, OID("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02\xc3\x28"), "no character"); /* UTF-8 */
    refuses(subject, OID("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02\x41\x00"), "no character"); /* NUL */
    refuses(subject, OID("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\xd8\x00"),
            "no character");                                                                           /* surrogate */
    refuses(subject, OID("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x1e\x01\x41"), "no character"); /* half BMP */
    refuses(subject, OID("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01\xe9"), "no character"); /* no ASCII */
    refuses(subject, OID("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x02\x01\x00"), "no text");      /* no text */
    notes(subject, OID("\x30\x02\x31\x00"), ODD_SUBJECT, UNFIT_NAME);                                  /* empty RDN */
    notes(world.sub.issuer, OID("\x30\x02\x31\x00"), ODD_ISSUER, UNFIT_NAME);
}

#define RSA_HEAD "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"

static void reads_keys_that_cannot_be_one(void **state) {
    (void)state;
    const struct span spki = world.sub.spki;
    notes(spki, OID("\x30\x1b" RSA_HEAD "\x03\x0a\x00\x30\x07\x02\x02\x00\xff\x02\x01\x01"), ODD_KEY,
          UNFIT_KEY); /* 1 */
    notes(spki, OID("\x30\x1b" RSA_HEAD "\x03\x0a\x00\x30\x07\x02\x02\x00\xff\x02\x01\x04"), ODD_KEY,
          UNFIT_KEY); /* even */
    notes(spki, OID("\x30\x1b" RSA_HEAD "\x03\x0a\x00\x30\x07\x02\x02\x00\xfe\x02\x01\x03"), ODD_KEY,
          UNFIT_KEY); /* even */
    notes(spki, OID("\x30\x1a" RSA_HEAD "\x03\x09\x00\x30\x06\x02\x01\xff\x02\x01\x03"), ODD_KEY, UNFIT_KEY);
    notes(spki,
          OID("\x30\x23" RSA_HEAD "\x03\x12\x00\x30\x0f\x02\x02\x00\xff\x02\x09"
              "\x01"
              "exponenu"),
          ODD_KEY, UNFIT_KEY);
    notes(spki,
          OID("\x30\x19\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x03\x0a\x00\x30\x07"
              "\x02\x02\x00\xff\x02\x01\x03"),
          ODD_KEY, UNFIT_KEY);
    notes(spki,
          OID("\x30\x1a\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01"
              "\x07\x03\x03\x00\x02\x01"),
          ODD_KEY, UNFIT_KEY);
    notes(spki, OID("\x30\x12\x30\x0b\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x30\x00\x03\x03\x00\x04\x01"), ODD_KEY,
          UNFIT_KEY);
}

/* The largest modulus that is read has 16384 bits. */
static void limits_the_modulus(void **state) {
    (void)state;
    static uint8_t modulus[2049] = {1};
    modulus[2048] = 1;
    for (size_t skip = 0; skip < 2; skip++) {
        AUTO(derw) key = {0};
        AUTO(derw) w = {0};
        AUTO(buf) der = {0};
        struct cert c;
        modulus[1] = 0x80;
        derw_open(&key, DER_SEQUENCE);
        derw_integer(&key, span_of(modulus + skip, sizeof modulus - skip));
        derw_small(&key, 65537);
        derw_close(&key);
        derw_open(&w, DER_SEQUENCE);
        derw_raw(&w, OID(RSA_HEAD));
        derw_bits(&w, buf_span(&key.out), 0);
        derw_close(&w);
        MUST_OK(derw_end(&w));
        rebuild(&world.sub, world.sub.spki, buf_span(&w.out), &der);
        MUST_OK(cert_parse(buf_span(&der), &c));
        assert_int_equal(c.facts.key_kind, skip == 0 ? KEY_OTHER : KEY_RSA);
        assert_int_equal(c.facts.key_bits, skip == 0 ? 0 : 16384);
        assert_int_equal(c.facts.unfit, 1 << UNFIT_KEY); /* nobody verifies with so large a key */
    }
}

static void reads_other_keys_as_other(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    rebuild(&world.sub, world.sub.spki, OID("\x30\x0a\x30\x05\x06\x03\x2b\x65\x70\x03\x01\x00"), &der); /* Ed25519 */
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_int_equal(c.facts.key_kind, KEY_OTHER);
    assert_int_equal(c.facts.key_bits, 0);
    MUST_FAIL(RC_CRYPTO, key_verify(&c, span_str("x"), span_str("y")));
}

static void reads_odd_extensions_with_a_note(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    with_ext(OID_SKI, cert_ext_find(&world.sub, OID_KEY_USAGE)->whole, &der);
    MUST_FAIL(RC_INPUT, cert_parse(buf_span(&der), &c)); /* twice */
    notes_ext(OID_SKI, OID("\x30\x09\x06\x03\x55\x1d\x0e\x04\x02\x04\x00"), ODD_SKI, UNFIT_COUNT);
    notes_ext(OID_SKI, OID("\x30\x0b\x06\x03\x55\x1d\x0e\x04\x04\x04\x01\x01\x00"), ODD_SKI, UNFIT_COUNT);
    notes_ext(OID_KEY_USAGE, OID("\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x00\xa0"), ODD_KEY_USAGE, UNFIT_COUNT);
    notes_ext(OID_KEY_USAGE, OID("\x30\x0a\x06\x03\x55\x1d\x0f\x04\x03\x03\x01\x00"), ODD_KEY_USAGE, UNFIT_USAGE);
    notes_ext(OID_BASIC, OID("\x30\x0c\x06\x03\x55\x1d\x13\x04\x05\x30\x03\x02\x01\x00"), ODD_BASIC, UNFIT_CA);
    notes_ext(OID_BASIC, OID("\x30\x0f\x06\x03\x55\x1d\x13\x04\x08\x30\x06\x01\x01\xff\x02\x01\xff"), ODD_BASIC,
              UNFIT_CA);
    notes_ext(OID_AKI, OID("\x30\x0c\x06\x03\x55\x1d\x23\x04\x05\x30\x03\x82\x01\x05"), ODD_AKI, UNFIT_COUNT);
    notes_ext(OID(""), OID("\x30\x10\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x0e\x04\x04\x30\x02\x30\x00"), ODD_OTHER,
              UNFIT_COUNT); /* a proxy's */
}

/* What would be copied is read to its end before the new CA signs it. */
static void reads_what_would_be_copied(void **state) {
    (void)state;
#define SAN(len2, len1, value) OID("\x30" len2 "\x06\x03\x55\x1d\x11\x04" len1 value)
    takes_ext(SAN("\x0e", "\x07", "\x30\x05\x88\x03\x2a\x03\x04"));                             /* registeredID */
    takes_ext(SAN("\x14", "\x0d", "\x30\x0b\xa0\x09\x06\x03\x2a\x03\x04\xa0\x02\x05\x00"));     /* otherName: NULL */
    takes_ext(SAN("\x15", "\x0e", "\x30\x0c\xa0\x0a\x06\x02\x2a\x03\xa0\x04\x1e\x02\x01\x10")); /* BMPString */
    notes_ext(OID(""), SAN("\x0b", "\x04", "\x30\x02\x88\x00"), ODD_SAN, UNFIT_COPIED);         /* no arcs */
    notes_ext(OID(""), SAN("\x0c", "\x05", "\x30\x03\x88\x01\x80"), ODD_SAN, UNFIT_COPIED);     /* an arc without end */
    notes_ext(OID(""), SAN("\x14", "\x0d", "\x30\x0b\xa0\x09\x06\x02\x2a\x03\xa0\x03\x1e\x01\x10"), ODD_SAN,
              UNFIT_COPIED);                                                                /* half a character */
    notes_ext(OID(""), SAN("\x0c", "\x05", "\x30\x03\x82\x01\x00"), ODD_SAN, UNFIT_COPIED); /* NUL */
    notes_ext(OID(""), SAN("\x0c", "\x05", "\x30\x03\x87\x01\x7f"), ODD_SAN, UNFIT_COPIED); /* an IP address */
    notes_ext(OID(""), SAN("\x09", "\x02", "\x30\x00"), ODD_SAN, UNFIT_COPIED);             /* no name */
#undef SAN
#define POLICIES(len2, len1, value) OID("\x30" len2 "\x06\x03\x55\x1d\x20\x04" len1 value)
    takes_ext(POLICIES("\x0e", "\x07", "\x30\x05\x30\x03\x06\x01\x2a"));
    takes_ext(POLICIES("\x17", "\x10", "\x30\x0e\x30\x0c\x06\x01\x2a\x30\x07\x30\x05\x06\x01\x2a\x16\x00"));
    notes_ext(OID(""), POLICIES("\x09", "\x02", "\x30\x00"), ODD_POLICIES, UNFIT_COPIED);
    notes_ext(OID(""), POLICIES("\x0b", "\x04", "\x30\x02\x30\x00"), ODD_POLICIES, UNFIT_COPIED);
    notes_ext(OID(""), POLICIES("\x10", "\x09", "\x30\x07\x30\x05\x06\x01\x2a\x30\x00"), ODD_POLICIES, UNFIT_COPIED);
    notes_ext(OID(""), POLICIES("\x0b", "\x04", "rubb"), ODD_POLICIES, UNFIT_COPIED);
#undef POLICIES
}

/* 2018 as a GeneralizedTime: what old tools wrote, and what it means is plain. */
static void reads_a_generalized_time_before_2050(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    struct span validity = {world.sub.issuer.ptr + world.sub.issuer.len, 32};
    rebuild(&world.sub, validity,
            OID("\x30\x22\x18\x0f"
                "20180717020000Z\x18\x0f"
                "20201002024220Z"),
            &der);
    notes_in(buf_span(&der), ODD_TIME, UNFIT_COUNT);
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_int_equal(c.facts.not_after, OLD_CA_TO);
    refuses(validity,
            OID("\x30\x22\x18\x0f"
                "20181317020000Z\x18\x0f"
                "20201002024220Z"),
            "notBefore"); /* no month */
    refuses(validity,
            OID("\x30\x20\x18\x0d"
                "201807170200Z\x18\x0f"
                "20201002024220Z"),
            "notBefore"); /* no seconds */
}

/* What nothing new can be made of, in certificates that are as RFC 5280 has them. */
static void tells_what_is_unfit(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    const struct {
        struct span without, added;
        enum unfit unfit;
    } rows[] = {
        {OID_BASIC, OID("\x30\x0c\x06\x03\x55\x1d\x13\x04\x05\x30\x03\x01\x01\xff"), UNFIT_CA},
        {OID_KEY_USAGE, OID("\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x01\xe2"), UNFIT_USAGE}, /* cRLSign */
        {OID_KEY_USAGE, OID("\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x06\x40"), UNFIT_USAGE}, /* no signing */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        with_ext(rows[i].without, rows[i].added, &der);
        MUST_OK(cert_parse(buf_span(&der), &c));
        assert_int_equal(c.facts.odd, 0);
        assert_int_equal(c.facts.unfit, 1 << rows[i].unfit);
    }
    rebuild(&world.sub, world.sub.subject, OID("\x30\x00"), &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_int_equal(c.facts.unfit, 1 << UNFIT_NAME);
}

/* BOOLEAN DEFAULT FALSE written out: not DER, but certificates of other CAs have it and must not look malformed. */
static void tolerates_an_explicit_false(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    rebuild_exts(OID("\x30\x0f\x06\x03\x55\x1d\x13\x01\x01\x00\x04\x05\x30\x03\x01\x01\x00"), &der);
    MUST_OK(cert_parse(buf_span(&der), &c));
    assert_true(!c.facts.ca && !c.ext[0].critical);
}

static void refuses_what_is_around(void **state) {
    (void)state;
    AUTO(buf) der = {0};
    struct cert c;
    MUST_OK(buf_set(&der, buf_span(&world.sub_der)));
    MUST_OK(buf_add_char(&der, 0));
    MUST_FAIL(RC_INPUT, cert_parse(buf_span(&der), &c)); /* a byte behind */
    MUST_FAIL(RC_INPUT, cert_parse((struct span){0}, &c));
    MUST_OK(buf_reserve(&der, CERT_LIMIT));
    MUST_FAIL(RC_LIMIT, cert_parse(span_of(der.data, CERT_LIMIT + 1), &c));
    refuses(world.sub.sig_alg, OID("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"), "differ");
}

static void limits_the_number_of_extensions(void **state) {
    (void)state;
    AUTO(derw) w = {0};
    AUTO(buf) der = {0};
    struct cert c;
    for (uint8_t i = 0; i <= CERT_EXTS_MAX; i++) {
        const uint8_t oid[] = {0x2a, 0x03, i};
        derw_open(&w, DER_SEQUENCE);
        derw_put(&w, DER_OID, span_of(oid, sizeof oid));
        derw_put(&w, DER_OCTET_STRING, (struct span){0});
        derw_close(&w);
    }
    MUST_OK(derw_end(&w));
    rebuild_exts(buf_span(&w.out), &der);
    MUST_FAIL(RC_LIMIT, cert_parse(buf_span(&der), &c));
}

static void shows_names_safely(void **state) {
    (void)state;
    AUTO(buf) text = {0};
    /* CN = "a", right-to-left override, ESC, "=,"; an unknown type 2.999.1; BMP "Đ"; T61 0xe9 */
    static const char name[] = "\x30\x34\x31\x11\x30\x0f\x06\x03\x55\x04\x03\x0c\x08\x61\xe2\x80\xae\x1b=,+"
                               "\x31\x0c\x30\x0a\x06\x03\x88\x37\x01\x13\x03 #x"
                               "\x31\x0b\x30\x09\x06\x03\x55\x04\x07\x1e\x02\x01\x10"
                               "\x31\x00";
    struct span whole = span_of(name, 2 + 0x11 + 2 + 0x0c + 2 + 0x0b + 2);
    AUTO(buf) fixed = {0};
    MUST_OK(buf_add_span(&fixed, whole));
    fixed.data[1] = (uint8_t)(whole.len - 2);
    MUST_OK(cert_name_format(buf_span(&fixed), &text));
    assert_string_equal(buf_str(&text), "L=Đ, 2.999.1=\\ #x, CN=a\uFFFD\uFFFD=\\,\\+");
}

static void reads_and_writes_pem(void **state) {
    (void)state;
    AUTO(buf) pem = {0};
    AUTO(buf) der = {0};
    AUTO(buf) two = {0};
    char path[PATH_CAP];
    MUST_OK(cert_to_pem(buf_span(&world.sub_der), &pem));
    MUST_OK(cert_from_pem_or_der(buf_span(&pem), &der));
    assert_true(span_eq(buf_span(&der), buf_span(&world.sub_der)));
    pki_world_path(&world, "sub.pem", path);
    MUST_RUN("openssl", "x509", "-in", path, "-noout");
    MUST_OK(buf_add_span(&two, buf_span(&pem)));
    MUST_OK(buf_add_span(&two, buf_span(&pem)));
    MUST_FAIL(RC_INPUT, cert_from_pem_or_der(buf_span(&two), &der));
    MUST_FAIL(RC_INPUT, cert_from_pem_or_der(span_of(pem.data, pem.len - 20), &der));
    MUST_FAIL(RC_INPUT, cert_from_pem_or_der(span_str("hello"), &der));
    MUST_FAIL(RC_INPUT, cert_from_pem_or_der((struct span){0}, &der));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_facts_of_the_old_ca),
        cmocka_unit_test(finds_the_parts_of_a_subscriber),
        cmocka_unit_test(refuses_bad_serial_numbers),
        cmocka_unit_test(refuses_bad_names),
        cmocka_unit_test(reads_keys_that_cannot_be_one),
        cmocka_unit_test(reads_other_keys_as_other),
        cmocka_unit_test(reads_odd_extensions_with_a_note),
        cmocka_unit_test(reads_what_would_be_copied),
        cmocka_unit_test(reads_a_generalized_time_before_2050),
        cmocka_unit_test(tells_what_is_unfit),
        cmocka_unit_test(refuses_what_is_around),
        cmocka_unit_test(limits_the_number_of_extensions),
        cmocka_unit_test(shows_names_safely),
        cmocka_unit_test(reads_and_writes_pem),
        cmocka_unit_test(tolerates_an_explicit_false),
        cmocka_unit_test(limits_the_modulus),
    };
    return cmocka_run_group_tests(tests, pki_world_setup, pki_world_teardown);
}
