/* The server of CMP message by message: replays, altered and foreign messages, confirmations, failures of its own
   (interfaces.md CMP: never a second certificate, every refusal signed, readable and recorded). */
#include "unit/pki/cmp/cmp_world.h"

#include <openssl/obj_mac.h>
#include <pthread.h>
#include <string.h>

#include "lib/run.h"
#include "pki/ca/mint.h"
#include "pki/cmp/cmp_write.h"

static struct world w; /* one for each test */

static int begin(void **state) {
    world_open(&w, WORLD_EC);
    return *state != NULL;
}

static int end(void **state) {
    world_free(&w);
    return *state != NULL;
}

/* `message` is refused with `code`, in a text that starts with it, and that is recorded. */
static void refused(const struct buf *message, const char *code) {
    AUTO(buf) answer = {0};
    char got[CMP_CODE], text[640];
    int before = w.refusals;
    MUST_OK(world_handle(&w, buf_span(message), &answer, got));
    assert_string_equal(got, code);
    world_text(&answer, text);
    assert_true(strncmp(text, code, strlen(code)) == 0 && strncmp(text + strlen(code), ": ", 2) == 0);
    assert_int_equal(w.refusals, before + 1);
    assert_string_equal(w.refused_text, text);
    assert_string_equal(w.refused_code, code);
}

/* The hook says no: that is recorded by the hook itself. */
static void judged(const struct world_kur *how, const char *code) {
    AUTO(buf) kur = {0};
    AUTO(buf) answer = {0};
    char got[CMP_CODE], text[640];
    world_kur(&w, how, &kur);
    MUST_OK(world_handle(&w, buf_span(&kur), &answer, got));
    assert_string_equal(got, code);
    world_text(&answer, text);
    assert_memory_equal(text, code, strlen(code));
    assert_int_equal(w.reissues, 1);
    assert_int_equal(w.grants + w.refusals + w.saved_count, 0);
}

/* A whole run by the client; leaves kur and certConf in w.message, kup and pkiconf in w.answer. */
static void whole_run(void) {
    AUTO(cmp_result) r = {0};
    MUST_OK(cmp_cli_run(&w.cli, &r));
}

static void same_kur_same_bytes(void **state) {
    AUTO(buf) answer = {0};
    char code[CMP_CODE];
    (void)state;
    whole_run();
    for (int i = 0; i < 3; i++) {
        MUST_OK(world_handle(&w, buf_span(&w.message[0]), &answer, code));
        assert_true(span_eq(buf_span(&answer), buf_span(&w.answer[0])));
        assert_string_equal(code, "");
    }
    assert_int_equal(w.reissues, 1);
    assert_int_equal(w.saved_count, 1);
}

static void transaction_is_taken(void **state) {
    AUTO(buf) kur = {0};
    struct cmp_msg first;
    (void)state;
    whole_run();
    world_view(&w.message[0], &first);
    world_kur(&w, &(struct world_kur){.transaction = first.transaction}, &kur);
    refused(&kur, "transaction-in-use");
    buf_clear(&kur);
    world_kur(&w, &(struct world_kur){.transaction = first.transaction, .from = &w.stranger}, &kur);
    refused(&kur, "transaction-in-use");
    assert_int_equal(w.reissues, 1);
}

/* Each byte altered in turn: nothing is ever granted, the server always has an answer or a clear failure. */
static void altered_anywhere(void **state) {
    AUTO(buf) kur = {0};
    AUTO(buf) answer = {0};
    char code[CMP_CODE];
    int said = 0;
    (void)state;
    world_kur(&w, &(struct world_kur){0}, &kur);
    for (size_t i = 0; i < kur.len; i++) {
        kur.data[i] ^= (uint8_t)(1u << i % 8);
        enum rc rc = world_handle(&w, buf_span(&kur), &answer, code);
        kur.data[i] ^= (uint8_t)(1u << i % 8);
        if (rc != RC_OK && rc != RC_INPUT && rc != RC_LIMIT)
            fail_msg("byte %zu altered: %s: %s", i, err_name(rc), err_text());
        assert_int_equal(w.grants, 0);
        if (rc == RC_OK) {
            assert_true(code[0] != 0);
            said++;
        }
    }
    assert_int_equal(w.saved_count, 0);
    assert_true(said > (int)kur.len / 2);
    MUST_OK(world_handle(&w, buf_span(&kur), &answer, code));
    assert_int_equal(w.grants, 1); /* unaltered it is good */
}

