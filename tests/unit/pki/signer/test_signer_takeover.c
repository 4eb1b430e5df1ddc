/* The network process in a stranger's hands: it has the pool's sockets, every certificate, every request that came, and
   writes what it likes. Nothing is signed that no token asked for, and nothing twice. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/day.h"
#include "base/fs.h"
#include "base/hex.h"
#include "lib/kur.h"
#include "lib/must.h"
#include "lib/pki_world.h"
#include "pki/signer/signer_lines.h"
#include "pki/signer/signer_wire.h"

#define LONG_AFTER 30000 /* a day in 2052 */

static struct signer *pool;
static char key_path[PATH_CAP], seal_path[PATH_CAP], journal_path[PATH_CAP]; /* "": none */

static struct signer_config config(struct signer_terms terms) {
    pki_world_path(&world, "new.key", key_path);
    return (struct signer_config){.key_ref = key_path,
                                  .ca_der = buf_span(&world.new_der),
                                  .old_ca_der = buf_span(&world.old_der),
                                  .helpers = 3,
                                  .seal_file = seal_path,
                                  .journal = journal_path[0] == '\0' ? NULL : journal_path,
                                  .terms = terms};
}

static void open_pool(struct signer_terms terms) {
    const struct signer_config cfg = config(terms);
    MUST_OK(signer_open(&cfg, &pool));
}

static void close_pool(void) {
    signer_free(pool);
    pool = NULL;
}

/* A subscriber of its own for each test: the last byte of the serial number tells them apart. */
static void subscriber(uint8_t number, struct buf *der) {
    struct mint_subscriber sub = pki_world_subscriber(&world);
    sub.serial[sub.serial_len - 1] = number;
    MUST_OK(mint_subscriber(&sub, world.old_key, ca_cert(world.old_ca), der));
}

static void tbs_with(const struct buf *old_der, struct span spki, uint8_t serial, int64_t not_before, struct buf *tbs) {
    struct profile_input in = pki_world_input(&world);
    uint8_t number[SERIAL_LEN];
    struct cert old;
    MUST_OK(cert_parse(buf_span(old_der), &old));
    memcpy(number, in.serial, sizeof number);
    number[SERIAL_LEN - 1] = serial;
    in.old_cert = &old;
    in.serial = number;
    in.spki = spki;
    in.not_before = not_before;
    buf_clear(tbs);
    MUST_OK(profile_tbs(&in, tbs));
}

static void tbs_of(const struct buf *old_der, uint8_t serial, struct buf *tbs) {
    tbs_with(old_der, (struct span){0}, serial, DRILL_NOW - 3600, tbs);
}

static enum rc ask_on(const struct buf *old, struct span kur, const struct buf *tbs, const struct signer_claim *claim) {
    AUTO(buf) signature = {0};
    const struct signer_request req = {buf_span(old), kur, buf_span(tbs), *claim};
    return signer_sign(pool, &req, &signature);
}

static struct signer_claim sealed(struct seal_record record) {
    AUTO_PTR(seal) seal = NULL;
    struct signer_claim claim = {.sealed = 1, .record = record};
    MUST_OK(seal_open(seal_path, &seal));
    claim.mac = seal_record_mac(seal, &claim.record);
    return claim;
}

/* In force, and sold for as long as anybody may wish. */
static struct seal_record record_of(const struct buf *old_der) {
    struct seal_record r = {.contract_to = LONG_AFTER, .status = STATUS_ACTIVE};
    struct cert old;
    MUST_OK(cert_parse(buf_span(old_der), &old));
    serial_to_hex(old.facts.serial, old.facts.serial_len, r.serial);
    cert_issuer_key(&old, r.issuer_key);
    return r;
}

static enum rc ask(const struct buf *old, struct span kur, const struct buf *tbs) {
    const struct signer_claim none = {0}, claim = seal_path[0] == '\0' ? none : sealed(record_of(old));
    return ask_on(old, kur, tbs, &claim);
}

