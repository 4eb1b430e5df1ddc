/* The parent of the helpers as a service: who may call it, one at a time, and what happens when either end goes. */
#include "unit/pki/signer/signer_world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pki/signer/signer_service.h"

static char path[PATH_CAP];
static int told; /* where the service says that it is ready */

static void tell_ready(void) {
    (void)!write(told, "!", 1);
}

/* Its exit status is the failure's code. */
static pid_t begin(const struct signer_config *cfg, uid_t peer) {
    int pair[2];
    char byte;
    assert_int_equal(pipe(pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        const struct signer_service service = {cfg, path, peer, tell_ready};
        close(pair[0]);
        told = pair[1];
        _exit((int)signer_service_run(&service));
    }
    close(pair[1]);
    (void)!read(pair[0], &byte, 1); /* or its end */
    close(pair[0]);
    return pid;
}

static int end(pid_t pid, int signal) {
    int status;
    if (signal != 0)
        kill(pid, signal);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static struct signer_config caller(const struct signer_config *cfg) {
    struct signer_config c = *cfg;
    c.socket = path;
    c.key_ref = "/nonexistent/key"; /* it has none */
    return c;
}

static void must_sign(struct signer *s) {
    const struct signer_request req = signer_world_request();
    AUTO(buf) signature = {0};
    MUST_OK(signer_sign(s, &req, &signature));
    signer_world_holds(s, &signature);
}

static void signs_for_one_at_a_time(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(2), call = caller(&cfg);
    const struct signer_request req = signer_world_request();
    struct signer_health h;
    struct stat st;
    AUTO(buf) none = {0};
    pid_t service = begin(&cfg, getuid());
    struct signer *first = NULL, *second = NULL;
    MUST_OK(signer_open(&call, &first));
    assert_int_equal(signer_alive(first), 2);
    must_sign(first);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600); /* its own user's alone */
    MUST_OK(signer_open(&call, &second));
    MUST_FAIL(RC_BUSY, signer_sign(second, &req, &none));
    signer_look(second, &h);
    assert_true(h.alive == 0 && strstr(h.why, "another capbud") != NULL);
    must_sign(first);
    signer_free(first); /* now the second is served: by helpers of its own, and nobody restarts anything */
    signer_world_full(second, 2, 0);
    must_sign(second);
    signer_free(second);
    assert_int_equal(end(service, SIGTERM), RC_OK);
    assert_false(fs_exists(path));
}

/* The kernel says who calls. */
static void serves_no_other_user(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(1), call = caller(&cfg);
    const struct signer_request req = signer_world_request();
    struct signer_health h;
    AUTO(buf) none = {0};
    AUTO_PTR(signer) s = NULL;
    pid_t service = begin(&cfg, getuid() + 1);
    MUST_OK(signer_open(&call, &s));
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &none));
    signer_look(s, &h);
    assert_true(h.alive == 0 && strstr(h.why, "does not serve user") != NULL);
    signer_world_wait("signer-caller-refused");
    assert_int_equal(end(service, SIGTERM), RC_OK);
}

/* Killed, it takes its helpers along and leaves a dead socket; the next one takes its place, and is found. */
static void comes_and_goes(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(1), call = caller(&cfg);
    const struct signer_request req = signer_world_request();
    struct signer_health h;
    AUTO(buf) none = {0};
    AUTO_PTR(signer) s = NULL;
    MUST_OK(signer_open(&call, &s)); /* before there is one */
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &none));
    for (int round = 0; round < 2; round++) {
        pid_t service = begin(&cfg, getuid());
        signer_world_full(s, 1, 0);
        must_sign(s);
        assert_int_equal(end(service, SIGKILL), 128 + SIGKILL);
        while (signer_alive(s) > 0)
            usleep(1000);
        MUST_FAIL(RC_BUSY, signer_sign(s, &req, &none));
        signer_look(s, &h);
        assert_int_equal(h.rc, RC_NETWORK);
        assert_true(fs_exists(path));
    }
    assert_int_equal(signer_world_told("signer-service-back"), 2);
    assert_int_equal(signer_world_told("signer-service-away"), 3);
}

static void does_not_start_wrongly(void **state) {
    (void)state;
    struct signer_config cfg = signer_world_config(1);
    pid_t service = begin(&cfg, getuid());
    assert_int_equal(end(begin(&cfg, getuid()), 0), RC_BUSY); /* one is there already */
    assert_int_equal(end(service, SIGINT), RC_OK);
    MUST_OK(fs_write(path, span_str("a file of somebody's"), 0600));
    assert_int_equal(end(begin(&cfg, getuid()), 0), RC_EXISTS);
    assert_true(fs_remove(path));
    cfg.key_ref = "/nonexistent/key";
    assert_int_equal(end(begin(&cfg, getuid()), 0), RC_NOT_FOUND);
}

static int setup(void **state) {
    int rc = signer_world_setup(state);
    pki_world_path(&world, "socket", path);
    return rc;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_for_one_at_a_time),
        cmocka_unit_test(serves_no_other_user),
        cmocka_unit_test(comes_and_goes),
        cmocka_unit_test(does_not_start_wrongly),
    };
    return cmocka_run_group_tests(tests, setup, signer_world_teardown);
}
