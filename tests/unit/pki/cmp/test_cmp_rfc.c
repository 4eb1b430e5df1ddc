/* What RFC 4210, 9480 and 9483 say of odd but lawful messages, and of the failInfo of refusals. */
#include <openssl/obj_mac.h>
#include <string.h>

#include "base/digest.h"
#include "lib/kur.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_body.h"
#include "unit/pki/cmp/cmp_world.h"

static struct world w; /* one for each test */

static int begin(void **state) {
    w.implicit_confirm = false;
    world_open(&w, WORLD_EC);
    return *state != NULL;
}

static int end(void **state) {
    world_free(&w);
    return *state != NULL;
}

static struct kur of_owner(void) {
    return (struct kur){.old_cert = buf_span(&w.owner.cert), .key = w.owner.key};
}

static void handle(const struct buf *message, struct buf *answer, char code[CMP_CODE], struct cmp_msg *view) {
    buf_clear(answer);
    MUST_OK(world_handle(&w, buf_span(message), answer, code));
    world_view(answer, view);
}

/* PKIStatus and failInfo of a kup or error: the first bit that is set, -1 none. */
static int64_t status_of(const struct cmp_msg *m, int *fail) {
    struct der d = der_open(m->content), in;
    struct span bits;
    struct der_item item;
    uint8_t unused;
    int64_t status;
    MUST_OK(der_enter(&d, DER_SEQUENCE, &in));
    if (m->type == CMP_KUP) {
        MUST_OK(der_enter(&in, DER_SEQUENCE, &d));
        MUST_OK(der_enter(&d, DER_SEQUENCE, &in));
        MUST_OK(der_take(&in, DER_INTEGER, &item));
    }
    MUST_OK(der_enter(&in, DER_SEQUENCE, &d));
    MUST_OK(der_small(&d, &status));
    *fail = -1;
    if (der_next_is(&d, DER_SEQUENCE))
        MUST_OK(der_take(&d, DER_SEQUENCE, &item));
    if (der_empty(&d))
        return status;
    MUST_OK(der_bits(&d, &bits, &unused));
    for (size_t i = 0; i < 8 * bits.len && *fail < 0; i++)
        if ((bits.ptr[i / 8] >> (7 - i % 8) & 1) != 0)
            *fail = (int)i;
    return status;
}

static void granted_as(const struct kur *k, enum cmp_pki_status expected) {
    AUTO(buf) message = {0};
    AUTO(buf) answer = {0};
    char code[CMP_CODE];
    struct cmp_msg m;
    int fail;
    MUST_OK(kur_write(k, &message));
    handle(&message, &answer, code, &m);
    assert_string_equal(code, "");
    assert_int_equal(m.type, CMP_KUP);
    assert_int_equal(status_of(&m, &fail), expected);
    assert_int_equal(m.version, k->version == 0 ? CMP_PVNO : k->version);
    assert_true(m.sender_nonce.len >= CMP_NONCE_MIN && span_eq_str(m.recip_nonce, "the sender nonce"));
}

static void refused_with(const struct buf *message, const char *code, enum cmp_fail expected) {
    AUTO(buf) answer = {0};
    char got[CMP_CODE];
    struct cmp_msg m;
    int fail;
    handle(message, &answer, got, &m);
    assert_string_equal(got, code);
    assert_int_equal(m.type, CMP_ERROR);
    assert_int_equal(status_of(&m, &fail), CMP_REJECTION);
    if (fail != (int)expected)
        fail_msg("%s has failInfo bit %d, not %d", code, fail, expected);
}

static void kur_refused(const struct kur *k, const char *code, enum cmp_fail expected) {
    AUTO(buf) message = {0};
    MUST_OK(kur_write(k, &message));
    refused_with(&message, code, expected);
    assert_int_equal(w.grants, 0);
}

/* RFC 9480 2.20: the answer has the version of the request. */
static void both_versions(void **state) {
    struct kur k = of_owner();
    (void)state;
    for (k.version = 2; k.version <= 3; k.version++) {
        k.number++;
        granted_as(&k, CMP_ACCEPTED);
    }
    k.version = 1;
    AUTO(buf) message = {0};
    MUST_OK(kur_write(&k, &message));
    refused_with(&message, "bad-version", CMP_UNSUPPORTED_VERSION);
    k.version = 4;
    MUST_OK(kur_write(&k, &message));
    refused_with(&message, "bad-version", CMP_UNSUPPORTED_VERSION);
}