static void cut_short_and_too_long(void **state) {
    AUTO(buf) kur = {0};
    AUTO(buf) answer = {0};
    (void)state;
    world_kur(&w, &(struct world_kur){0}, &kur);
    for (size_t len = 0; len < kur.len; len += len < 64 ? 1 : 97)
        MUST_FAIL(RC_INPUT, world_handle(&w, span_of(kur.data, len), &answer, NULL));
    MUST_OK(buf_add_char(&kur, 0));
    MUST_FAIL(RC_INPUT, world_handle(&w, buf_span(&kur), &answer, NULL));
    while (kur.len <= CMP_LIMIT)
        MUST_OK(buf_add_char(&kur, 0));
    MUST_FAIL(RC_LIMIT, world_handle(&w, buf_span(&kur), &answer, NULL));
    assert_int_equal(answer.len, 0);
}

static void another_subscriber(void **state) {
    (void)state;
    judged(&(struct world_kur){.from = &w.stranger}, "unknown-certificate");
}

static void anothers_old_cert_id(void **state) {
    struct cert stranger;
    (void)state;
    judged(&(struct world_kur){.old_cert = &w.stranger.cert, .new_key = w.owner.key}, "other-certificate");
    MUST_OK(cert_parse(buf_span(&w.stranger.cert), &stranger));
    assert_true(span_eq(buf_span(&w.seen_serial), stranger.serial));
}

/* R5.9: whether a new key is allowed is the hook's to say; it is shown the key. */
static void new_key(void **state) {
    AUTO(buf) spki = {0};
    (void)state;
    MUST_OK(key_spki(w.stranger.key, &spki));
    judged(&(struct world_kur){.new_key = w.stranger.key}, "same-key");
    assert_true(span_eq(buf_span(&w.seen_spki), buf_span(&spki)));
}

/* The same message with another certificate beside it: extraCerts is outside of what is signed. */
static void with_signer(const struct buf *message, struct span signer, struct derw *out) {
    struct der d = der_open(buf_span(message)), in;
    struct der_item item;
    MUST_OK(der_enter(&d, DER_SEQUENCE, &in));
    derw_open(out, DER_SEQUENCE);
    for (int i = 0; i < 3; i++) { /* header, body, protection */
        MUST_OK(der_any(&in, &item));
        derw_raw(out, item.whole);
    }
    if (signer.len > 0) {
        derw_open(out, DER_CONTEXT_CONSTRUCTED(1));
        derw_open(out, DER_SEQUENCE);
        derw_raw(out, signer);
        derw_close(out);
        derw_close(out);
    }
    derw_close(out);
    MUST_OK(derw_end(out));
}

static void anothers_signature(void **state) {
    AUTO(buf) kur = {0};
    AUTO(derw) out = {0};
    (void)state;
    world_kur(&w, &(struct world_kur){.from = &w.stranger, .old_cert = &w.owner.cert}, &kur);
    with_signer(&kur, buf_span(&w.owner.cert), &out);
    refused(&out.out, "bad-protection");
    assert_string_equal(w.refused_serial, ""); /* the owner has not said it */
    assert_int_equal(w.reissues, 0);
}

static void no_certificate_beside(void **state) {
    AUTO(buf) kur = {0};
    AUTO(derw) out = {0};
    (void)state;
    world_kur(&w, &(struct world_kur){0}, &kur);
    with_signer(&kur, (struct span){0}, &out);
    refused(&out.out, "no-certificate");
    assert_int_equal(w.reissues, 0);
}

static void protection_by_other_means(void **state) {
    AUTO(buf) kur = {0};
    (void)state;
    world_kur(&w, &(struct world_kur){.mac_secret = "secret"}, &kur);
    refused(&kur, "bad-protection");
    buf_clear(&kur);
    world_kur(&w, &(struct world_kur){.unprotected = true}, &kur);
    refused(&kur, "bad-protection");
    buf_clear(&kur);
    world_kur(&w, &(struct world_kur){.ra_verified = true}, &kur);
    refused(&kur, "bad-pop");
    assert_int_equal(w.reissues, 0);
}

