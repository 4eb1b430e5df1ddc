/* Helpers that die or hang: others sign what they had, and the parent replaces them, but never in a frenzy and never
   with a PIN that was refused. */
#include "unit/pki/signer/signer_world.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/run.h"
#include "pki/signer/signer_parent.h"

static void replaces_helpers_that_die(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(2);
    const struct signer_request req = signer_world_request();
    pid_t pids[16], later[16];
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(signer_world_helpers(pids), 2);
    kill(pids[0], SIGKILL);
    MUST_OK(signer_sign(s, &req, &signature)); /* though it may be handed to the dead one first */
    signer_world_holds(s, &signature);
    signer_world_full(s, 2, 1);
    assert_int_equal(signer_world_helpers(later), 2);
    assert_true(later[0] != pids[0] && later[1] != pids[0]);
    assert_int_equal(signer_world_told("died, signal 9"), 1);
    kill(later[0], SIGKILL);
    kill(later[1], SIGKILL);
    while (signer_alive(s) > 0)
        usleep(1000);
    buf_clear(&signature);
    MUST_OK(signer_sign(s, &req, &signature)); /* nobody is left: it waits for who comes */
    signer_world_holds(s, &signature);
    signer_world_full(s, 2, 3);
}

/* What the outside kills is the operator's to see; that it came to nothing, nobody's. */
static void ends_without_the_parent(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(1);
    const struct signer_request req = signer_world_request();
    struct signer_health h;
    pid_t pids[16];
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(signer_world_children(getpid(), pids), 1);
    kill(pids[0], SIGKILL);
    while (signer_alive(s) > 0)
        usleep(1000);
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &signature));
    assert_non_null(strstr(err_text(), "no signing helper is alive"));
    signer_look(s, &h);
    assert_non_null(strstr(h.why, "does not come back"));
}

/* Eight threads, and every helper is killed while they are at it: nobody is told to come again. */
static void *kill_one_by_one(void *arg) {
    const pid_t *pids = arg;
    for (int i = 0; i < 3; i++) {
        struct signer_health h;
        usleep(20 * 1000);
        kill(pids[i], SIGKILL);
        do {
            usleep(2000);
            signer_look(signer_shared, &h);
        } while (h.restarts <= i);
    }
    return NULL;
}

static void hands_over_what_the_dead_had(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(3);
    pid_t pids[16];
    pthread_t killer;
    MUST_OK(signer_open(&cfg, &signer_shared));
    assert_int_equal(signer_world_helpers(pids), 3);
    assert_int_equal(pthread_create(&killer, NULL, kill_one_by_one, pids), 0);
    assert_true(run_threads(8, signer_world_signs));
    pthread_join(killer, NULL);
    signer_world_full(signer_shared, 3, 3);
    signer_free(signer_shared);
}

/* A stopped one's jobs are another one's after a while; it is ended only later, and replaced. */
static void asks_another_when_one_hangs(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(2);
    pid_t pids[16];
    MUST_OK(signer_open(&cfg, &signer_shared));
    assert_int_equal(signer_world_helpers(pids), 2);
    kill(pids[0], SIGSTOP);
    assert_true(run_threads(8, signer_world_signs));
    assert_int_equal(signer_world_told("gave no answer and was ended"), 0);
    signer_world_full(signer_shared, 2, 1);
    assert_int_equal(signer_world_told("gave no answer and was ended"), 1);
    assert_true(run_threads(2, signer_world_signs));
    signer_free(signer_shared);
}

/* It answers late: what it says then belongs to nobody, and it goes on as if nothing were. */
static void takes_a_slow_one_back(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(2);
    struct signer_health h;
    pid_t pids[16], later[16];
    MUST_OK(signer_open(&cfg, &signer_shared));
    assert_int_equal(signer_world_helpers(pids), 2);
    kill(pids[0], SIGSTOP);
    assert_true(run_threads(4, signer_world_signs)); /* some of it was in the hands of the stopped one */
    kill(pids[0], SIGCONT);
    kill(pids[1], SIGSTOP);
    assert_true(run_threads(4, signer_world_signs));
    kill(pids[1], SIGCONT);
    signer_look(signer_shared, &h);
    assert_true(h.alive == 2 && h.restarts == 0);
    assert_int_equal(signer_world_helpers(later), 2);
    signer_free(signer_shared);
}

/* A library that dies at each signature: replaced so many times, and then not any more for a while; it is said. */
static void holds_a_crash_loop_back(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    struct signer_config cfg = signer_world_config(1);
    const struct signer_request req = signer_world_request();
    struct signer_health h;
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    signer_world_shim(&hsm, &cfg);
    cfg.restarts = 3;
    setenv("SHIM_FAIL", "C_Sign:2:kill", 1);
    MUST_OK(signer_open(&cfg, &s));
    do {
        MUST_FAIL(RC_BUSY, signer_sign(s, &req, &signature)); /* by two helpers, each of which it costs its life */
        signer_look(s, &h);
    } while (h.rc != RC_BUSY);
    assert_non_null(strstr(h.why, "3 have been replaced within a minute"));
    assert_int_equal(h.restarts, 3);
    assert_int_equal(signer_world_told("signer-held-back"), 1);
    assert_int_equal(signer_world_told("signer-helper-died"), 4);
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &signature)); /* and it does not wait for that minute to end */
    unsetenv("SHIM_FAIL");
    softhsm_free(&hsm);
}