/* certConf with hashAlg [0]: `hash` of the certificate under the algorithm `oid`. */
static void conf_with(const struct kur *k, const struct cmp_msg *kup, enum hash h, struct span oid, struct buf *out) {
    struct digest d;
    AUTO(buf) plain = {0};
    AUTO(derw) part = {0};
    struct cmp_msg m;
    digest_of(h, buf_span(&w.issued), &d);
    MUST_OK(kur_confirm(k, kup->der, NULL, &plain));
    MUST_OK(cmp_msg_parse(buf_span(&plain), &m));
    derw_raw(&part, m.header);
    derw_open(&part, DER_CONTEXT_CONSTRUCTED(CMP_CERTCONF));
    derw_open(&part, DER_SEQUENCE);
    derw_open(&part, DER_SEQUENCE);
    derw_put(&part, DER_OCTET_STRING, span_of(d.bytes, d.len));
    derw_small(&part, 0);
    derw_open(&part, DER_CONTEXT_CONSTRUCTED(0));
    derw_open(&part, DER_SEQUENCE);
    derw_put(&part, DER_OID, oid);
    derw_close(&part);
    derw_close(&part);
    derw_close(&part);
    derw_close(&part);
    derw_close(&part);
    MUST_OK(derw_end(&part));
    MUST_OK(kur_protect(k, buf_span(&part.out), out));
}

/* RFC 9480 2.10: only under pvno 3, and only the hashes that we take. */
static void hash_alg_of_a_confirmation(void **state) {
    static const int versions[] = {3, 2};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct kur k = of_owner();
        AUTO(buf) message = {0};
        AUTO(buf) kup = {0};
        AUTO(buf) conf = {0};
        AUTO(buf) answer = {0};
        char code[CMP_CODE];
        struct cmp_msg m, a;
        k.version = versions[i];
        k.number = (uint32_t)i;
        MUST_OK(kur_write(&k, &message));
        handle(&message, &kup, code, &m);
        conf_with(&k, &m, HASH_SHA512, OID_SHA512, &conf);
        if (k.version == 2) {
            refused_with(&conf, "bad-message", CMP_BAD_DATA_FORMAT);
            continue;
        }
        handle(&conf, &answer, code, &a);
        assert_int_equal(a.type, CMP_PKICONF);
        assert_int_equal(world_confirmed(&w), 1);
        conf_with(&k, &m, HASH_SHA256, OID_SHA512, &conf); /* another certificate, by that hash */
        refused_with(&conf, "bad-confirmation", CMP_BAD_CERT_ID);
        conf_with(&k, &m, HASH_SHA1, span_of("\x2b\x0e\x03\x02\x1a", 5), &conf);
        refused_with(&conf, "bad-message", CMP_BAD_DATA_FORMAT);
    }
}

static struct span implicit_info(struct derw *info) {
    derw_open(info, DER_SEQUENCE);
    derw_put(info, DER_OID, OID_IMPLICIT_CONFIRM);
    derw_put(info, DER_NULL, (struct span){0});
    derw_close(info);
    MUST_OK(derw_end(info));
    return buf_span(&info->out);
}

/* RFC 4210 5.1.1.1: granted only to who asks, and only where the campaign says so; then it counts as confirmed. */
static void implicit_confirmation(void **state) {
    AUTO(derw) info = {0};
    struct span asks = implicit_info(&info), value;
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct kur k = of_owner();
        AUTO(buf) message = {0};
        AUTO(buf) answer = {0};
        char code[CMP_CODE];
        struct cmp_msg m;
        bool asked = i % 2 == 1, allowed = i >= 2;
        world_free(&w);
        w = (struct world){.implicit_confirm = allowed};
        world_open(&w, WORLD_EC);
        k = of_owner();
        if (asked)
            k.info = asks;
        MUST_OK(kur_write(&k, &message));
        handle(&message, &answer, code, &m);
        assert_int_equal(m.type, CMP_KUP);
        assert_int_equal(cmp_msg_info(&m, OID_IMPLICIT_CONFIRM, &value), asked && allowed ? RC_OK : RC_NOT_FOUND);
        assert_int_equal(world_confirmed(&w), asked && allowed ? 1 : 0);
    }
}