/* A client may sign by RSA or ECDSA with SHA-256, SHA-384 or SHA-512; OpenSSL alone would take the others too. */
static void weak_digests(void **state) {
    static const int weak[] = {NID_md5, NID_sha1, NID_sha224, NID_sha3_256}, strong[] = {NID_sha384, NID_sha512};
    (void)state;
    world_free(&w);
    world_open(&w, WORLD_RSA);
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
        AUTO(buf) kur = {0};
        world_kur(&w, &(struct world_kur){.digest = weak[i]}, &kur);
        refused(&kur, "bad-protection");
        assert_string_equal(w.refused_serial, "");
    }
    assert_int_equal(w.reissues, 0);
    for (size_t i = 0; i < sizeof strong / sizeof *strong; i++) {
        AUTO(buf) kur = {0};
        AUTO(buf) answer = {0};
        char code[CMP_CODE];
        world_kur(&w, &(struct world_kur){.digest = strong[i]}, &kur);
        MUST_OK(world_handle(&w, buf_span(&kur), &answer, code));
        assert_string_equal(code, "");
    }
    assert_int_equal(w.grants, 2);
}

/* The header with another protectionAlg: that of `key`. */
static void header_for(struct span header, const struct key *key, struct derw *out) {
    struct der d = der_open(header), in;
    struct der_item item;
    MUST_OK(der_enter(&d, DER_SEQUENCE, &in));
    derw_open(out, DER_SEQUENCE);
    while (!der_empty(&in)) {
        MUST_OK(der_any(&in, &item));
        if (item.tag == DER_CONTEXT_CONSTRUCTED(1))
            item.value = key_sig_alg(key);
        derw_open(out, item.tag);
        derw_raw(out, item.value);
        derw_close(out);
    }
    derw_close(out);
    MUST_OK(derw_end(out));
}

/* The same body, protected anew as `key` does it by itself. */
static void protect_again(const struct buf *message, struct key *key, struct derw *out) {
    AUTO(derw) header = {0};
    AUTO(derw) part = {0};
    AUTO(buf) signature = {0};
    struct cmp_msg m;
    struct der_item body;
    world_view(message, &m);
    struct der d = der_open(span_of(m.core.ptr + m.header.len, m.core.len - m.header.len));
    MUST_OK(der_any(&d, &body));
    header_for(m.header, key, &header);
    derw_open(&part, DER_SEQUENCE);
    derw_raw(&part, buf_span(&header.out));
    derw_raw(&part, body.whole);
    derw_close(&part);
    MUST_OK(derw_end(&part));
    MUST_OK(key_sign(key, buf_span(&part.out), &signature));
    derw_open(out, DER_SEQUENCE);
    derw_raw(out, buf_span(&header.out));
    derw_raw(out, body.whole);
    derw_open(out, DER_CONTEXT_CONSTRUCTED(0));
    derw_bits(out, buf_span(&signature), 0);
    derw_close(out);
    derw_raw(out, span_of(m.core.ptr + m.core.len, (size_t)(message->data + message->len - m.core.ptr) - m.core.len));
    derw_close(out);
    MUST_OK(derw_end(out));
}

/* The message around it is signed with SHA-256 as it must be. */
static void weak_proof_of_possession(void **state) {
    AUTO(buf) kur = {0};
    AUTO(buf) answer = {0};
    AUTO(derw) weak = {0};
    AUTO(derw) good = {0};
    char code[CMP_CODE];
    (void)state;
    world_kur(&w, &(struct world_kur){.digest = NID_sha1}, &kur);
    protect_again(&kur, w.owner.key, &weak);
    refused(&weak.out, "bad-pop");
    assert_int_equal(w.reissues, 0);
    buf_clear(&kur);
    world_kur(&w, &(struct world_kur){.digest = NID_sha512}, &kur);
    protect_again(&kur, w.owner.key, &good);
    MUST_OK(world_handle(&w, buf_span(&good.out), &answer, code));
    assert_string_equal(code, ""); /* so the weak one was well made */
    assert_int_equal(w.grants, 1);
}