/* Sessions that a token lost do not come back: those who had them end, and others log in anew. The first that asks
   after the token was away is signed for, though it is so for every helper. */
static void logs_in_again_where_sessions_are_lost(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    struct signer_config cfg = signer_world_config(3);
    const struct signer_request req = signer_world_request();
    AUTO_PTR(signer) s = NULL;
    signer_world_shim(&hsm, &cfg);
    setenv("SHIM_FAIL", "C_Sign:3:SESSION_HANDLE_INVALID", 1); /* the first is the key's own test */
    MUST_OK(signer_open(&cfg, &s));
    for (int i = 0; i < 6; i++) {
        AUTO(buf) signature = {0};
        MUST_OK(signer_sign(s, &req, &signature));
        signer_world_holds(s, &signature);
    }
    signer_world_wait("does not sign any more");
    signer_world_wait("signer-token-lost: C_Sign: CKR_SESSION_HANDLE_INVALID");
    assert_int_equal(signer_world_told("gave no answer and was ended"), 0);
    unsetenv("SHIM_FAIL");
    softhsm_free(&hsm);
}

/* Asked for while the token is away: told to come again. When it is back, nobody has to start anything. */
static void comes_back_with_its_token(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    char broken[PATH_CAP], mark[PATH_CAP];
    struct signer_config cfg = signer_world_config(2);
    const struct signer_request req = signer_world_request();
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    signer_world_shim(&hsm, &cfg);
    pki_world_path(&world, "broken", broken);
    MUST_OK(fs_join(mark, broken, "C_SignInit"));
    MUST_RUN("mkdir", broken);
    setenv("SHIM_BROKEN", broken, 1);
    MUST_OK(signer_open(&cfg, &s));
    MUST_OK(fs_write(mark, span_str(""), 0600));
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &signature));
    assert_int_equal(signer_alive(s), 0);
    MUST_RUN("rm", mark);
    signer_world_full(s, 2, 2);
    MUST_OK(signer_sign(s, &req, &signature));
    signer_world_holds(s, &signature);
    unsetenv("SHIM_BROKEN");
    softhsm_free(&hsm);
}

/* Of two steps of the parent. The channel of its first helper, as the server gets it. */
static int first_channel(struct signer_parent *p, int client) {
    const struct signer_link link = {.fd = client};
    struct signer_note note;
    int fd = -1;
    while (fd < 0) {
        (void)signer_parent_step(p);
        enum rc rc = signer_link_hear(&link, 5, &note, &fd);
        assert_true(rc == RC_OK || rc == RC_BUSY);
    }
    return fd;
}

/* A helper that asked for its entry, and waits for it while its parent ends: it is answered, and answers. */
static void answers_who_has_asked_before_it_ends(void **state) {
    (void)state;
    const struct signer_config cfg = signer_world_config(1);
    struct signer_job job = {.req = signer_world_request()}, *jobs[] = {&job};
    struct signer_parent *p = NULL;
    uint8_t packet[sizeof(struct signer_tell)];
    struct span heard;
    struct signer_tell t;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    MUST_OK(signer_parent_new(&cfg, &p));
    signer_parent_serve(p, pair[0]);
    int fd = first_channel(p, pair[1]);
    MUST_OK(signer_channel_send(fd, jobs, 1));
    usleep(300 * 1000);
    signer_parent_free(p);
    MUST_OK(signer_channel_hear(fd, 0, 1, packet, &heard));
    assert_true(signer_tell_read(&heard, &t));
    assert_int_equal(t.rc, RC_OK);
    assert_int_equal(t.len, 256);
    close(fd);
    close(pair[0]);
    close(pair[1]);
}

/* A packet as large as one may be goes out though the system gives sockets little by itself. */
static void a_channel_has_room_for_a_packet(void **state) {
    (void)state;
    static uint8_t packet[SIGNER_PACKET];
    int pair[2], little = 4096;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof little), 0);
    assert_int_equal(send(pair[0], packet, sizeof packet, MSG_DONTWAIT), -1);
    MUST_OK(signer_channel_room(pair[0], sizeof packet));
    assert_int_equal(send(pair[0], packet, sizeof packet, MSG_DONTWAIT), sizeof packet);
    MUST_FAIL(RC_LIMIT, signer_channel_room(pair[0], INT32_MAX / 4));
    close(pair[0]);
    close(pair[1]);
}

static int logins(const char *log) {
    AUTO(buf) all = {0};
    int n = 0;
    MUST_OK(fs_read(log, 1 << 20, &all));
    for (const char *at = buf_str(&all); (at = strstr(at, " C_Login ")) != NULL; at++)
        n++;
    return n;
}