/* RFC 4210 5.2.3: what was asked for and not granted is said. */
static void granted_with_mods(void **state) {
    struct cert owner, stranger, made;
    (void)state;
    MUST_OK(cert_parse(buf_span(&w.owner.cert), &owner));
    MUST_OK(cert_parse(buf_span(&w.stranger.cert), &stranger));
    MUST_OK(cert_parse(buf_span(&w.issued), &made));
    const struct span subjects[] = {owner.subject, stranger.subject};
    for (int i = 0; i < 2; i++) {
        AUTO(derw) f = {0};
        struct kur k = of_owner();
        derw_open(&f, DER_CONTEXT_CONSTRUCTED(5));
        derw_raw(&f, subjects[i]);
        derw_close(&f);
        MUST_OK(derw_end(&f));
        k.template = buf_span(&f.out);
        k.number = (uint32_t)i;
        granted_as(&k, i == 0 ? CMP_ACCEPTED : CMP_GRANTED_WITH_MODS);
    }
    for (int i = 0; i < 2; i++) {
        AUTO(derw) f = {0};
        struct kur k = of_owner();
        derw_open(&f, DER_CONTEXT_CONSTRUCTED(4));
        derw_open(&f, DER_CONTEXT_CONSTRUCTED(1));
        derw_time(&f, made.facts.not_after + i);
        derw_close(&f);
        derw_close(&f);
        MUST_OK(derw_end(&f));
        k.template = buf_span(&f.out);
        k.number = 10 + (uint32_t)i;
        granted_as(&k, i == 0 ? CMP_ACCEPTED : CMP_GRANTED_WITH_MODS);
    }
    for (int i = 0; i < 2; i++) {
        AUTO(derw) f = {0};
        struct kur k = of_owner();
        derw_open(&f, DER_CONTEXT_CONSTRUCTED(9));
        derw_raw(&f, i == 0 ? made.ext[0].whole : span_of("\x30\x0b\x06\x03\x55\x1d\x11\x04\x04\x30\x02\x82\x00", 13));
        derw_close(&f);
        MUST_OK(derw_end(&f));
        k.extensions = buf_span(&f.out);
        k.number = 20 + (uint32_t)i;
        granted_as(&k, i == 0 ? CMP_ACCEPTED : CMP_GRANTED_WITH_MODS);
    }
}

/* A template without a key, with or without proof: the message's own protection proves the old one. */
static void template_without_a_key(void **state) {
    struct kur k = of_owner();
    (void)state;
    k.no_key = true;
    granted_as(&k, CMP_ACCEPTED);
    k.no_popo = true;
    k.number = 1;
    granted_as(&k, CMP_ACCEPTED);
}

static void fail_infos(void **state) {
    struct kur k = of_owner();
    (void)state;
    k.no_popo = true;
    kur_refused(&k, "bad-pop", CMP_BAD_POP);
    k = of_owner();
    k.old_cert = buf_span(&w.stranger.cert); /* its name and certificate, our key */
    kur_refused(&k, "bad-protection", CMP_BAD_MESSAGE_CHECK);
    AUTO(buf) message = {0};
    world_kur(&w, &(struct world_kur){.mac_secret = "secret"}, &message);
    refused_with(&message, "bad-protection", CMP_WRONG_INTEGRITY);
    buf_clear(&message);
    world_kur(&w, &(struct world_kur){.unprotected = true}, &message);
    refused_with(&message, "bad-protection", CMP_BAD_MESSAGE_CHECK);
    buf_clear(&message);
    world_kur(&w, &(struct world_kur){.digest = NID_sha1}, &message);
    refused_with(&message, "bad-protection", CMP_BAD_ALG);
}

/* RFC 9483 3.1: who signs by a certificate is named as it is, and answered by that name. RFC 4210 D.1 leaves the
   NULL-DN to those who have no name yet. What may be no directoryName is answered too, with what the RFC says of it. */
static void sender_is_who_signs(void **state) {
    static const struct {
        const char *der;
        size_t len;
        const char *code;
        enum cmp_fail fail;
    } rows[] = {{"\xa4\x02\x30\x00", 4, "bad-protection", CMP_BAD_MESSAGE_CHECK},
                {"\x82\x01x", 3, "bad-message", CMP_BAD_DATA_FORMAT}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kur k = of_owner();
        k.sender = span_of(rows[i].der, rows[i].len);
        kur_refused(&k, rows[i].code, rows[i].fail);
        assert_non_null(strstr(w.refused_text, i == 0 ? "leave no sender empty" : "sender"));
    }
}