/* The owner's key under a certificate that bears the name of a real CA as its issuer. */
static void seems_issued_by(const char *data, struct buf *ca_der, struct buf *out) {
    char path[PATH_CAP];
    AUTO(buf) pem = {0};
    AUTO(buf) spki = {0};
    struct cert ca;
    data_path(data, path);
    MUST_OK(fs_read(path, 1 << 16, &pem));
    MUST_OK(cert_from_pem_or_der(buf_span(&pem), ca_der));
    MUST_OK(cert_parse(buf_span(ca_der), &ca));
    MUST_OK(key_spki(w.owner.key, &spki));
    const struct mint_subscriber in = {.serial = {0x54, 0x01, 0x0c},
                                       .serial_len = 3,
                                       .tax_code = "0100109106",
                                       .name = "CÔNG TY C",
                                       .province = "HÀ NỘI",
                                       .not_before = WORLD_NOW - WORLD_YEAR,
                                       .not_after = WORLD_NOW + WORLD_YEAR / 2,
                                       .spki = buf_span(&spki)};
    MUST_OK(mint_subscriber(&in, w.old_ca.key, &ca, out)); /* by any key: only the name counts here */
}

/* A stock client copies the issuer's name into oldCertID byte by byte, whatever string types the CA chose. */
static void real_issuers_name(void **state) {
    static const char *const data[] = {"ca/viettel-ca-2010-2015.pem", "ca/viettel-ca-2015-2020.pem",
                                       "ca/viettel-ca-rs-2022-2027.pem"};
    (void)state;
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        AUTO(buf) ca_der = {0};
        AUTO(buf) cert = {0};
        AUTO(buf) kur = {0};
        AUTO(buf) answer = {0};
        struct cert ca;
        seems_issued_by(data[i], &ca_der, &cert);
        MUST_OK(cert_parse(buf_span(&ca_der), &ca));
        world_kur(&w, &(struct world_kur){.from = &(struct world_id){w.owner.key, cert}}, &kur);
        MUST_OK(world_handle(&w, buf_span(&kur), &answer, NULL));
        assert_int_equal(w.reissues, i + 1);
        if (!span_eq(buf_span(&w.seen_issuer), ca.subject))
            fail_msg("%s: its name came otherwise than it stands there", data[i]);
    }
}

static void other_bodies(void **state) {
    static const uint8_t types[] = {0, 2, 4, 9, 11, 25}; /* ir cr p10cr krr rr pollReq */
    AUTO(buf) kur = {0};
    struct cmp_msg m;
    (void)state;
    world_kur(&w, &(struct world_kur){0}, &kur);
    world_view(&kur, &m);
    size_t tag = (size_t)(m.header.ptr + m.header.len - kur.data);
    assert_int_equal(kur.data[tag], DER_CONTEXT_CONSTRUCTED(CMP_KUR));
    for (size_t i = 0; i < sizeof types; i++) {
        kur.data[tag] = DER_CONTEXT_CONSTRUCTED(types[i]);
        refused(&kur, "unsupported");
    }
}

static void nothing_is_granted_unkept(void **state) {
    AUTO(buf) kur = {0};
    AUTO(buf) answer = {0};
    (void)state;
    world_kur(&w, &(struct world_kur){0}, &kur);
    w.save_rc = RC_DB;
    MUST_FAIL(RC_DB, world_handle(&w, buf_span(&kur), &answer, NULL));
    assert_int_equal(answer.len, 0);
    w.save_rc = RC_OK;
    MUST_OK(world_handle(&w, buf_span(&kur), &answer, NULL));
    assert_int_equal(w.saved_count, 1);
}

static void own_failures_are_no_refusals(void **state) {
    AUTO(buf) kur = {0};
    AUTO(buf) answer = {0};
    (void)state;
    world_kur(&w, &(struct world_kur){0}, &kur);
    w.reissue_rc = RC_BUSY;
    MUST_FAIL(RC_BUSY, world_handle(&w, buf_span(&kur), &answer, NULL));
    w.reissue_rc = RC_OK;
    buf_clear(&kur);
    world_kur(&w, &(struct world_kur){.unprotected = true}, &kur);
    w.refused_rc = RC_DB; /* a refusal that cannot be recorded is not given */
    MUST_FAIL(RC_DB, world_handle(&w, buf_span(&kur), &answer, NULL));
    assert_int_equal(answer.len, 0);
}

static void confirming_again(void **state) {
    AUTO(buf) answer = {0};
    struct cmp_msg m;
    char code[CMP_CODE];
    (void)state;
    w.restart = true;
    whole_run();
    for (int i = 0; i < 2; i++) {
        MUST_OK(world_handle(&w, buf_span(&w.message[1]), &answer, code));
        world_view(&answer, &m);
        assert_int_equal(m.type, CMP_PKICONF);
    }
    assert_int_equal(w.confirms, 3);
    assert_int_equal(w.reissues, 1);
    assert_int_equal(world_confirmed(&w), 1);
}