static void refused(const struct buf *old, struct span kur, const struct buf *tbs, const char *why) {
    MUST_FAIL(RC_REFUSED, ask(old, kur, tbs));
    if (strstr(err_text(), why) == NULL)
        fail_msg("\"%s\" is not \"%s\"", err_text(), why);
}

static void other_bytes(const struct buf *old, struct span kur, const struct buf *tbs) {
    MUST_FAIL(RC_EXISTS, ask(old, kur, tbs));
    assert_non_null(strstr(err_text(), "other bytes"));
}

/* An empty one: pools that are opened from here on write it. */
static void journal_new(void) {
    AUTO_PTR(seal) seal = NULL;
    AUTO_PTR(journal_book) none = NULL;
    pki_world_path(&world, "seal.key", seal_path);
    pki_world_path(&world, "signed.journal", journal_path);
    (void)fs_remove(seal_path);
    (void)fs_remove(journal_path);
    MUST_OK(seal_make(seal_path));
    MUST_OK(seal_open(seal_path, &seal));
    MUST_OK(journal_book_new(&none));
    MUST_OK(signed_journal_make(journal_path, seal, none));
}

static void nothing_without_the_tokens_request(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) other = {0};
    AUTO(buf) message = {0};
    AUTO(buf) others = {0};
    AUTO(buf) altered = {0};
    AUTO(buf) tbs = {0};
    (void)state;
    open_pool(pki_world_terms());
    subscriber(1, &mine);
    subscriber(2, &other);
    tbs_of(&mine, 1, &tbs);
    refused(&mine, (struct span){0}, &tbs, "request");
    refused(&mine, span_str("no request at all"), &tbs, "request");
    struct span kur = pki_world_kur(&world, buf_span(&mine), NULL, &message);
    MUST_OK(buf_set(&altered, kur));
    for (size_t i = 0; i < altered.len; i += 7) {
        altered.data[i] ^= 4;
        MUST_FAIL(RC_REFUSED, ask(&mine, buf_span(&altered), &tbs));
        altered.data[i] ^= 4;
    }
    /* What another subscriber's token asked for: here it even has the same key, and names that one's certificate. */
    struct span theirs = pki_world_kur(&world, buf_span(&other), NULL, &others);
    refused(&mine, theirs, &tbs, "another old certificate");
    MUST_OK(ask(&mine, kur, &tbs));
    close_pool();
}

/* What the network process signs by a key of its own is no token's word. */
static void nothing_for_a_key_of_its_own(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) message = {0};
    AUTO(buf) tbs = {0};
    struct cmp_msg m;
    (void)state;
    open_pool(pki_world_terms());
    subscriber(3, &mine);
    tbs_of(&mine, 1, &tbs);
    const struct kur k = {.old_cert = buf_span(&mine), .key = world.old_key};
    MUST_OK(kur_write(&k, &message));
    MUST_OK(cmp_msg_parse(buf_span(&message), &m));
    refused(&mine, m.core, &tbs, "protection");
    close_pool();
}

/* A certConf, signed by the token as well, asks for nothing. */
static void nothing_for_another_message(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) message = {0};
    AUTO(buf) tbs = {0};
    struct cmp_msg m;
    (void)state;
    open_pool(pki_world_terms());
    subscriber(4, &mine);
    tbs_of(&mine, 1, &tbs);
    const struct kur k = {.old_cert = buf_span(&mine), .key = world.sub_key};
    MUST_OK(kur_write(&k, &message));
    size_t at = 0;
    MUST_OK(cmp_msg_parse(buf_span(&message), &m));
    at = (size_t)(m.body.ptr - message.data);
    message.data[at] = DER_CONTEXT_CONSTRUCTED(CMP_CERTCONF);
    refused(&mine, m.core, &tbs, "no kur");
    close_pool();
}

