/* The helper processes: they sign renewals and nothing else, and they die with their parent. */
#include "unit/pki/signer/signer_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/latch.h"
#include "lib/run.h"
#include "pki/signer/signer_wire.h"

static void signs_renewals(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(2);
    const struct signer_request req = signer_world_request();
    AUTO_PTR(signer) s = NULL;
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(signer_alive(s), 2);
    for (int i = 0; i < 5; i++) {
        AUTO(buf) signature = {0};
        MUST_OK(signer_sign(s, &req, &signature));
        signer_world_holds(s, &signature);
    }
}

static void refuses_all_else(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(1);
    struct signer_request req = signer_world_request();
    AUTO(buf) signature = {0};
    AUTO(buf) altered = {0};
    AUTO_PTR(signer) s = NULL;
    MUST_OK(signer_open(&cfg, &s));
    req.tbs = buf_span(&signer_endless);
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    assert_non_null(strstr(err_text(), "leaves the CA's own")); /* the helper's own words */
    req = signer_world_request();
    req.old_cert = buf_span(&world.new_der); /* not issued by the old CA */
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    MUST_OK(buf_add_span(&altered, buf_span(&world.sub_der)));
    altered.data[altered.len - 1] ^= 1;
    req.old_cert = buf_span(&altered);
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    assert_non_null(strstr(err_text(), "old certificate"));
    req.old_cert = (struct span){0};
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    req = signer_world_request();
    req.tbs = span_str("anything the network process likes");
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    req.tbs = (struct span){0};
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    req.tbs = span_of(signer_key, CERT_LIMIT + 1);
    MUST_FAIL(RC_LIMIT, signer_sign(s, &req, &signature));
    assert_int_equal(signature.len, 0);
    req = signer_world_request();
    MUST_OK(signer_sign(s, &req, &signature)); /* and goes on */
    signer_world_holds(s, &signature);
}