/* The PIN is changed while the server runs, and a helper dies: one try, and none after it until an operator says so. */
static void tries_no_wrong_pin_twice(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    char log[PATH_CAP];
    struct signer_config cfg = signer_world_config(2);
    const struct signer_request req = signer_world_request();
    struct signer_health h;
    pid_t pids[16];
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    signer_world_shim(&hsm, &cfg);
    pki_world_path(&world, "calls", log);
    setenv("SHIM_LOG", log, 1);
    setenv("SHIM_APPEND", "1", 1);
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(logins(log), 2);
    MUST_OK(fs_write(cfg.pin_file, span_str("00000000\n"), 0600));
    assert_int_equal(signer_world_helpers(pids), 2);
    kill(pids[0], SIGKILL);
    signer_world_wait("signer-pin-refused");
    MUST_OK(signer_sign(s, &req, &signature)); /* there is another */
    kill(pids[1], SIGKILL);
    while (signer_alive(s) > 0)
        usleep(1000);
    sleep(1); /* several times the pause before a replacement */
    assert_int_equal(logins(log), 3);
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &signature));
    signer_look(s, &h);
    assert_true(h.rc == RC_PIN_WRONG && h.restarts == 1);
    signer_retry(s); /* by mistake, or by who has taken over the server: it is the same PIN, so nothing is tried */
    sleep(1);
    assert_int_equal(logins(log), 3);
    MUST_OK(fs_write(cfg.pin_file, span_str(SIGNER_PIN "\n"), 0600));
    sleep(1);
    assert_int_equal(logins(log), 3);
    signer_retry(s);
    signer_world_full(s, 2, 3);
    assert_int_equal(logins(log), 5);
    buf_clear(&signature);
    MUST_OK(signer_sign(s, &req, &signature));
    unsetenv("SHIM_LOG");
    unsetenv("SHIM_APPEND");
    softhsm_free(&hsm);
}

/* A helper that dies in the middle of a login: with the PIN that let others in it is replaced, with another one it is
   not known whether a try was spent, so none more is. */
static void spends_no_second_try_in_doubt(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    char gate[PATH_CAP], login[PATH_CAP];
    struct signer_config cfg = signer_world_config(1);
    pid_t pids[16], dying[16];
    AUTO_PTR(signer) s = NULL;
    signer_world_shim(&hsm, &cfg);
    pki_world_path(&world, "gate", gate);
    MUST_OK(fs_join(login, gate, "C_Login"));
    MUST_RUN("mkdir", gate);
    setenv("SHIM_GATE", gate, 1);
    MUST_OK(signer_open(&cfg, &s));
    for (int changed = 0; changed < 2; changed++) {
        if (changed)
            MUST_OK(fs_write(cfg.pin_file, span_str("00000000\n"), 0600));
        MUST_OK(fs_write(login, span_str(""), 0600));
        assert_int_equal(signer_world_helpers(dying), 1);
        kill(dying[0], SIGKILL);
        do /* its replacement, which waits in C_Login */
            usleep(2000);
        while (signer_world_helpers(pids) != 1 || pids[0] == dying[0]);
        usleep(300000);
        kill(pids[0], SIGKILL);
        if (changed)
            signer_world_wait("signer-pin-refused");
        MUST_RUN("rm", login);
        if (!changed)
            signer_world_full(s, 1, 1);
    }
    sleep(1); /* several times the pause before a replacement */
    assert_int_equal(signer_world_helpers(pids), 0);
    assert_int_equal(signer_world_told("not tried again by itself"), 1);
    unsetenv("SHIM_GATE");
    softhsm_free(&hsm);
}

/* Who has taken over a helper through its driver wants to start a program: seccomp ends it, and the number of the call
   is told. */
static void tells_what_a_cage_refused(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    struct signer_config cfg = signer_world_config(1);
    const struct signer_request req = signer_world_request();
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    signer_world_shim(&hsm, &cfg);
    setenv("SHIM_FAIL", "C_Sign:2:exec", 1);
    MUST_OK(signer_open(&cfg, &s));
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &signature));
    signer_world_wait("ended by seccomp: system call");
    assert_int_equal(signer_world_told("ended with status 0"), 0);
    unsetenv("SHIM_FAIL");
    softhsm_free(&hsm);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_helpers_that_die),       cmocka_unit_test(ends_without_the_parent),
        cmocka_unit_test(hands_over_what_the_dead_had),    cmocka_unit_test(asks_another_when_one_hangs),
        cmocka_unit_test(takes_a_slow_one_back),           cmocka_unit_test(holds_a_crash_loop_back),
        cmocka_unit_test(tries_no_wrong_pin_twice),        cmocka_unit_test(spends_no_second_try_in_doubt),
        cmocka_unit_test(tells_what_a_cage_refused),       cmocka_unit_test(logs_in_again_where_sessions_are_lost),
        cmocka_unit_test(comes_back_with_its_token),       cmocka_unit_test(answers_who_has_asked_before_it_ends),
        cmocka_unit_test(a_channel_has_room_for_a_packet),
    };
    return cmocka_run_group_tests(tests, signer_world_setup, signer_world_teardown);
}