/* RFC 9483 1.5: who signs has a certificate for signatures. */
static void key_usage_of_who_signs(void **state) {
    AUTO(buf) der = {0};
    struct cert c;
    struct kur k = of_owner();
    (void)state;
    MUST_OK(buf_set(&der, buf_span(&w.owner.cert)));
    MUST_OK(cert_parse(buf_span(&der), &c));
    const struct cert_ext *usage = cert_ext_find(&c, OID_KEY_USAGE);
    assert_non_null(usage);
    size_t last = (size_t)(usage->value.ptr + usage->value.len - 1 - der.data);
    assert_int_equal(der.data[last], USAGE_DIGITAL_SIGNATURE | USAGE_NON_REPUDIATION | USAGE_KEY_ENCIPHERMENT);
    der.data[last] ^= USAGE_DIGITAL_SIGNATURE; /* its own signature is for the core to judge */
    k.old_cert = buf_span(&der);
    kur_refused(&k, "bad-protection", CMP_BAD_MESSAGE_CHECK);
}

/* The header with one element replaced, all of it signed again. */
static void with_header_element(const struct kur *k, uint8_t tag, struct span value, struct buf *message) {
    AUTO(buf) plain = {0};
    AUTO(derw) part = {0};
    struct cmp_msg m;
    struct der_item item;
    MUST_OK(kur_write(k, &plain));
    MUST_OK(cmp_msg_parse(buf_span(&plain), &m));
    struct der d = der_open(m.header), in;
    MUST_OK(der_enter(&d, DER_SEQUENCE, &in));
    derw_open(&part, DER_SEQUENCE);
    while (!der_empty(&in)) {
        MUST_OK(der_any(&in, &item));
        if (item.tag != tag)
            derw_raw(&part, item.whole);
        else if (value.ptr != NULL) {
            derw_open(&part, tag);
            derw_put(&part, DER_OCTET_STRING, value);
            derw_close(&part);
        }
    }
    derw_close(&part);
    derw_raw(&part, m.body);
    MUST_OK(derw_end(&part));
    MUST_OK(kur_protect(k, buf_span(&part.out), message));
}

/* Odd lengths of transactionID and nonces are refused in CMP, never by HTTP; the nonce of RFC 9483 has 16 bytes. */
static void odd_ids(void **state) {
    static const uint8_t bytes[65] = {1};
    const struct {
        uint8_t tag;
        size_t len;
        const char *code;
        enum cmp_fail fail;
    } rows[] = {
        {DER_CONTEXT_CONSTRUCTED(4), 0, "bad-message", CMP_BAD_DATA_FORMAT},
        {DER_CONTEXT_CONSTRUCTED(4), 65, "bad-message", CMP_BAD_DATA_FORMAT},
        {DER_CONTEXT_CONSTRUCTED(5), 0, "bad-message", CMP_BAD_DATA_FORMAT},
        {DER_CONTEXT_CONSTRUCTED(5), 65, "bad-message", CMP_BAD_DATA_FORMAT},
        {DER_CONTEXT_CONSTRUCTED(5), 15, "bad-message", CMP_BAD_SENDER_NONCE},
    };
    const struct kur k = of_owner();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO(buf) message = {0};
        with_header_element(&k, rows[i].tag, span_of(bytes, rows[i].len), &message);
        refused_with(&message, rows[i].code, rows[i].fail);
    }
    AUTO(buf) none = {0};
    with_header_element(&k, DER_CONTEXT_CONSTRUCTED(4), (struct span){0}, &none);
    refused_with(&none, "bad-message", CMP_BAD_DATA_FORMAT);
    with_header_element(&k, DER_CONTEXT_CONSTRUCTED(5), (struct span){0}, &none);
    refused_with(&none, "bad-message", CMP_BAD_SENDER_NONCE);
    assert_int_equal(w.grants, 0);
}

/* RFC 9483 3.5: a confirmation answers our last message. */
static void confirmation_with_another_nonce(void **state) {
    struct kur k = of_owner();
    AUTO(buf) message = {0};
    AUTO(buf) kup = {0};
    AUTO(buf) conf = {0};
    char code[CMP_CODE];
    struct cmp_msg m, c;
    (void)state;
    MUST_OK(kur_write(&k, &message));
    handle(&message, &kup, code, &m);
    MUST_OK(kur_confirm(&k, buf_span(&kup), NULL, &conf));
    MUST_OK(cmp_msg_parse(buf_span(&conf), &c));
    MUST_OK(buf_set(&message, span_of(c.header.ptr, c.header.len + c.body.len)));
    message.data[(size_t)(c.recip_nonce.ptr - c.header.ptr)] ^= 1;
    MUST_OK(kur_protect(&k, buf_span(&message), &conf));
    refused_with(&conf, "bad-confirmation", CMP_BAD_RECIPIENT_NONCE);
    assert_int_equal(world_confirmed(&w), 0);
}

