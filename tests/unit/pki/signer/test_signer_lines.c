/* The server's end of the audit's channel: as many packets as it takes, and never longer than its patience. */
#include "pki/signer/signer_lines.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/os.h"
#include "lib/must.h"
#include "lib/tmp.h"
#include "pki/seal/seal_end.h"
#include "pki/signer/signer_chain.h"
#include "pki/signer/signer_pool.h"

#define MANY 1000 /* lines, and records: several packets of each */

static struct seal *seal;
static int parent; /* its end */

/* Of the pool nothing but its channel. */
static void open_channel(struct signer *s) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    *s = (struct signer){.chain = pair[0]};
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->trip, NULL);
    parent = pair[1];
}

static void close_channel(struct signer *s) {
    close(parent);
    close(s->chain);
    pthread_mutex_destroy(&s->trip);
    pthread_mutex_destroy(&s->lock);
}

static void *answer(void *arg) {
    static uint8_t packet[CHAIN_PACKET];
    struct signer_chain *chain;
    struct chain_tell tell;
    int *packets = arg;
    MUST_OK(signer_chain_new(seal, &chain));
    for (bool told = false; !told; ++*packets) {
        ssize_t got = recv(parent, packet, sizeof packet, 0);
        assert_true(got > 0);
        told = signer_chain_take(chain, span_of(packet, (size_t)got), &tell);
    }
    assert_int_equal(send(parent, &tell, sizeof tell, 0), sizeof tell);
    signer_chain_free(chain);
    return NULL;
}

static struct signer_lines from_end(const struct buf *lines, const struct buf *claims) {
    struct signer_lines in = {.seq = 7, .hash = sha256_of(span_str("seven lines"))};
    in.mac = seal_end_mac(seal, in.seq, &in.hash);
    in.lines = buf_span(lines);
    in.claims = buf_span(claims);
    return in;
}

static void add_line(struct buf *lines, struct sha256 *hash, int i) {
    char text[64];
    uint32_t len = (uint32_t)snprintf(text, sizeof text, "line %d with as many bytes as one has or so", i);
    MUST_OK(buf_add(lines, &len, sizeof len));
    MUST_OK(buf_add_str(lines, text));
    *hash = sha256_of2(span_of(hash->bytes, SHA256_LEN), span_str(text));
}

static void add_claim(struct buf *claims, bool good) {
    struct signer_claim c = {.sealed = 1};
    MUST_OK(text_set(c.record.serial, sizeof c.record.serial, "0A"));
    c.mac = seal_record_mac(seal, &c.record);
    c.mac.bytes[0] ^= !good;
    MUST_OK(buf_add(claims, &c, sizeof c));
}

/* Lines, and the records that they rest on, of which each is judged: the last one too. */
static void goes_in_many_packets(void **state) {
    (void)state;
    for (int good = 0; good < 2; good++) {
        struct signer s;
        AUTO(buf) lines = {0};
        AUTO(buf) claims = {0};
        struct sha256 hash = sha256_of(span_str("seven lines")), mac;
        pthread_t thread;
        int packets = 0;
        for (int i = 0; i < MANY; i++) {
            add_line(&lines, &hash, i);
            add_claim(&claims, good || i + 1 < MANY);
        }
        open_channel(&s);
        assert_int_equal(pthread_create(&thread, NULL, answer, &packets), 0);
        const struct signer_lines in = from_end(&lines, &claims);
        enum rc rc = signer_lines_link(&s, &in, &mac);
        pthread_join(thread, NULL);
        assert_true((size_t)packets >= 2 + claims.len / CHAIN_PACKET);
        assert_int_equal(rc, good ? RC_OK : RC_REFUSED);
        if (good)
            MUST_OK(seal_end_check(seal, in.seq + MANY, &hash, &mac));
        close_channel(&s);
    }
}

/* It was stopped, or hangs: of more than its socket holds nothing is waited for, and of what it holds no answer. */
static void waits_for_nobody_for_long(void **state) {
    (void)state;
    struct signer s;
    AUTO(buf) lines = {0};
    AUTO(buf) none = {0};
    struct sha256 hash = {0}, mac;
    int64_t from = os_clock_ms();
    for (int i = 0; i < 20 * MANY; i++)
        add_line(&lines, &hash, i);
    open_channel(&s);
    const struct signer_lines in = from_end(&lines, &none);
    MUST_FAIL(RC_NETWORK, signer_lines_link(&s, &in, &mac));
    assert_non_null(strstr(err_text(), "does not answer"));
    assert_in_range(os_clock_ms() - from, 4000, 12000);
    from = os_clock_ms();
    signer_lines_kept(&s, 7);
    assert_in_range(os_clock_ms() - from, 0, 1000);
    close_channel(&s);
}

static void tells_who_is_away(void **state) {
    (void)state;
    struct signer s;
    AUTO(buf) none = {0};
    struct sha256 mac;
    open_channel(&s);
    const struct signer_lines in = from_end(&none, &none);
    shutdown(parent, SHUT_RDWR);
    MUST_FAIL(RC_NETWORK, signer_lines_link(&s, &in, &mac));
    assert_non_null(strstr(err_text(), "is away"));
    close_channel(&s);
}

int main(void) {
    AUTO(tmp) dir = {0};
    char path[PATH_CAP];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_in_many_packets),
        cmocka_unit_test(waits_for_nobody_for_long),
        cmocka_unit_test(tells_who_is_away),
    };
    if (tmp_make(&dir, NULL, "lines") != RC_OK || fs_join(path, dir.dir, "seal.key") != RC_OK ||
        seal_make(path) != RC_OK || seal_open(path, &seal) != RC_OK)
        return 1;
    int failed = cmocka_run_group_tests_name("pki/signer_lines", tests, NULL, NULL);
    seal_free(seal);
    return failed;
}
