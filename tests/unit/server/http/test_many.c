/* Test of server/http: what a silent connection costs in memory, and that the memory goes back when they have left.
   $HTTP_MANY: how many of them (1,500; make test-long takes 10,000). Another process holds the other ends. */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/os.h"
#include "https.h"
#include "lib/must.h"
#include "lib/tmp.h"
#include "server/http/http.h"

#define USUAL      1500
#define MOST_KIB   20
#define KEPT_KIB   8192 /* by the process for good, once it has had threads and arenas */
#define AN_ADDRESS 250  /* connections from each */
#define PATIENCE_S 600
#define LEAVES_S   20
#define SETTLES_MS 7000 /* until threads that have nothing to do have ended */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEASURED false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEASURED false
#endif
#endif
#ifndef MEASURED
#define MEASURED true /* a sanitizer's own memory says nothing of ours */
#endif

static char tls_path[PATH_CAP];
static atomic_int served;

static void admit(void *arg, struct request *q, struct response *r) {
    (void)arg;
    (void)q;
    (void)r;
}

static void serve(void *arg, struct request *q, struct response *r) {
    (void)arg;
    (void)q;
    r->status = 200;
}

static void done(void *arg, const struct request *q, const struct response *r, int64_t ms) {
    (void)arg;
    (void)q;
    (void)r;
    (void)ms;
    atomic_fetch_add(&served, 1);
}

static SSL *open_one(SSL_CTX *ctx, int port, int i) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)}, from = {.sin_family = AF_INET};
    static const char ask[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    char answer[1000];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    from.sin_addr.s_addr = htonl((uint32_t)(0x7f000101 + i / AN_ADDRESS * 256));
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        return NULL;
    SSL *s = SSL_new(ctx);
    if (SSL_set_fd(s, fd) == 1 && SSL_connect(s) == 1 && SSL_write(s, ask, sizeof ask - 1) > 0 &&
        SSL_read(s, answer, sizeof answer) > 0)
        return s;
    SSL_free(s);
    return NULL;
}

/* The other process: opens them when told the port, says how many, and leaves when told to. */
static void hold(int count, int in, int out) {
    int port, held = 0;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    if (read(in, &port, sizeof port) != sizeof port)
        _exit(1);
    for (int i = 0; i < count; i++)
        held += open_one(ctx, port, i) != NULL;
    if (write(out, &held, sizeof held) != sizeof held || read(in, &port, 1) < 0)
        _exit(1);
    _exit(0);
}

static long rss_kib(void) {
    long size, pages = 0;
    AUTO_FILE f = fopen("/proc/self/statm", "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &size, &pages), 2);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int how_many(void) {
    const char *asked = getenv("HTTP_MANY");
    int wanted = asked == NULL ? USUAL : (int)strtol(asked, NULL, 10), files = os_files(wanted + 100);
    return files - 100 < wanted ? files - 100 : wanted;
}

static void silent_ones_are_cheap_and_forgotten(void **state) {
    (void)state;
    const int count = how_many();
    int to[2], from[2], held = 0;
    assert_true(pipe(to) == 0 && pipe(from) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(to[1]);
        hold(count, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    struct http *http = NULL;
    const struct http_config cfg = {.host = "127.0.0.1",
                                    .tls = tls_path,
                                    .max_connections = count,
                                    .max_per_address = count,
                                    .max_per_block = count,
                                    .idle_s = PATIENCE_S,
                                    .body_s = PATIENCE_S,
                                    .admit = admit,
                                    .serve = serve,
                                    .done = done};
    MUST_OK(http_start(&cfg, &http));
    int port = http_port(http);
    long before = rss_kib();
    assert_int_equal(write(to[1], &port, sizeof port), sizeof port);
    assert_int_equal(read(from[0], &held, sizeof held), sizeof held);
    long with = rss_kib();
    close(to[1]);
    waitpid(pid, NULL, 0);
    os_pause_ms(SETTLES_MS);
    long after = rss_kib();
    for (int i = 0; i < LEAVES_S * 10 && after - before > (with - before) / 4 + KEPT_KIB; i++) {
        os_pause_ms(100);
        after = rss_kib();
    }
    print_message("%d connections: %ld KiB before, %ld with them (%.1f each), %ld after\n", held, before, with,
                  (double)(with - before) / held, after);
    http_free(http);
    close(from[0]);
    assert_int_equal(held, count);
    assert_int_equal(atomic_load(&served), count);
    if (MEASURED) {
        assert_true(with - before <= (long)MOST_KIB * held);
        assert_true(after - before <= (with - before) / 4 + KEPT_KIB);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(silent_ones_are_cheap_and_forgotten)};

    os_guard();
    if (digest_init() != RC_OK)
        return 1;
    log_open("test", LOG_ERROR);
    AUTO(tmp) folder = {0};
    if (tmp_make(&folder, NULL, "many") != RC_OK || fs_join(tls_path, folder.dir, "tls.pem") != RC_OK)
        return 1;
    https_make_tls(tls_path);
    return cmocka_run_group_tests_name("server/http/many", tests, NULL, NULL);
}