/* RFC 4210 5.3.18: a certConf that names nothing rejects all. */
static void empty_confirmation_rejects(void **state) {
    struct kur k = of_owner();
    AUTO(buf) message = {0};
    AUTO(buf) kup = {0};
    AUTO(buf) conf = {0};
    AUTO(buf) empty = {0};
    AUTO(buf) answer = {0};
    char code[CMP_CODE];
    struct cmp_msg m, c;
    (void)state;
    MUST_OK(kur_write(&k, &message));
    handle(&message, &kup, code, &m);
    MUST_OK(kur_confirm(&k, buf_span(&kup), NULL, &conf));
    MUST_OK(cmp_msg_parse(buf_span(&conf), &c));
    MUST_OK(buf_add_span(&empty, c.header));
    MUST_OK(buf_add(&empty, "\xb8\x02\x30\x00", 4));
    MUST_OK(kur_protect(&k, buf_span(&empty), &conf));
    handle(&conf, &answer, code, &m);
    assert_int_equal(m.type, CMP_PKICONF);
    assert_int_equal(world_confirmed(&w), -1);
}

static void ask_genm(const struct kur *k, struct span infos, struct buf *message) {
    AUTO(buf) plain = {0};
    AUTO(derw) part = {0};
    struct cmp_msg m;
    MUST_OK(kur_write(k, &plain));
    MUST_OK(cmp_msg_parse(buf_span(&plain), &m));
    derw_raw(&part, m.header);
    derw_open(&part, DER_CONTEXT_CONSTRUCTED(CMP_GENM));
    derw_open(&part, DER_SEQUENCE);
    derw_raw(&part, infos);
    derw_close(&part);
    derw_close(&part);
    MUST_OK(derw_end(&part));
    MUST_OK(kur_protect(k, buf_span(&part.out), message));
}

#define IT(n) "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x04" n

/* RFC 9483 4.3.1 and 4.3.2, for certificates of either CA and no others. */
static void general_messages(void **state) {
    AUTO(buf) message = {0};
    AUTO(buf) answer = {0};
    char code[CMP_CODE];
    struct cmp_msg m;
    struct kur k = of_owner();
    (void)state;
    ask_genm(&k, span_of(IT("\x11") IT("\x14"), 24), &message);
    handle(&message, &answer, code, &m);
    assert_int_equal(m.type, CMP_GENP);
    assert_string_equal(code, "");
    size_t times = 0;
    for (size_t i = 0; i + w.new_ca.cert.len <= m.content.len; i++)
        times += memcmp(m.content.ptr + i, w.new_ca.cert.data, w.new_ca.cert.len) == 0;
    assert_int_equal(times, 2);
    ask_genm(&k, span_of(IT("\x02"), 12), &message);
    refused_with(&message, "unsupported", CMP_BAD_REQUEST);
    k.old_cert = buf_span(&w.issued); /* of the new CA */
    ask_genm(&k, span_of(IT("\x11"), 12), &message);
    handle(&message, &answer, code, &m);
    assert_int_equal(m.type, CMP_GENP);
    k.old_cert = buf_span(&w.old_ca.cert); /* known, but not by whom it was issued: itself */
    k.key = w.owner.key;
    ask_genm(&k, span_of(IT("\x11"), 12), &message);
    refused_with(&message, "bad-protection", CMP_BAD_MESSAGE_CHECK);
    AUTO(buf) foreign = {0};
    world_issue(&(struct world_issue){&w.owner, w.owner.key, &w.owner, WORLD_NOW + WORLD_YEAR}, &foreign);
    k.old_cert = buf_span(&foreign); /* issued by the owner to the owner */
    ask_genm(&k, span_of(IT("\x11"), 12), &message);
    refused_with(&message, "signer-unknown", CMP_SIGNER_NOT_TRUSTED);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(both_versions),
        IN_A_WORLD(hash_alg_of_a_confirmation),
        IN_A_WORLD(implicit_confirmation),
        IN_A_WORLD(granted_with_mods),
        IN_A_WORLD(template_without_a_key),
        IN_A_WORLD(fail_infos),
        IN_A_WORLD(sender_is_who_signs),
        IN_A_WORLD(key_usage_of_who_signs),
        IN_A_WORLD(odd_ids),
        IN_A_WORLD(confirmation_with_another_nonce),
        IN_A_WORLD(empty_confirmation_rejects),
        IN_A_WORLD(general_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