static void refuses_to_start_wrongly(void **state) {
    (void)state;
    struct signer *s = NULL;
    struct signer_config cfg = signer_world_config(0);
    char old_path[PATH_CAP];
    MUST_FAIL(RC_USAGE, signer_open(&cfg, &s));
    cfg = signer_world_config(1000);
    MUST_FAIL(RC_USAGE, signer_open(&cfg, &s));
    cfg = signer_world_config(2);
    cfg.key_ref = "/nonexistent/key";
    MUST_FAIL(RC_NOT_FOUND, signer_open(&cfg, &s));
    pki_world_path(&world, "old.key", old_path);
    cfg.key_ref = old_path;
    MUST_FAIL(RC_CRYPTO, signer_open(&cfg, &s));
    assert_non_null(strstr(err_text(), "not the key of the new CA"));
    cfg = signer_world_config(1);
    cfg.old_ca_der = buf_span(&world.sub_der);
    MUST_FAIL(RC_INPUT, signer_open(&cfg, &s));
    assert_null(s);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

/* Ctrl-C and the service manager signal the whole group: the helper goes on until its channel ends. */
static void ignores_the_groups_signals(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(1);
    const struct signer_request req = signer_world_request();
    pid_t pids[16];
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(signer_world_helpers(pids), 1);
    kill(pids[0], SIGTERM);
    kill(pids[0], SIGINT);
    kill(pids[0], SIGHUP);
    assert_int_equal(signer_world_children(getpid(), pids), 1);
    kill(pids[0], SIGTERM);
    kill(pids[0], SIGINT);
    kill(pids[0], SIGHUP);
    MUST_OK(signer_sign(s, &req, &signature));
}

/* A helper sees nothing of the parent but its own channels: an open file or another helper's end would keep it alive.
 */
static void inherits_nothing(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(2);
    pid_t pids[16];
    AUTO_PTR(signer) s = NULL;
    AUTO_FD low = dup(STDERR_FILENO);
    AUTO_FD high = fcntl(STDERR_FILENO, F_DUPFD, 300);
    MUST_OK(signer_open(&cfg, &s));
    assert_true(low > STDERR_FILENO && high >= 300);
    assert_int_equal(signer_world_helpers(pids), 2);
    for (int i = 0; i < 2; i++) {
        char path[64];
        int open_fds = 0;
        snprintf(path, sizeof path, "/proc/%d/fd", (int)pids[i]);
        DIR *d = opendir(path);
        if (d == NULL) { /* PR_SET_DUMPABLE 0: only root may look, and only sometimes */
            print_message("%s is closed to us\n", path);
            continue;
        }
        for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
            open_fds += e->d_name[0] != '.' && strtol(e->d_name, NULL, 10) > STDERR_FILENO;
        closedir(d);
        assert_int_equal(open_fds, 2); /* the other is to ask for entries in the journal */
    }
}

/* kill -9 of the parent: its helpers are gone at once, even one that hangs and does not see the end of its channel. */
static void dies_with_its_parent(void **state) {
    (void)state;
    int pair[2];
    pid_t all[3];
    assert_int_equal(pipe(pair), 0);
    pid_t parent = fork();
    if (parent == 0) {
        const struct signer_config cfg = signer_world_config(2);
        struct signer *s = NULL;
        pid_t pids[16], above[16];
        bool good = signer_open(&cfg, &s) == RC_OK && signer_world_helpers(pids) == 2 &&
                    signer_world_children(getpid(), above) == 1 && memcpy(&pids[2], above, sizeof *above) &&
                    write(pair[1], pids, sizeof all) == sizeof all;
        if (!good)
            _exit(1);
        for (;;)
            pause();
    }
    close(pair[1]);
    assert_int_equal(read(pair[0], all, sizeof all), sizeof all);
    close(pair[0]);
    kill(all[0], SIGSTOP);
    kill(all[2], SIGSTOP); /* the helpers' parent too */
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    for (int i = 0; i < 3; i++)
        for (int ms = 0; kill(all[i], 0) == 0; ms++) {
            char path[64];
            AUTO(buf) stat = {0};
            snprintf(path, sizeof path, "/proc/%d/stat", (int)all[i]);
            if (fs_read(path, 4096, &stat) != RC_OK || strstr(buf_str(&stat), ") Z ") != NULL)
                break; /* dead, and nobody has collected it yet */
            assert_true(ms < 3000);
            usleep(1000);
        }
}

static void serves_many_threads(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(2);
    MUST_OK(signer_open(&cfg, &signer_shared));
    assert_true(run_threads(8, signer_world_signs));
    signer_free(signer_shared);
}

static void signs_with_a_token(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    char uri[2 * PATH_CAP], pin_path[PATH_CAP];
    if (!signer_world_token(&hsm, softhsm_path(), uri, pin_path)) {
        print_message("SoftHSM is not installed\n");
        skip();
    }
    struct signer_config cfg = signer_world_config(2);
    const struct signer_request req = signer_world_request();
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    cfg.key_ref = uri;
    cfg.pin_file = pin_path;
    MUST_OK(signer_open(&cfg, &s));
    MUST_OK(signer_sign(s, &req, &signature));
    signer_world_holds(s, &signature);
    struct signer *none = NULL;
    MUST_OK(fs_write(pin_path, span_str("00000000\n"), 0600));
    MUST_FAIL(RC_PIN_WRONG, signer_open(&cfg, &none));
    assert_null(strstr(err_text(), "00000000"));
    cfg.pin_file = NULL;
    MUST_FAIL(RC_NOT_FOUND, signer_open(&cfg, &none)); /* without a login the key is not seen */
    softhsm_free(&hsm);
}

/* An HSM that begins to err: what it signed is verified before anyone gets it. Last, for it opens the token in this
   process. */
static void gives_no_signature_that_does_not_hold(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    struct signer_config cfg = signer_world_config(1);
    const struct signer_request req = signer_world_request();
    AUTO(buf) signature = {0};
    AUTO(buf) wrong = {0};
    struct signer_helper *h = NULL;
    signer_world_shim(&hsm, &cfg);
    MUST_OK(signer_helper_open(&cfg, &h));
    MUST_OK(signer_helper_sign(h, req.tbs, &signature));
    setenv("SHIM_LIE", "forge", 1);
    MUST_FAIL(RC_CRYPTO, signer_helper_sign(h, req.tbs, &wrong));
    unsetenv("SHIM_LIE");
    signer_helper_free(h);
    softhsm_free(&hsm);
}

/* Submitted by one thread, told by others, each once; those that are done submit the next themselves. */
#define ROUNDS 3

struct submitted {
    struct signer_job job;
    int rounds;
    bool wrong;
    struct latch end;
};

static void submit_again(void *arg, enum rc rc, const char *text) {
    struct submitted *u = arg;
    bool refused = u->job.req.tbs.ptr == signer_endless.data;
    u->wrong |= refused ? rc != RC_REFUSED || strstr(text, "leaves the CA's own") == NULL
                        : rc != RC_OK || u->job.signature.len != 256;
    buf_free(&u->job.signature);
    if (++u->rounds == ROUNDS)
        latch_open(&u->end, RC_OK, "");
    else if (signer_submit(signer_shared, &u->job) != RC_OK)
        latch_open(&u->end, RC_BUG, "not taken");
}

static void keeps_many_in_its_queue(void **state) {
    (void)state;
    static struct submitted all[5 * SIGNER_BATCH];
    const struct signer_config cfg = signer_world_config(2);
    MUST_OK(signer_open(&cfg, &signer_shared));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct submitted *u = &all[i];
        *u = (struct submitted){.job = {.req = signer_world_request(), .done = submit_again, .arg = u}};
        if (i % 5 == 4)
            u->job.req.tbs = buf_span(&signer_endless);
        latch_init(&u->end);
        MUST_OK(signer_submit(signer_shared, &u->job));
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        MUST_OK(latch_wait(&all[i].end));
        assert_true(all[i].rounds == ROUNDS && !all[i].wrong);
    }
    signer_free(signer_shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_many_in_its_queue),    cmocka_unit_test(signs_renewals),
        cmocka_unit_test(refuses_all_else),           cmocka_unit_test(refuses_to_start_wrongly),
        cmocka_unit_test(ignores_the_groups_signals), cmocka_unit_test(inherits_nothing),
        cmocka_unit_test(dies_with_its_parent),       cmocka_unit_test(serves_many_threads),
        cmocka_unit_test(signs_with_a_token),         cmocka_unit_test(gives_no_signature_that_does_not_hold),
    };
    return cmocka_run_group_tests(tests, signer_world_setup, signer_world_teardown);
}
