/* The helper processes: they sign renewals and nothing else, they die with their parent, and their death is seen. */
#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/run.h"
#include "lib/softhsm.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/latch.h"
#include "pki/signer/signer_wire.h"

#define PIN "8gK-grep-me"

static struct buf tbs, endless, kur; /* to be signed; one that outlives its CA; who asks */
static struct span core;             /* of kur */
static char key_path[PATH_CAP];

static int open_world(void **state) {
    (void)state;
    pki_world_open(&world);
    struct profile_input in = pki_world_input(&world);
    MUST_OK(profile_tbs(&in, &tbs));
    in.not_after = NEW_CA_TO + 1;
    MUST_OK(profile_tbs(&in, &endless));
    core = pki_world_kur(&world, buf_span(&world.sub_der), NULL, &kur);
    pki_world_path(&world, "new.key", key_path);
    return 0;
}

static int close_world(void **state) {
    (void)state;
    buf_free(&tbs);
    buf_free(&endless);
    buf_free(&kur);
    pki_world_free(&world);
    return 0;
}

/* What the parent tells is gathered in a file: it is another process. */
static char events_path[PATH_CAP];

static void gather(const struct signer_event *e) {
    char line[ERR_TEXT + 64];
    int fd = open(events_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    int len = snprintf(line, sizeof line, "%s: %s\n", e->name, e->text);
    if (fd < 0 || write(fd, line, (size_t)len) != len)
        _exit(9);
    close(fd);
}

static struct signer_config config(int helpers) {
    static int count;
    snprintf(events_path, sizeof events_path, "%.900s/events%d", world.dir, ++count);
    return (struct signer_config){.key_ref = key_path,
                                  .ca_der = buf_span(&world.new_der),
                                  .old_ca_der = buf_span(&world.old_der),
                                  .tell = gather,
                                  .helpers = helpers,
                                  .terms = pki_world_terms()};
}

static struct signer_request request(void) {
    return (struct signer_request){.old_cert = buf_span(&world.sub_der), .kur = core, .tbs = buf_span(&tbs)};
}

/* Joined with its signature it is a certificate under the new CA. */
static void holds(const struct signer *s, const struct buf *signature) {
    AUTO(buf) der = {0};
    struct cert c;
    MUST_OK(profile_join(buf_span(&tbs), signer_alg(s), buf_span(signature), &der));
    MUST_OK(cert_parse(buf_span(&der), &c));
    MUST_OK(ca_verify(world.new_ca, &c, false));
}

static void signs_renewals(void **state) {
    (void)state;
    const struct signer_config cfg = config(2);
    const struct signer_request req = request();
    AUTO_PTR(signer) s = NULL;
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(signer_alive(s), 2);
    for (int i = 0; i < 5; i++) {
        AUTO(buf) signature = {0};
        MUST_OK(signer_sign(s, &req, &signature));
        holds(s, &signature);
    }
}

static void refuses_all_else(void **state) {
    (void)state;
    const struct signer_config cfg = config(1);
    struct signer_request req = request();
    AUTO(buf) signature = {0};
    AUTO(buf) altered = {0};
    AUTO_PTR(signer) s = NULL;
    MUST_OK(signer_open(&cfg, &s));
    req.tbs = buf_span(&endless);
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    assert_non_null(strstr(err_text(), "leaves the CA's own")); /* the helper's own words */
    req = request();
    req.old_cert = buf_span(&world.new_der); /* not issued by the old CA */
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    MUST_OK(buf_add_span(&altered, buf_span(&world.sub_der)));
    altered.data[altered.len - 1] ^= 1;
    req.old_cert = buf_span(&altered);
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    assert_non_null(strstr(err_text(), "old certificate"));
    req.old_cert = (struct span){0};
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    req = request();
    req.tbs = span_str("anything the network process likes");
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    req.tbs = (struct span){0};
    MUST_FAIL(RC_REFUSED, signer_sign(s, &req, &signature));
    req.tbs = span_of(key_path, CERT_LIMIT + 1);
    MUST_FAIL(RC_LIMIT, signer_sign(s, &req, &signature));
    assert_int_equal(signature.len, 0);
    req = request();
    MUST_OK(signer_sign(s, &req, &signature)); /* and goes on */
    holds(s, &signature);
}

static void refuses_to_start_wrongly(void **state) {
    (void)state;
    struct signer *s = NULL;
    struct signer_config cfg = config(0);
    char old_path[PATH_CAP];
    MUST_FAIL(RC_USAGE, signer_open(&cfg, &s));
    cfg = config(1000);
    MUST_FAIL(RC_USAGE, signer_open(&cfg, &s));
    cfg = config(2);
    cfg.key_ref = "/nonexistent/key";
    MUST_FAIL(RC_NOT_FOUND, signer_open(&cfg, &s));
    pki_world_path(&world, "old.key", old_path);
    cfg.key_ref = old_path;
    MUST_FAIL(RC_CRYPTO, signer_open(&cfg, &s));
    assert_non_null(strstr(err_text(), "not the key of the new CA"));
    cfg = config(1);
    cfg.old_ca_der = buf_span(&world.sub_der);
    MUST_FAIL(RC_INPUT, signer_open(&cfg, &s));
    assert_null(s);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

/* The processes of a parent, by /proc. */
static int children(pid_t parent, pid_t out[16]) {
    int count = 0;
    char path[64], text[512];
    DIR *proc = opendir("/proc");
    for (struct dirent *e = readdir(proc); e != NULL; e = readdir(proc)) {
        snprintf(path, sizeof path, "/proc/%.20s/stat", e->d_name);
        FILE *f = fopen(path, "r");
        size_t len = f == NULL ? 0 : fread(text, 1, sizeof text - 1, f);
        text[len] = '\0';
        if (f != NULL)
            fclose(f);
        const char *end = strrchr(text, ')'); /* "pid (name) state ppid" */
        if (end != NULL && end[2] != 'Z' && strtol(end + 4, NULL, 10) == parent && count < 16)
            out[count++] = (pid_t)strtol(e->d_name, NULL, 10);
    }
    closedir(proc);
    return count;
}

/* Our only child is the parent of the helpers. */
static int helpers_of(pid_t out[16]) {
    pid_t parent[16];
    assert_int_equal(children(getpid(), parent), 1);
    return children(parent[0], out);
}

/* Until so many helpers are ready that were not there before, or never. */
static void comes_back(struct signer *s, int helpers_wanted, int64_t restarts) {
    struct signer_health h;
    do {
        usleep(2000);
        signer_look(s, &h);
    } while (h.alive < helpers_wanted || h.restarts < restarts);
}

static int times_told(const char *what) {
    AUTO(buf) all = {0};
    int n = 0;
    if (fs_exists(events_path))
        MUST_OK(fs_read(events_path, 1 << 20, &all));
    for (const char *at = buf_str(&all); (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static void replaces_helpers_that_die(void **state) {
    (void)state;
    const struct signer_config cfg = config(2);
    const struct signer_request req = request();
    pid_t pids[16], later[16];
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(helpers_of(pids), 2);
    kill(pids[0], SIGKILL);
    MUST_OK(signer_sign(s, &req, &signature)); /* though it may be handed to the dead one first */
    holds(s, &signature);
    comes_back(s, 2, 1);
    assert_int_equal(helpers_of(later), 2);
    assert_true(later[0] != pids[0] && later[1] != pids[0]);
    assert_int_equal(times_told("died, signal 9"), 1);
    kill(later[0], SIGKILL);
    kill(later[1], SIGKILL); /* nobody is left: it waits for who comes */
    buf_clear(&signature);
    MUST_OK(signer_sign(s, &req, &signature));
    holds(s, &signature);
    comes_back(s, 2, 3);
}

/* What the outside kills is the operator's to see; that it came to nothing, nobody's. */
static void ends_without_the_parent(void **state) {
    (void)state;
    const struct signer_config cfg = config(1);
    const struct signer_request req = request();
    struct signer_health h;
    pid_t pids[16];
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(children(getpid(), pids), 1);
    kill(pids[0], SIGKILL);
    while (signer_alive(s) > 0)
        usleep(1000);
    MUST_FAIL(RC_BUSY, signer_sign(s, &req, &signature));
    assert_non_null(strstr(err_text(), "no signing helper is alive"));
    signer_look(s, &h);
    assert_non_null(strstr(h.why, "restart capbud"));
}

/* Ctrl-C and the service manager signal the whole group: the helper goes on until its channel ends. */
static void ignores_the_groups_signals(void **state) {
    (void)state;
    const struct signer_config cfg = config(1);
    const struct signer_request req = request();
    pid_t pids[16];
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    MUST_OK(signer_open(&cfg, &s));
    assert_int_equal(helpers_of(pids), 1);
    kill(pids[0], SIGTERM);
    kill(pids[0], SIGINT);
    kill(pids[0], SIGHUP);
    assert_int_equal(children(getpid(), pids), 1);
    kill(pids[0], SIGTERM);
    kill(pids[0], SIGINT);
    kill(pids[0], SIGHUP);
    MUST_OK(signer_sign(s, &req, &signature));
}

/* A helper sees nothing of the parent but its own channel: an open file or another helper's end would keep it alive. */
static void inherits_nothing(void **state) {
    (void)state;
    const struct signer_config cfg = config(2);
    pid_t pids[16];
    AUTO_PTR(signer) s = NULL;
    AUTO_FD low = dup(STDERR_FILENO);
    AUTO_FD high = fcntl(STDERR_FILENO, F_DUPFD, 300);
    MUST_OK(signer_open(&cfg, &s));
    assert_true(low > STDERR_FILENO && high >= 300);
    assert_int_equal(helpers_of(pids), 2);
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
        assert_int_equal(open_fds, 1);
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
        const struct signer_config cfg = config(2);
        struct signer *s = NULL;
        pid_t pids[16], above[16];
        bool good = signer_open(&cfg, &s) == RC_OK && helpers_of(pids) == 2 && children(getpid(), above) == 1 &&
                    memcpy(&pids[2], above, sizeof *above) && write(pair[1], pids, sizeof all) == sizeof all;
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

static struct signer *shared;

/* Every fifth request must be refused: so an answer that went to the wrong thread is seen. */
static bool signs_many(void) {
    struct signer_request req = request();
    for (int i = 0; i < 25; i++) {
        AUTO(buf) signature = {0};
        req.tbs = buf_span(i % 5 == 4 ? &endless : &tbs);
        enum rc rc = signer_sign(shared, &req, &signature);
        if (i % 5 == 4 ? rc != RC_REFUSED : rc != RC_OK || signature.len != 256)
            return false;
    }
    return true;
}

static void serves_many_threads(void **state) {
    (void)state;
    const struct signer_config cfg = config(2);
    MUST_OK(signer_open(&cfg, &shared));
    assert_true(run_threads(8, signs_many));
    signer_free(shared);
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
            signer_look(shared, &h);
        } while (h.restarts <= i);
    }
    return NULL;
}

static void hands_over_what_the_dead_had(void **state) {
    (void)state;
    const struct signer_config cfg = config(3);
    pid_t pids[16];
    pthread_t killer;
    MUST_OK(signer_open(&cfg, &shared));
    assert_int_equal(helpers_of(pids), 3);
    assert_int_equal(pthread_create(&killer, NULL, kill_one_by_one, pids), 0);
    assert_true(run_threads(8, signs_many));
    pthread_join(killer, NULL);
    comes_back(shared, 3, 3);
    signer_free(shared);
}

/* A stopped one's jobs are another one's after a while; it is ended only later, and replaced. */
static void asks_another_when_one_hangs(void **state) {
    (void)state;
    const struct signer_config cfg = config(2);
    pid_t pids[16];
    MUST_OK(signer_open(&cfg, &shared));
    assert_int_equal(helpers_of(pids), 2);
    kill(pids[0], SIGSTOP);
    assert_true(run_threads(8, signs_many));
    assert_int_equal(times_told("gave no answer and was ended"), 0);
    comes_back(shared, 2, 1);
    assert_int_equal(times_told("gave no answer and was ended"), 1);
    assert_true(run_threads(2, signs_many));
    signer_free(shared);
}

/* It answers late: what it says then belongs to nobody, and it goes on as if nothing were. */
static void takes_a_slow_one_back(void **state) {
    (void)state;
    const struct signer_config cfg = config(2);
    struct signer_health h;
    pid_t pids[16], later[16];
    MUST_OK(signer_open(&cfg, &shared));
    assert_int_equal(helpers_of(pids), 2);
    kill(pids[0], SIGSTOP);
    assert_true(run_threads(4, signs_many)); /* some of it was in the hands of the stopped one */
    kill(pids[0], SIGCONT);
    kill(pids[1], SIGSTOP);
    assert_true(run_threads(4, signs_many));
    kill(pids[1], SIGCONT);
    signer_look(shared, &h);
    assert_true(h.alive == 2 && h.restarts == 0);
    assert_int_equal(helpers_of(later), 2);
    signer_free(shared);
}

/* SoftHSM is made and filled by another process, so that this one never calls C_Initialize before it forks helpers. */
static bool make_token(struct softhsm *hsm, const char *module, char uri[2 * PATH_CAP], char pin_path[PATH_CAP]) {
    char der_path[PATH_CAP];
    if (softhsm_dir(hsm) != RC_OK || !fs_exists(softhsm_path()))
        return false;
    pki_world_path(&world, "new.der", der_path);
    pki_world_path(&world, "pin", pin_path);
    MUST_OK(fs_write(pin_path, span_str(PIN "\n"), 0600));
    MUST_RUN("softhsm2-util", "--init-token", "--free", "--label", "ca", "--so-pin", SOFTHSM_SO_PIN, "--pin", PIN);
    MUST_RUN("openssl", "pkey", "-in", key_path, "-outform", "PEM", "-out", der_path);
    MUST_RUN("softhsm2-util", "--import", der_path, "--token", "ca", "--label", "ca-key", "--id", "01", "--pin", PIN);
    snprintf(uri, 2 * PATH_CAP, "pkcs11:token=ca;object=ca-key?module-path=%s", module);
    return true;
}

static void signs_with_a_token(void **state) {
    (void)state;
    struct softhsm hsm = {0};
    char uri[2 * PATH_CAP], pin_path[PATH_CAP];
    if (!make_token(&hsm, softhsm_path(), uri, pin_path)) {
        print_message("SoftHSM is not installed\n");
        skip();
    }
    struct signer_config cfg = config(2);
    const struct signer_request req = request();
    AUTO_PTR(signer) s = NULL;
    AUTO(buf) signature = {0};
    cfg.key_ref = uri;
    cfg.pin_file = pin_path;
    MUST_OK(signer_open(&cfg, &s));
    MUST_OK(signer_sign(s, &req, &signature));
    holds(s, &signature);
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
    char uri[2 * PATH_CAP], pin_path[PATH_CAP];
    setenv("SHIM_MODULE", softhsm_path(), 1);
    if (!make_token(&hsm, getenv("CAPBU_SHIM"), uri, pin_path)) {
        print_message("SoftHSM is not installed\n");
        skip();
    }
    struct signer_config cfg = config(1);
    const struct signer_request req = request();
    AUTO(buf) signature = {0};
    AUTO(buf) wrong = {0};
    struct signer_helper *h = NULL;
    AUTO_PTR(signer_book) book = NULL;
    MUST_OK(signer_book_new(&book));
    cfg.key_ref = uri;
    cfg.pin_file = pin_path;
    cfg.book = book;
    MUST_OK(signer_helper_open(&cfg, &h));
    MUST_OK(signer_helper_sign(h, &req, &signature));
    setenv("SHIM_LIE", "forge", 1);
    MUST_FAIL(RC_CRYPTO, signer_helper_sign(h, &req, &wrong));
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
    bool refused = u->job.req.tbs.ptr == endless.data;
    u->wrong |= refused ? rc != RC_REFUSED || strstr(text, "leaves the CA's own") == NULL
                        : rc != RC_OK || u->job.signature.len != 256;
    buf_free(&u->job.signature);
    if (++u->rounds == ROUNDS)
        latch_open(&u->end, RC_OK, "");
    else if (signer_submit(shared, &u->job) != RC_OK)
        latch_open(&u->end, RC_BUG, "not taken");
}

static void keeps_many_in_its_queue(void **state) {
    (void)state;
    static struct submitted all[5 * SIGNER_BATCH];
    const struct signer_config cfg = config(2);
    MUST_OK(signer_open(&cfg, &shared));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct submitted *u = &all[i];
        *u = (struct submitted){.job = {.req = request(), .done = submit_again, .arg = u}};
        if (i % 5 == 4)
            u->job.req.tbs = buf_span(&endless);
        latch_init(&u->end);
        MUST_OK(signer_submit(shared, &u->job));
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        MUST_OK(latch_wait(&all[i].end));
        assert_true(all[i].rounds == ROUNDS && !all[i].wrong);
    }
    signer_free(shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_many_in_its_queue),
        cmocka_unit_test(signs_renewals),
        cmocka_unit_test(refuses_all_else),
        cmocka_unit_test(refuses_to_start_wrongly),
        cmocka_unit_test(replaces_helpers_that_die),
        cmocka_unit_test(ends_without_the_parent),
        cmocka_unit_test(ignores_the_groups_signals),
        cmocka_unit_test(inherits_nothing),
        cmocka_unit_test(dies_with_its_parent),
        cmocka_unit_test(serves_many_threads),
        cmocka_unit_test(hands_over_what_the_dead_had),
        cmocka_unit_test(asks_another_when_one_hangs),
        cmocka_unit_test(takes_a_slow_one_back),
        cmocka_unit_test(signs_with_a_token),
        cmocka_unit_test(gives_no_signature_that_does_not_hold),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