/* Whichever helper is asked, and after the first has died: one set of bytes for one old certificate. */
static void never_a_second_set_of_bytes(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) message = {0};
    AUTO(buf) again = {0};
    AUTO(buf) tbs = {0};
    AUTO(buf) other = {0};
    (void)state;
    open_pool(pki_world_terms());
    subscriber(5, &mine);
    tbs_of(&mine, 1, &tbs);
    tbs_of(&mine, 2, &other);
    struct span kur = pki_world_kur(&world, buf_span(&mine), NULL, &message);
    MUST_OK(ask(&mine, kur, &tbs));
    for (int i = 0; i < 9; i++) { /* three helpers */
        other_bytes(&mine, kur, &other);
        MUST_OK(ask(&mine, kur, &tbs)); /* the same ones again are no harm */
    }
    const struct kur k = {.old_cert = buf_span(&mine), .key = world.sub_key, .number = 77};
    struct cmp_msg m;
    MUST_OK(kur_write(&k, &again));
    MUST_OK(cmp_msg_parse(buf_span(&again), &m));
    other_bytes(&mine, m.core, &other); /* nor for a fresh request */
    MUST_OK(ask(&mine, m.core, &tbs));
    close_pool();
}

/* R5.9: re-key where the campaign allows it, for the key that the token asked for and that proved itself. */
static void another_key_only_with_its_own_proof(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) message = {0};
    AUTO(buf) unproven = {0};
    AUTO(buf) spki = {0};
    AUTO(buf) tbs = {0};
    AUTO(buf) same = {0};
    struct signer_terms terms = pki_world_terms();
    struct cmp_msg m;
    (void)state;
    subscriber(6, &mine);
    MUST_OK(key_spki(world.new_key, &spki)); /* any other key */
    tbs_with(&mine, buf_span(&spki), 1, DRILL_NOW - 3600, &tbs);
    tbs_of(&mine, 1, &same);
    struct span kur = pki_world_kur(&world, buf_span(&mine), world.new_key, &message);
    open_pool(terms);
    refused(&mine, kur, &tbs, "R5.9"); /* not in a campaign that keeps the key */
    close_pool();
    terms.new_key_allowed = true;
    open_pool(terms);
    const struct kur k = {.old_cert = buf_span(&mine), .key = world.sub_key, .new_key = world.new_key, .no_popo = true};
    MUST_OK(kur_write(&k, &unproven));
    MUST_OK(cmp_msg_parse(buf_span(&unproven), &m));
    refused(&mine, m.core, &tbs, "proof of possession");
    refused(&mine, kur, &same, "R5.9"); /* asked for the new key: the old one's bytes are not what was asked for */
    MUST_OK(ask(&mine, kur, &tbs));
    close_pool();
}

/* What the campaign says was fixed when the pool was started. */
static void nothing_beyond_the_campaign(void **state) {
    enum { CASES = 6 };
    AUTO(buf) mine = {0};
    AUTO(buf) message = {0};
    AUTO(buf) tbs = {0};
    AUTO(buf) ahead = {0};
    struct signer_terms terms[CASES];
    static const char *const why[CASES] = {"another address",      "another address", "R2.5", "R2.3",
                                           "before the programme", "at least 4096"};
    (void)state;
    for (int i = 0; i < CASES; i++)
        terms[i] = pki_world_terms();
    terms[0].ocsp_url = "http://elsewhere.example";
    terms[1].crl_url = "";
    terms[2].issued_before = SUB_FROM;
    terms[3].ends_from = OLD_CA_TO + 1;
    terms[4].earliest_begin = DRILL_NOW;
    terms[5].min_key_bits = 4096;
    subscriber(7, &mine);
    tbs_of(&mine, 1, &tbs);
    struct span kur = pki_world_kur(&world, buf_span(&mine), NULL, &message);
    for (int i = 0; i < CASES; i++) {
        open_pool(terms[i]);
        refused(&mine, kur, &tbs, why[i]);
        close_pool();
    }
    open_pool(pki_world_terms());
    tbs_with(&mine, (struct span){0}, 1, DRILL_NOW + 2 * DAY_SECONDS, &ahead);
    refused(&mine, kur, &ahead, "in the future");
    MUST_OK(ask(&mine, kur, &tbs));
    close_pool();
}

