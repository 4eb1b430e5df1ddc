/* Durability: kill -9 in the middle of group commits loses nothing that was acknowledged; two processes may write. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_body.h"

#define ROUNDS   20
#define THREADS  8
#define ACKS_MAX 400000
#define PIPE     4096 /* bytes of numbers nobody has read yet: then a child waits, and does not run out of its own */

struct life { /* one writing process */
    struct store *store;
    int pipe;       /* acknowledged numbers go here */
    int first;      /* its first number; each thread has its own residue */
    int per_thread; /* 0: until it is killed */
};

struct worker {
    const struct life *life;
    int index;
    pthread_t thread;
    enum rc rc;
};

static void *work(void *arg) {
    struct worker *w = arg;
    for (int i = 0; w->life->per_thread == 0 || i < w->life->per_thread; i++) {
        int number = w->life->first + i * THREADS + w->index;
        char detail[32];
        snprintf(detail, sizeof detail, "{\"n\":%d}", number);
        w->rc = store_write(w->life->store, NOW, put_line, detail);
        if (w->rc != RC_OK || write(w->life->pipe, &number, sizeof number) != sizeof number)
            break;
    }
    return NULL;
}

/* The child's whole life; ends with 0 when every write was acknowledged. */
static void live(const char *dsn, struct life life) {
    struct worker workers[THREADS];
    int bad = 0;
    if (store_open(dsn, 1, &life.store) != RC_OK)
        _exit(2);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.life = &life, .index = i};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        bad |= workers[i].rc != RC_OK;
    }
    store_free(life.store);
    _exit(bad);
}

static pid_t spawn(const char *dsn, struct life life, int *acks) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, PIPE), PIPE);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        life.pipe = ends[1];
        live(dsn, life);
    }
    close(ends[1]);
    *acks = ends[0];
    return pid;
}

static unsigned char acked[ACKS_MAX], stored[ACKS_MAX];

static int take_acks(int fd, int at_most) {
    int number, n = 0;
    while (n < at_most && read(fd, &number, sizeof number) == sizeof number) {
        assert_true(number >= 0 && number < ACKS_MAX);
        acked[number]++;
        n++;
    }
    return n;
}

static enum rc collect(void *arg, const struct audit_line *l) {
    int number = number_in(l);
    (void)arg;
    assert_true(number >= 0 && number < ACKS_MAX);
    stored[number]++;
    return RC_OK;
}

static enum rc collect_all(struct db *db, void *arg) {
    memset(stored, 0, sizeof stored);
    return audit_each(db, collect, arg);
}

static void all_acknowledged_is_there_once(const char *dsn) {
    AUTO_PTR(store) s = NULL;
    MUST_OK(store_open(dsn, 1, &s));
    (void)lines_in(s);
    MUST_OK(store_read(s, collect_all, NULL));
    for (int n = 0; n < ACKS_MAX; n++) {
        assert_true(acked[n] <= 1 && stored[n] <= 1);
        if (acked[n] && !stored[n])
            fail_msg("number %d was acknowledged and is gone", n);
    }
}

static void kill_9_loses_nothing_acknowledged(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    int total = 0;
    backend->fresh(dsn);
    MUST_OK(store_make(dsn, 0, NULL, NULL, NULL));
    memset(acked, 0, sizeof acked);
    for (int round = 0; round < ROUNDS; round++) {
        int acks, status;
        pid_t child = spawn(dsn, (struct life){.first = round * (ACKS_MAX / ROUNDS)}, &acks);
        total += take_acks(acks, 40 + 3 * round);
        if (round % 2 == 0) /* else at once: a commit that follows its acknowledgement must be caught */
            usleep(random_below(3000));
        kill(child, SIGKILL);
        total += take_acks(acks, ACKS_MAX); /* what was told before it died */
        close(acks);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        all_acknowledged_is_there_once(dsn);
    }
    assert_true(total >= 40 * ROUNDS);
}

static void two_processes_write_one_database(void **state) {
    (void)state;
    enum { PER_THREAD = 40 };
    char dsn[DSN_CAP];
    int acks[2], status;
    pid_t children[2];
    backend->fresh(dsn);
    MUST_OK(store_make(dsn, 0, NULL, NULL, NULL));
    memset(acked, 0, sizeof acked);
    for (int i = 0; i < 2; i++)
        children[i] = spawn(dsn, (struct life){.first = i * 50000, .per_thread = PER_THREAD}, &acks[i]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(take_acks(acks[i], ACKS_MAX), THREADS * PER_THREAD);
        close(acks[i]);
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    all_acknowledged_is_there_once(dsn);
}

size_t body_crash(struct CMUnitTest *out) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kill_9_loses_nothing_acknowledged),
        cmocka_unit_test(two_processes_write_one_database),
    };
    memcpy(out, tests, sizeof tests);
    return COUNT(tests);
}