static void confirmation_that_cannot_be_recorded(void **state) {
    AUTO(buf) answer = {0};
    (void)state;
    whole_run();
    w.load_rc = RC_DB;
    MUST_FAIL(RC_DB, world_handle(&w, buf_span(&w.message[1]), &answer, NULL));
    w.load_rc = RC_OK;
    w.confirm_rc = RC_DB;
    MUST_FAIL(RC_DB, world_handle(&w, buf_span(&w.message[1]), &answer, NULL));
    assert_int_equal(answer.len, 0);
}

static void confirmation_of_nothing(void **state) {
    (void)state;
    whole_run();
    for (int i = 0; i < w.saved_count; i++)
        buf_clear(&w.saved[i].transaction);
    refused(&w.message[1], "unknown-transaction");
}

/* The certificate on record is another one than the client's certConf names. */
static void confirmation_of_another_certificate(void **state) {
    (void)state;
    whole_run();
    MUST_OK(buf_set(&w.saved[0].kept.certificate, buf_span(&w.stranger.cert)));
    int before = w.confirms;
    refused(&w.message[1], "bad-confirmation");
    assert_int_equal(w.confirms, before);
}

static void altered_confirmation(void **state) {
    AUTO(buf) answer = {0};
    struct buf *conf = &w.message[1];
    (void)state;
    whole_run();
    w.saved[0].confirmed = 0;
    for (size_t i = 0; i < conf->len; i += 3) {
        struct cmp_msg m = {0};
        conf->data[i] ^= 1;
        enum rc rc = cmp_msg_parse(buf_span(conf), &m);
        bool beside = rc == RC_OK && m.signer.len > 0 && conf->data + i >= m.signer.ptr; /* extraCerts: not signed */
        rc = world_handle(&w, buf_span(conf), &answer, NULL);
        assert_true(rc == RC_OK || rc == RC_INPUT || rc == RC_LIMIT);
        conf->data[i] ^= 1;
        if (!beside && world_confirmed(&w) != 0)
            fail_msg("byte %zu altered, and yet confirmed", i);
        w.saved[0].confirmed = 0;
    }
}

/* A client that cannot use our kup says so by an error message (RFC 4210 5.3.21). */
static void error_of_the_client(void **state) {
    AUTO(buf) error = {0};
    AUTO(buf) answer = {0};
    struct cmp_msg kup, m;
    struct cert owner;
    (void)state;
    w.lose_send = 2;
    AUTO(cmp_result) r = {0};
    MUST_FAIL(RC_NETWORK, cmp_cli_run(&w.cli, &r));
    world_view(&w.answer[0], &kup);
    MUST_OK(cert_parse(buf_span(&w.owner.cert), &owner));
    struct cmp_reply by = {&kup, w.owner.key, &owner, buf_span(&w.old_ca.cert), WORLD_NOW};
    MUST_OK(cmp_write_error(&by, CMP_BAD_REQUEST, "không đọc được", &error));
    MUST_OK(world_handle(&w, buf_span(&error), &answer, NULL));
    world_view(&answer, &m);
    assert_int_equal(m.type, CMP_PKICONF);
    assert_int_equal(world_confirmed(&w), -1);
    assert_string_equal(w.saved[0].text, "không đọc được");

    w.saved[0].confirmed = 0; /* another's error does not count */
    MUST_OK(cert_parse(buf_span(&w.stranger.cert), &owner));
    by.key = w.stranger.key;
    MUST_OK(cmp_write_error(&by, CMP_BAD_REQUEST, "không đọc được", &error));
    refused(&error, "bad-confirmation");
    assert_int_equal(world_confirmed(&w), 0);
}

static void server_out_of_its_time(void **state) {
    AUTO(buf) kur = {0};
    AUTO(buf) answer = {0};
    (void)state;
    world_kur(&w, &(struct world_kur){0}, &kur);
    MUST_FAIL(RC_CRYPTO, cmp_srv_handle(w.srv, buf_span(&kur), WORLD_NOW + WORLD_YEAR, &w.hooks, &answer, NULL));
    assert_int_equal(w.reissues, 0);
}