/* The pool ends and another one begins, on the journal that the first has left: nobody who has taken over the network
   process, and the database with it, gets other bytes signed by that. */
static void nor_after_a_restart(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) late = {0};
    AUTO(buf) message = {0};
    AUTO(buf) second = {0};
    AUTO(buf) tbs = {0};
    AUTO(buf) other = {0};
    (void)state;
    subscriber(8, &mine);
    subscriber(9, &late);
    tbs_of(&mine, 1, &tbs);
    tbs_of(&mine, 2, &other);
    struct span kur = pki_world_kur(&world, buf_span(&mine), NULL, &message);
    struct span later = pki_world_kur(&world, buf_span(&late), NULL, &second);
    journal_new();
    open_pool(pki_world_terms());
    MUST_OK(ask(&mine, kur, &tbs));
    for (int i = 0; i < 3; i++) {
        other_bytes(&mine, kur, &other);
        close_pool();
        open_pool(pki_world_terms());
        other_bytes(&mine, kur, &other);
        MUST_OK(ask(&mine, kur, &tbs));
    }
    tbs_of(&late, 1, &tbs); /* others go on */
    MUST_OK(ask(&late, later, &tbs));
    close_pool();
    journal_path[0] = seal_path[0] = '\0';
}

static void refused_on(const struct buf *old, struct span kur, const struct buf *tbs, struct signer_claim claim,
                       const char *why) {
    MUST_FAIL(RC_REFUSED, ask_on(old, kur, tbs, &claim));
    if (strstr(err_text(), why) == NULL)
        fail_msg("\"%s\" is not \"%s\"", err_text(), why);
}

/* What the records say is no word of the network process either: only as it was sealed, and no longer than sold. */
static void nothing_beyond_the_record(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) other = {0};
    AUTO(buf) message = {0};
    AUTO(buf) tbs = {0};
    (void)state;
    subscriber(11, &mine);
    subscriber(12, &other);
    tbs_of(&mine, 1, &tbs);
    struct span kur = pki_world_kur(&world, buf_span(&mine), NULL, &message);
    journal_new();
    open_pool(pki_world_terms());
    struct seal_record r = record_of(&mine);
    refused_on(&mine, kur, &tbs, (struct signer_claim){.record = r}, "no seal");
    refused_on(&mine, kur, &tbs, sealed(record_of(&other)), "another certificate");
    struct signer_claim claim = sealed(r);
    claim.record.contract_to++; /* prolonged by hand */
    refused_on(&mine, kur, &tbs, claim, "record");
    r.status = STATUS_SUSPENDED;
    refused_on(&mine, kur, &tbs, sealed(r), "not in force");
    r.status = STATUS_ACTIVE;
    r.contract_to = (int32_t)(DRILL_NOW / DAY_SECONDS) + 1; /* long before what is asked for */
    refused_on(&mine, kur, &tbs, sealed(r), "end");
    MUST_OK(ask(&mine, kur, &tbs));
    close_pool();
    journal_path[0] = seal_path[0] = '\0';
}

/* Of what is refused nothing is entered: nobody uses up another's one set of bytes. */
static void a_refusal_is_not_entered(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) message = {0};
    AUTO(buf) tbs = {0};
    AUTO(buf) other = {0};
    (void)state;
    subscriber(10, &mine);
    tbs_of(&mine, 1, &tbs);
    tbs_of(&mine, 2, &other);
    journal_new();
    open_pool(pki_world_terms());
    refused(&mine, span_str("no request at all"), &other, "request");
    MUST_OK(ask(&mine, pki_world_kur(&world, buf_span(&mine), NULL, &message), &tbs));
    close_pool();
    AUTO_PTR(journal_book) book = NULL;
    struct journal_state is;
    MUST_OK(journal_book_new(&book));
    MUST_OK(signed_journal_read(journal_path, NULL, book, &is));
    assert_int_equal(is.entries, 1);
    journal_path[0] = seal_path[0] = '\0';
}

