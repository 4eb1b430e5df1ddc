/* A server's certificate by its name, its time, its trust and what it is for; openssl's own chains as well as ours. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"
#include "pki/peer.h"

#include <time.h>

#define NOW  DRILL_NOW
#define YEAR (365 * 86400)

static struct buf own_der, own_pem; /* a certificate of mint_tls: its own anchor */

static int setup(void **state) {
    int rc = pki_world_setup(state);
    char path[PATH_CAP];
    AUTO_PTR(key) k = NULL;
    pki_world_path(&world, "tls.key", path);
    MUST_OK(key_make_file(path, 0, &k));
    MUST_OK(mint_tls(k, "capbu.example", NOW - YEAR, NOW + YEAR, &own_der));
    MUST_OK(cert_to_pem(buf_span(&own_der), &own_pem));
    return rc;
}

static int teardown(void **state) {
    buf_free(&own_der);
    buf_free(&own_pem);
    return pki_world_teardown(state);
}

static enum rc check(const char *host, int64_t now, struct span leaf, struct span anchors, bool *clock) {
    struct peer p = {.leaf = leaf, .host = host, .now = now};
    return peer_check(&p, anchors, clock);
}

static void names_and_addresses(void **state) {
    (void)state;
    static const char *const right[] = {"capbu.example", "CAPBU.example", "localhost", "127.0.0.1"};
    static const char *const wrong[] = {"example", "a.capbu.example", "127.0.0.2", "::1"};
    bool clock = true;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        MUST_OK(check(right[i], NOW, buf_span(&own_der), buf_span(&own_pem), &clock));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        clock = true;
        MUST_FAIL(RC_CRYPTO, check(wrong[i], NOW, buf_span(&own_der), buf_span(&own_pem), &clock));
        assert_false(clock);
    }
}

static void the_wrong_time_is_told_apart(void **state) {
    (void)state;
    bool clock = false;
    MUST_FAIL(RC_CRYPTO, check("localhost", NOW + 2 * YEAR, buf_span(&own_der), buf_span(&own_pem), &clock));
    assert_true(clock);
    clock = false;
    MUST_FAIL(RC_CRYPTO, check("localhost", NOW - 2 * YEAR, buf_span(&own_der), buf_span(&own_pem), &clock));
    assert_true(clock);
}

static void only_the_anchors_are_believed(void **state) {
    (void)state;
    AUTO(buf) other = {0};
    bool clock = true;
    MUST_OK(cert_to_pem(buf_span(&world.new_der), &other));
    MUST_FAIL(RC_CRYPTO, check("localhost", NOW, buf_span(&own_der), buf_span(&other), &clock));
    assert_false(clock);
    MUST_OK(buf_add_span(&other, buf_span(&own_pem))); /* one of several is enough */
    MUST_OK(check("localhost", NOW, buf_span(&own_der), buf_span(&other), &clock));
}

static void a_subscriber_is_no_server(void **state) {
    (void)state;
    AUTO(buf) anchor = {0};
    bool clock = true;
    MUST_OK(cert_to_pem(buf_span(&world.old_der), &anchor));
    MUST_FAIL(RC_CRYPTO, check("localhost", NOW, buf_span(&world.sub_der), buf_span(&anchor), &clock));
    assert_false(clock);
}

static void broken_input(void **state) {
    (void)state;
    bool clock = true;
    MUST_FAIL(RC_USAGE, check("localhost", NOW, buf_span(&own_der), span_str("no PEM"), &clock));
    MUST_FAIL(RC_USAGE, check("localhost", NOW, buf_span(&own_der), span_str(""), &clock));
    MUST_FAIL(RC_INPUT, check("localhost", NOW, span_str("no DER"), buf_span(&own_pem), &clock));
    assert_false(clock);
}

/* root <- middle <- server, all by openssl: without the one in the middle there is no way to the root. */
static void chain_make(const char *script) {
    char dir[PATH_CAP];
    MUST_OK(text_set(dir, sizeof dir, world.dir));
    MUST_RUN("sh", "-euc", script, "sh", dir);
}

static void what_was_sent_along_makes_the_way(void **state) {
    (void)state;
    char path[PATH_CAP];
    AUTO(buf) root = {0};
    AUTO(buf) middle = {0};
    AUTO(buf) leaf = {0};
    bool clock = true;
    chain_make(
        "cd \"$1\"; new() { openssl req -newkey rsa:2048 -nodes -keyout $1.k -subj /CN=$1 -out $1.csr; }\n"
        "printf 'basicConstraints=critical,CA:TRUE\\n' >ca; printf 'subjectAltName=DNS:far.example\\n' >server\n"
        "for n in root middle far; do new $n; done\n"
        "openssl x509 -req -in root.csr -signkey root.k -extfile ca -days 9 -out root.crt\n"
        "openssl x509 -req -in middle.csr -CA root.crt -CAkey root.k -CAcreateserial -extfile ca -days 9 -outform "
        "DER -out middle.der\n"
        "openssl x509 -inform DER -in middle.der -out middle.crt\n"
        "openssl x509 -req -in far.csr -CA middle.crt -CAkey middle.k -CAcreateserial -extfile server -days 9 "
        "-outform DER -out far.der\n");
    pki_world_path(&world, "root.crt", path);
    MUST_OK(fs_read(path, 65536, &root));
    pki_world_path(&world, "middle.der", path);
    MUST_OK(fs_read(path, 65536, &middle));
    pki_world_path(&world, "far.der", path);
    MUST_OK(fs_read(path, 65536, &leaf));
    struct span others[] = {buf_span(&middle)};
    struct peer p = {
        .leaf = buf_span(&leaf), .others = others, .other_count = 1, .host = "far.example", .now = time(NULL)};
    MUST_OK(peer_check(&p, buf_span(&root), &clock));
    p.other_count = 0;
    MUST_FAIL(RC_CRYPTO, peer_check(&p, buf_span(&root), &clock));
    assert_false(clock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_addresses),
        cmocka_unit_test(the_wrong_time_is_told_apart),
        cmocka_unit_test(only_the_anchors_are_believed),
        cmocka_unit_test(a_subscriber_is_no_server),
        cmocka_unit_test(broken_input),
        cmocka_unit_test(what_was_sent_along_makes_the_way),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