static void wrong_configuration(void **state) {
    AUTO_PTR(cmp_srv) srv = NULL;
    struct span old_ca = buf_span(&w.old_ca.cert), new_ca = buf_span(&w.new_ca.cert);
    (void)state;
    struct cmp_srv_config cfg = {w.owner.key, buf_span(&w.cmp.cert), new_ca, old_ca};
    MUST_FAIL(RC_CRYPTO, cmp_srv_open(&cfg, &srv)); /* key of another certificate */
    cfg = (struct cmp_srv_config){w.owner.key, buf_span(&w.owner.cert), new_ca, old_ca};
    MUST_FAIL(RC_CRYPTO, cmp_srv_open(&cfg, &srv)); /* not under the new CA */
    cfg = (struct cmp_srv_config){w.cmp.key, buf_span(&w.cmp.cert), new_ca, new_ca};
    MUST_FAIL(RC_INPUT, cmp_srv_open(&cfg, &srv)); /* one CA twice */
    assert_null(srv);
}

#define THREADS 4
#define ROUNDS  40

struct worker {
    pthread_t thread;
    struct buf kur;
    int granted;
};

/* Hooks without the world's memory: threads share the server only. */
static enum rc grant(void *arg, const struct cmp_kur *kur, struct cmp_answer *a) {
    (void)arg;
    a->granted = true;
    TRY(buf_set(&a->certificate, buf_span(&w.issued)));
    return kur->compose(kur->compose_arg, buf_span(&w.issued), &a->response);
}
static enum rc find_nothing(void *arg, struct span t, struct cmp_saved *saved) {
    (void)arg, (void)t, (void)saved;
    FAIL(RC_NOT_FOUND, "nothing is kept");
}
static enum rc refuse_silently(void *arg, struct span t, struct span serial, const char *code, const char *text) {
    (void)arg, (void)t, (void)serial, (void)code, (void)text;
    return RC_OK;
}

static void *work(void *arg) {
    struct worker *me = arg;
    struct cmp_hooks hooks = {grant, find_nothing, NULL, NULL, refuse_silently, NULL};
    for (int i = 0; i < ROUNDS; i++) {
        AUTO(buf) answer = {0};
        struct cmp_msg m;
        size_t at = me->kur.len / 2;
        me->kur.data[at] ^= i % 2; /* every second one is altered */
        if (cmp_srv_handle(w.srv, buf_span(&me->kur), WORLD_NOW, &hooks, &answer, NULL) == RC_OK &&
            cmp_msg_parse(buf_span(&answer), &m) == RC_OK)
            me->granted += m.type == CMP_KUP && i % 2 == 0;
        me->kur.data[at] ^= i % 2;
    }
    return NULL;
}

static void many_at_once(void **state) {
    struct worker workers[THREADS] = {0};
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        world_kur(&w, &(struct world_kur){0}, &workers[i].kur);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].granted, ROUNDS / 2);
        buf_free(&workers[i].kur);
    }
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(same_kur_same_bytes),
        IN_A_WORLD(transaction_is_taken),
        IN_A_WORLD(altered_anywhere),
        IN_A_WORLD(cut_short_and_too_long),
        IN_A_WORLD(another_subscriber),
        IN_A_WORLD(anothers_old_cert_id),
        IN_A_WORLD(new_key),
        IN_A_WORLD(anothers_signature),
        IN_A_WORLD(no_certificate_beside),
        IN_A_WORLD(protection_by_other_means),
        IN_A_WORLD(weak_digests),
        IN_A_WORLD(weak_proof_of_possession),
        IN_A_WORLD(real_issuers_name),
        IN_A_WORLD(other_bodies),
        IN_A_WORLD(nothing_is_granted_unkept),
        IN_A_WORLD(own_failures_are_no_refusals),
        IN_A_WORLD(confirming_again),
        IN_A_WORLD(confirmation_that_cannot_be_recorded),
        IN_A_WORLD(confirmation_of_nothing),
        IN_A_WORLD(confirmation_of_another_certificate),
        IN_A_WORLD(altered_confirmation),
        IN_A_WORLD(error_of_the_client),
        IN_A_WORLD(server_out_of_its_time),
        IN_A_WORLD(wrong_configuration),
        IN_A_WORLD(many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