/* POPOSigningKeyInput under [1]: the new key's signature over a name and itself. */
static void possession_input(struct span name, struct derw *popo) {
    AUTO(buf) spki = {0};
    AUTO(buf) signature = {0};
    AUTO(derw) input = {0};
    struct der_item in;
    MUST_OK(key_spki(world.new_key, &spki));
    derw_open(&input, DER_SEQUENCE);
    derw_open(&input, DER_CONTEXT_CONSTRUCTED(0));
    derw_open(&input, CMP_DIRECTORY_NAME);
    derw_raw(&input, name);
    derw_close(&input);
    derw_close(&input);
    derw_raw(&input, buf_span(&spki));
    derw_close(&input);
    MUST_OK(derw_end(&input));
    MUST_OK(key_sign(world.new_key, buf_span(&input.out), &signature));
    struct der d = der_open(buf_span(&input.out));
    MUST_OK(der_take(&d, DER_SEQUENCE, &in));
    derw_open(popo, DER_CONTEXT_CONSTRUCTED(1));
    derw_open(popo, DER_CONTEXT_CONSTRUCTED(0));
    derw_raw(popo, in.value);
    derw_close(popo);
    derw_raw(popo, key_sig_alg(world.new_key));
    derw_bits(popo, buf_span(&signature), 0);
    derw_close(popo);
    MUST_OK(derw_end(popo));
}

/* What the owner of a key signed once under another name proves nothing for this one. */
static void anothers_possession_is_none(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) spki = {0};
    AUTO(buf) tbs = {0};
    struct cert own, other;
    struct signer_terms terms = pki_world_terms();
    (void)state;
    subscriber(66, &mine);
    MUST_OK(cert_parse(buf_span(&mine), &own));
    MUST_OK(cert_parse(buf_span(&world.new_der), &other));
    MUST_OK(key_spki(world.new_key, &spki));
    tbs_with(&mine, buf_span(&spki), 1, DRILL_NOW - 3600, &tbs);
    terms.new_key_allowed = true;
    open_pool(terms);
    for (int right = 0; right < 2; right++) {
        AUTO(buf) message = {0};
        AUTO(derw) popo = {0};
        struct cmp_msg m;
        possession_input(right ? own.subject : other.subject, &popo);
        const struct kur k = {
            .old_cert = buf_span(&mine), .key = world.sub_key, .new_key = world.new_key, .popo = buf_span(&popo.out)};
        MUST_OK(kur_write(&k, &message));
        MUST_OK(cmp_msg_parse(buf_span(&message), &m));
        if (right)
            MUST_OK(ask(&mine, m.core, &tbs));
        else
            refused(&mine, m.core, &tbs, "another subscriber");
    }
    close_pool();
}

