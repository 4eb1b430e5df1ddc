/* The parent's end of the audit: seals what goes on from a sealed end, hashes by itself, never goes back. */
#include "pki/signer/signer_chain.h"

#include <string.h>

#include "lib/must.h"
#include "lib/tmp.h"
#include "pki/seal/seal_end.h"
#include "pki/seal/seal_record.h"

static struct seal *seal;
static struct signer_chain *chain;
static uint64_t id;

struct end {
    int64_t seq;
    struct sha256 hash, mac;
};

static struct end start(void) {
    struct end e = {.seq = 7, .hash = sha256_of(span_str("seven lines"))};
    e.mac = seal_end_mac(seal, e.seq, &e.hash);
    return e;
}

static void put_line(struct buf *out, const char *line) {
    uint32_t len = (uint32_t)strlen(line);
    MUST_OK(buf_add(out, &len, sizeof len));
    MUST_OK(buf_add_str(out, line));
}

/* One packet; false: it is not answered. */
static bool say(struct chain_ask ask, const struct buf *lines, struct chain_tell *tell) {
    AUTO(buf) packet = {0};
    MUST_OK(buf_add(&packet, &ask, sizeof ask));
    if (lines != NULL)
        MUST_OK(buf_add_span(&packet, buf_span(lines)));
    return signer_chain_take(chain, buf_span(&packet), tell);
}

static struct chain_ask ask_from(const struct end *from, bool last) {
    return (struct chain_ask){CHAIN_LINK, last, ++id, from->seq, from->hash, from->mac};
}

/* Links one line; the code it comes to. */
static enum rc link_line(const struct end *from, const char *line, struct end *to) {
    AUTO(buf) lines = {0};
    struct chain_tell tell;
    put_line(&lines, line);
    assert_true(say(ask_from(from, true), &lines, &tell));
    assert_int_equal(tell.id, id);
    *to = (struct end){from->seq + 1, sha256_of2(span_of(from->hash.bytes, SHA256_LEN), span_str(line)), tell.mac};
    return (enum rc)tell.rc == RC_OK ? RC_OK : err_set((enum rc)tell.rc, "%s", tell.text);
}

static void kept(int64_t seq) {
    struct chain_tell tell;
    assert_false(say((struct chain_ask){.word = CHAIN_KEPT, .seq = seq}, NULL, &tell));
}

static void seals_what_it_hashed_itself(void **state) {
    (void)state;
    struct end a = start(), b, c;
    MUST_OK(link_line(&a, "eight", &b));
    MUST_OK(seal_end_check(seal, 8, &b.hash, &b.mac));
    MUST_OK(link_line(&b, "nine", &c));
    MUST_OK(seal_end_check(seal, 9, &c.hash, &c.mac));
}

static void lines_may_come_in_parts(void **state) {
    (void)state;
    AUTO(buf) one = {0};
    AUTO(buf) two = {0};
    struct end a = start();
    struct chain_tell tell;
    put_line(&one, "eight");
    put_line(&two, "nine");
    assert_false(say(ask_from(&a, false), &one, &tell));
    assert_true(say((struct chain_ask){.word = CHAIN_MORE, .last = 1, .id = id}, &two, &tell));
    assert_int_equal(tell.rc, RC_OK);
    struct sha256 hash = sha256_of2(span_of(a.hash.bytes, SHA256_LEN), span_str("eight"));
    hash = sha256_of2(span_of(hash.bytes, SHA256_LEN), span_str("nine"));
    MUST_OK(seal_end_check(seal, 9, &hash, &tell.mac));
    assert_true(say((struct chain_ask){.word = CHAIN_MORE, .last = 1}, &two, &tell)); /* goes on from nothing */
    assert_int_not_equal(tell.rc, RC_OK);
}

static void an_end_that_is_not_ours_is_not_gone_on_with(void **state) {
    (void)state;
    struct end a = start(), b, to;
    b = a;
    b.mac.bytes[0] ^= 1;
    MUST_FAIL(RC_DB, link_line(&b, "eight", &to));
    b = a;
    b.hash.bytes[31] ^= 1;
    MUST_FAIL(RC_DB, link_line(&b, "eight", &to));
    b = a;
    b.seq--;
    MUST_FAIL(RC_DB, link_line(&b, "eight", &to));
    b = (struct end){0}; /* as an empty audit has it: that would be a way to begin anew */
    MUST_FAIL(RC_DB, link_line(&b, "one", &to));
    MUST_OK(link_line(&a, "eight", &to));
}

/* A commit that fails leaves the end where it was: the same lines, or others, are linked again. What is committed
 * stays.
 */
static void never_goes_back_behind_what_is_committed(void **state) {
    (void)state;
    struct end a = start(), b, other;
    MUST_OK(link_line(&a, "eight", &b));
    MUST_OK(link_line(&a, "eight, once more", &b));
    kept(9); /* was never linked */
    MUST_OK(link_line(&a, "eight, again", &b));
    kept(8);
    MUST_FAIL(RC_DB, link_line(&a, "eight, rewritten", &other));
    assert_non_null(strstr(err_text(), "line 8 was committed"));
    MUST_OK(link_line(&b, "nine", &other));
    MUST_OK(link_line(&other, "ten", &b)); /* nine is in the database, for ten goes on from it */
    MUST_FAIL(RC_DB, link_line(&(struct end){8, b.hash, b.mac}, "nine", &other));
}

static void odd_packets_are_survived(void **state) {
    (void)state;
    struct end a = start();
    struct chain_tell tell;
    AUTO(buf) lines = {0};
    uint32_t len = 1000;
    assert_false(signer_chain_take(chain, span_str("short"), &tell));
    MUST_OK(buf_add(&lines, &len, sizeof len)); /* promises more than comes */
    assert_true(say(ask_from(&a, true), &lines, &tell));
    assert_int_equal(tell.rc, RC_BUG);
    lines.len = 2;
    assert_true(say(ask_from(&a, true), &lines, &tell));
    assert_int_equal(tell.rc, RC_BUG);
    assert_true(say((struct chain_ask){.word = 77, .last = 1, .id = 5}, NULL, &tell));
    assert_int_not_equal(tell.rc, RC_OK);
}

static struct signer_claim claim_of(const char *serial) {
    struct signer_claim c = {.sealed = 1};
    MUST_OK(text_set(c.record.serial, sizeof c.record.serial, serial));
    c.mac = seal_record_mac(seal, &c.record);
    return c;
}

/* Links one line that rests on these records. */
static enum rc link_on(const struct end *from, const struct signer_claim *claims, size_t count) {
    AUTO(buf) lines = {0};
    AUTO(buf) records = {0};
    struct chain_tell tell;
    put_line(&lines, "reserved");
    MUST_OK(buf_add(&records, claims, count * sizeof *claims));
    assert_false(say(ask_from(from, false), &lines, &tell));
    assert_true(say((struct chain_ask){.word = CHAIN_CLAIMS, .last = 1, .id = id}, &records, &tell));
    return (enum rc)tell.rc == RC_OK ? RC_OK : err_set((enum rc)tell.rc, "%s", tell.text);
}

static void lines_rest_on_records_that_are_as_they_were_sealed(void **state) {
    (void)state;
    struct end a = start(), to;
    struct signer_claim claims[] = {claim_of("0A"), claim_of("0B"), claim_of("0C")};
    MUST_OK(link_on(&a, claims, 3));
    claims[2].record.contract_to++;
    MUST_FAIL(RC_REFUSED, link_on(&a, claims, 3));
    claims[2] = claim_of("0C");
    claims[1].sealed = 0;
    MUST_FAIL(RC_REFUSED, link_on(&a, claims, 3));
    assert_non_null(strstr(err_text(), "carries no seal"));
    a.mac.bytes[0] ^= 1;
    MUST_FAIL(RC_DB, link_on(&a, claims, 1)); /* the audit itself is told of first */
    a = start();
    struct chain_tell tell;
    AUTO(buf) half = {0};
    MUST_OK(buf_add(&half, claims, sizeof claims[0] - 1));
    assert_false(say(ask_from(&a, false), NULL, &tell));
    assert_true(say((struct chain_ask){.word = CHAIN_CLAIMS, .last = 1, .id = id}, &half, &tell));
    assert_int_equal(tell.rc, RC_BUG);
    MUST_OK(link_line(&a, "eight", &to));
}

static void without_a_key_nothing_is_linked(void **state) {
    (void)state;
    struct end a = start(), to;
    signer_chain_free(chain);
    MUST_OK(signer_chain_new(NULL, &chain));
    MUST_FAIL(RC_NOT_FOUND, link_line(&a, "eight", &to));
}

static int fresh(void **state) {
    (void)state;
    return signer_chain_new(seal, &chain) == RC_OK ? 0 : 1;
}

static int gone(void **state) {
    (void)state;
    signer_chain_free(chain);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

int main(void) {
    AUTO(tmp) dir = {0};
    char path[PATH_CAP];
    const struct CMUnitTest tests[] = {
        TEST(seals_what_it_hashed_itself),
        TEST(lines_may_come_in_parts),
        TEST(an_end_that_is_not_ours_is_not_gone_on_with),
        TEST(never_goes_back_behind_what_is_committed),
        TEST(odd_packets_are_survived),
        TEST(lines_rest_on_records_that_are_as_they_were_sealed),
        TEST(without_a_key_nothing_is_linked),
    };
    if (tmp_make(&dir, NULL, "chain") != RC_OK || fs_join(path, dir.dir, "seal.key") != RC_OK ||
        seal_make(path) != RC_OK || seal_open(path, &seal) != RC_OK)
        return 1;
    int failed = cmocka_run_group_tests_name("pki/signer_chain", tests, NULL, NULL);
    seal_free(seal);
    return failed;
}