/* How long a file of the parent's, our only child, may become. */
static void let_grow(rlim_t bytes) {
    char path[64];
    AUTO(buf) text = {0};
    struct rlimit limit;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    MUST_OK(fs_read(path, 100, &text));
    pid_t parent = (pid_t)strtol(buf_str(&text), NULL, 10);
    assert_int_equal(prlimit(parent, RLIMIT_FSIZE, NULL, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(prlimit(parent, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* A full disk of the journal: nothing is signed, the pool says why, and both end when there is room. */
static void says_that_the_journal_has_no_room(void **state) {
    AUTO(buf) old = {0};
    AUTO(buf) message = {0};
    AUTO(buf) tbs = {0};
    struct signer_health h;
    (void)state;
    signal(SIGXFSZ, SIG_IGN); /* as at a full disk, the write fails */
    journal_new();
    open_pool(pki_world_terms());
    subscriber(40, &old);
    tbs_of(&old, 40, &tbs);
    struct span kur = pki_world_kur(&world, buf_span(&old), NULL, &message);
    signer_look(pool, &h);
    assert_false(h.unwritten);
    let_grow(JOURNAL_ENTRY + 7);
    MUST_FAIL(RC_BUSY, ask(&old, kur, &tbs));
    signer_look(pool, &h);
    assert_true(h.unwritten);
    let_grow(RLIM_INFINITY);
    MUST_OK(ask(&old, kur, &tbs));
    signer_look(pool, &h);
    assert_false(h.unwritten);
    close_pool();
}

static uint32_t late(const struct buf *old, const struct buf *made) {
    const struct signer_pair pair = {buf_span(old), buf_span(made)};
    size_t taken = 0;
    uint32_t left = 0;
    MUST_OK(signer_lines_late(pool, &pair, 1, &taken, &left));
    assert_int_equal(taken, 1);
    return left;
}

/* What an older journal lacks is entered on the CA's word alone: nobody can have others kept from their renewal, and
   what was entered is not signed for anew. */
static void only_what_the_ca_signed_is_late(void **state) {
    AUTO(buf) mine = {0};
    AUTO(buf) other = {0};
    AUTO(buf) tbs = {0};
    AUTO(buf) made = {0};
    AUTO(buf) message = {0};
    AUTO(buf) spki = {0};
    (void)state;
    journal_new();
    open_pool(pki_world_terms());
    subscriber(1, &mine);
    subscriber(2, &other);
    MUST_OK(key_spki(world.new_key, &spki));
    tbs_with(&other, buf_span(&spki), 2, DRILL_NOW - 3600, &tbs);
    pki_world_issue(&world, buf_span(&tbs), &made);
    assert_int_equal(late(&mine, &made), 1); /* another holder's */
    assert_int_equal(late(&mine, &mine), 1); /* the old CA's */
    tbs_of(&mine, 1, &tbs);
    buf_clear(&made);
    pki_world_issue(&world, buf_span(&tbs), &made);
    made.data[made.len - 1] ^= 1;
    assert_int_equal(late(&mine, &made), 1);
    made.data[made.len - 1] ^= 1;
    mine.data[mine.len - 1] ^= 1;
    assert_int_equal(late(&mine, &made), 1);
    mine.data[mine.len - 1] ^= 1;
    assert_int_equal(late(&mine, &made), 0);
    assert_int_equal(late(&mine, &made), 0); /* twice is once */
    struct span kur = pki_world_kur(&world, buf_span(&mine), NULL, &message);
    MUST_OK(ask(&mine, kur, &tbs));
    tbs_of(&mine, 3, &tbs);
    other_bytes(&mine, kur, &tbs);
    buf_clear(&made);
    pki_world_issue(&world, buf_span(&tbs), &made);
    assert_int_equal(late(&mine, &made), 1); /* the CA's, but not the one that is in it */
    assert_non_null(strstr(err_text(), "other bytes"));
    close_pool();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_without_the_tokens_request),
        cmocka_unit_test(nothing_for_a_key_of_its_own),
        cmocka_unit_test(nothing_for_another_message),
        cmocka_unit_test(never_a_second_set_of_bytes),
        cmocka_unit_test(another_key_only_with_its_own_proof),
        cmocka_unit_test(nothing_beyond_the_campaign),
        cmocka_unit_test(nor_after_a_restart),
        cmocka_unit_test(a_refusal_is_not_entered),
        cmocka_unit_test(says_that_the_journal_has_no_room),
        cmocka_unit_test(nothing_beyond_the_record),
        cmocka_unit_test(anothers_possession_is_none),
        cmocka_unit_test(only_what_the_ca_signed_is_late),
    };
    return cmocka_run_group_tests(tests, pki_world_setup, pki_world_teardown);
}
