/* The writer: many threads, a failing body among others, a full queue, a clean stop. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/latch.h"
#include "base/os.h"
#include "store/writer.h"
#include "store_body.h"

#define THREADS 16
#define WRITES  60

struct many {
    struct store *store;
    int index;
    int ok, failed, wrong;
};

struct numbered {
    int number;
    int runs;
};

/* Every seventh fails after having written. */
static enum rc numbered_body(struct tx *tx, void *arg) {
    struct numbered *n = arg;
    char detail[32];
    n->runs++;
    snprintf(detail, sizeof detail, "{\"n\":%d}", n->number);
    TRY(put_line(tx, detail));
    if (n->number % 7 == 0)
        FAIL(RC_REFUSED, "number %d is refused", n->number);
    return RC_OK;
}

static void *write_many(void *arg) {
    struct many *m = arg;
    for (int i = 0; i < WRITES; i++) {
        struct numbered n = {.number = m->index * WRITES + i};
        char text[64];
        enum rc rc = store_write(m->store, NOW, numbered_body, &n);
        snprintf(text, sizeof text, "number %d is refused", n.number);
        if (rc == RC_OK)
            m->ok++;
        else if (rc == RC_REFUSED && strcmp(err_text(), text) == 0) /* the reason comes over from the writer's thread */
            m->failed++;
        m->wrong += (rc == RC_OK) != (n.number % 7 != 0) || n.runs < 1;
    }
    return NULL;
}

static enum rc collect(void *arg, const struct audit_line *l) {
    int *seen = arg, number = number_in(l);
    assert_true(number >= 0 && number < THREADS * WRITES);
    seen[number]++;
    return RC_OK;
}

static enum rc collect_all(struct db *db, void *seen) {
    return audit_each(db, collect, seen);
}

static void a_failing_body_hurts_nobody_else(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    pthread_t threads[THREADS];
    struct many many[THREADS];
    int ok = 0;
    static int seen[THREADS * WRITES];
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < THREADS; i++) {
        many[i] = (struct many){.store = s, .index = i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &many[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(many[i].wrong, 0);
        assert_int_equal(many[i].ok + many[i].failed, WRITES);
        ok += many[i].ok;
    }
    assert_int_equal(lines_in(s), ok);
    MUST_OK(store_read(s, collect_all, seen));
    for (int n = 0; n < THREADS * WRITES; n++)
        assert_int_equal(seen[n], n % 7 != 0); /* each once, the refused never */
}

/* Holds the writer until it is let go; then writes one line. */
struct gate {
    atomic_bool entered, open;
};

static enum rc wait_at_gate(struct tx *tx, void *arg) {
    struct gate *g = arg;
    atomic_store(&g->entered, true);
    while (!atomic_load(&g->open))
        usleep(200);
    return put_line(tx, NULL);
}

struct waiter {
    struct store *store;
    struct gate *gate; /* NULL: just a line */
    pthread_t thread;
    enum rc rc;
    atomic_int *ended;
    atomic_bool asks; /* is about to write */
};

static void *wait_for_write(void *arg) {
    struct waiter *w = arg;
    atomic_store(&w->asks, true);
    w->rc = w->gate != NULL ? store_write(w->store, NOW, wait_at_gate, w->gate)
                            : store_write(w->store, NOW, put_line, NULL);
    atomic_fetch_add(w->ended, 1);
    return NULL;
}

static void start(struct waiter *w, struct store *s, struct gate *gate, atomic_int *ended) {
    pthread_attr_t attr;
    *w = (struct waiter){.store = s, .gate = gate, .ended = ended};
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 128 * 1024);
    assert_int_equal(pthread_create(&w->thread, &attr, wait_for_write, w), 0);
    pthread_attr_destroy(&attr);
}

static void a_full_queue_is_busy_and_all_that_waited_is_written(void **state) {
    (void)state;
    enum { OVER = 20, COUNT_ALL = WRITER_QUEUE + OVER };
    AUTO_PTR(store) s = fresh_store(NULL);
    static struct waiter first, waiters[COUNT_ALL];
    struct gate gate = {0};
    atomic_int ended = 0;
    int busy = 0;
    start(&first, s, &gate, &ended);
    while (!atomic_load(&gate.entered))
        usleep(200);
    for (int i = 0; i < COUNT_ALL; i++)
        start(&waiters[i], s, NULL, &ended);
    while (atomic_load(&ended) < OVER) /* those who found no place return at once */
        usleep(200);
    atomic_store(&gate.open, true);
    pthread_join(first.thread, NULL);
    for (int i = 0; i < COUNT_ALL; i++) {
        pthread_join(waiters[i].thread, NULL);
        assert_true(waiters[i].rc == RC_OK || waiters[i].rc == RC_BUSY);
        busy += waiters[i].rc == RC_BUSY;
    }
    assert_int_equal(busy, OVER);
    assert_int_equal(lines_in(s), WRITER_QUEUE + 1);
}

static void *let_go_soon(void *arg) {
    usleep(100000);
    atomic_store(&((struct gate *)arg)->open, true);
    return NULL;
}

static void a_stop_finishes_what_waits(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    struct store *s = fresh_store(dsn);
    static struct waiter waiters[8];
    struct gate gate = {0};
    atomic_int ended = 0;
    pthread_t opener;
    int written = 1;
    for (int i = 0; i < 8; i++) {
        start(&waiters[i], s, i == 0 ? &gate : NULL, &ended);
        while (!atomic_load(&gate.entered) || !atomic_load(&waiters[i].asks))
            usleep(200);
    }
    usleep(200000); /* all but the first wait in the queue now */
    assert_int_equal(pthread_create(&opener, NULL, let_go_soon, &gate), 0);
    store_free(s);
    pthread_join(opener, NULL);
    for (int i = 0; i < 8; i++) {
        pthread_join(waiters[i].thread, NULL);
        assert_int_equal(waiters[i].rc, RC_OK);
        written += i > 0;
    }
    MUST_OK(store_open(dsn, 1, &s));
    assert_int_equal(lines_in(s), written);
    store_free(s);
}

/* One write after the other, each begun by the end of the one before: nobody waits but for the last. */
struct relay {
    struct store *store;
    struct write write;
    struct numbered n;
    int last;
    struct latch end;
};

static enum rc relay_body(struct tx *tx, void *arg) {
    struct relay *r = arg;
    return numbered_body(tx, &r->n);
}

static void relay_done(void *arg, enum rc rc, const char *text) {
    struct relay *r = arg;
    (void)err_set(RC_BUG, "not the others' business");
    if (rc != RC_OK || r->n.number == r->last) {
        latch_open(&r->end, rc, text);
        return;
    }
    r->n.number++;
    rc = store_submit(r->store, &r->write);
    if (rc != RC_OK)
        latch_open(&r->end, rc, err_text());
}

static void the_end_of_a_write_may_begin_the_next(void **state) {
    (void)state;
    enum { RELAYS = 40, EACH = 5 };
    AUTO_PTR(store) s = fresh_store(NULL);
    static struct relay relays[RELAYS];
    int lines = 0;
    for (int i = 0; i < RELAYS; i++) {
        struct relay *r = &relays[i];
        *r = (struct relay){.store = s, .n.number = i * 10 + 1, .last = i * 10 + EACH};
        r->write = (struct write){.body = relay_body, .done = relay_done, .arg = r, .now = NOW};
        latch_init(&r->end);
        MUST_OK(store_submit(s, &r->write));
    }
    for (int i = 0; i < RELAYS; i++) {
        enum rc rc = latch_wait(&relays[i].end);
        int seventh = (i * 10 / 7 + 1) * 7; /* the first number of this relay's decade, or after it, that fails */
        bool fails = seventh <= relays[i].last;
        assert_int_equal(rc, fails ? RC_REFUSED : RC_OK);
        if (fails) {
            char text[64];
            snprintf(text, sizeof text, "number %d is refused", seventh);
            assert_string_equal(err_text(), text);
        }
        lines += fails ? seventh - i * 10 - 1 : EACH;
    }
    assert_int_equal(lines_in(s), lines);
}

static enum rc half_then_fail(struct tx *tx, void *arg) {
    ++*(int *)arg;
    TRY(put_line(tx, NULL));
    TRY(meta_put(tx, "half", "done"));
    FAIL(RC_NOT_FOUND, "no more");
}

static enum rc get_half(struct db *db, void *value) {
    return meta_get(db, "half", value, 8);
}

static void a_body_that_fails_leaves_nothing(void **state) {
    (void)state;
    AUTO_PTR(store) s = fresh_store(NULL);
    char value[8];
    int runs = 0;
    MUST_FAIL(RC_NOT_FOUND, store_write(s, NOW, half_then_fail, &runs));
    assert_int_equal(runs, 1);
    assert_string_equal(err_text(), "no more");
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get_half, value));
    assert_int_equal(lines_in(s), 0);
    MUST_OK(store_ping(s, PING_MS));
    MUST_OK(store_ping(s, PING_MS));
}

static void a_held_database_is_told_in_time(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(store) s = fresh_store(dsn);
    AUTO_PTR(db) other = NULL;
    MUST_OK(db_open(dsn, &other));
    MUST_OK(db_begin(other));
    int64_t began = os_clock_ms();
    for (int i = 0; i < 3; i++) /* the second and third find the first's trial still running */
        MUST_FAIL(RC_BUSY, store_ping(s, 300));
    assert_true(os_clock_ms() - began < 4000); /* far less than it waits for the lock */
    db_rollback(other);
    MUST_OK(store_ping(s, PING_MS));
}

/* The database fails for its own reasons what is large, and takes what is small: a disk that is nearly full. */
static enum rc put_large(struct tx *tx, void *arg) {
    (void)arg;
    AUTO(buf) text = {0};
    while (text.len < 4000)
        TRY(buf_add_str(&text, "0123456789"));
    return meta_put(tx, "large", buf_str(&text));
}

static void a_small_write_that_fits_is_no_proof_after_one_that_did_not(void **state) {
    (void)state;
    char dsn[DSN_CAP];
    AUTO_PTR(store) s = fresh_store(dsn);
    MUST_OK(store_ping(s, PING_MS));
    raw(dsn, backend->nearly_full);
    MUST_FAIL(RC_DB, store_write(s, NOW, put_large, NULL));
    MUST_OK(store_write(s, NOW, put_line, NULL)); /* fits */
    MUST_FAIL(RC_DB, store_ping(s, PING_MS));
    MUST_FAIL(RC_DB, store_ping(s, PING_MS));
    raw(dsn, backend->room_again);
    MUST_OK(store_ping(s, PING_MS));
    MUST_OK(store_write(s, NOW, put_large, NULL));
}

struct sealer {
    atomic_bool silent;
    size_t claimed; /* bytes */
    int asked;
};

static enum rc seal_end(void *arg, const struct audit_head *head, struct sha256 *mac) {
    struct sealer *by = arg;
    by->asked++;
    by->claimed = head->claims.len;
    while (atomic_load(&by->silent))
        os_pause_ms(5);
    *mac = head->to.hash;
    return head->claims.len == 0 ? RC_OK : err_set(RC_REFUSED, "it does not hold");
}

static enum rc claim_only(struct tx *tx, void *arg) {
    (void)arg;
    TRY(meta_put(tx, "half", "done"));
    return audit_claim(tx, span_str("a claim"));
}

/* Nothing is committed that goes by a claim which nobody has judged, be it that it has no line of the audit. */
static void a_claim_is_judged_without_a_line_too(void **state) {
    (void)state;
    struct sealer by = {0};
    const struct audit_linker linker = {seal_end, NULL, &by};
    AUTO_PTR(store) s = fresh_store(NULL);
    char value[8];
    store_link(s, &linker, NULL);
    MUST_FAIL(RC_REFUSED, store_write(s, NOW, claim_only, NULL));
    assert_true(by.asked > 0 && by.claimed == strlen("a claim"));
    MUST_FAIL(RC_NOT_FOUND, store_read(s, get_half, value));
}

/* Not the database is told of that does not answer. */
static void who_seals_and_is_silent_is_told(void **state) {
    (void)state;
    struct sealer by = {.silent = true};
    const struct audit_linker linker = {seal_end, NULL, &by};
    AUTO_PTR(store) s = fresh_store(NULL);
    store_link(s, &linker, NULL);
    for (int i = 0; i < 2; i++)
        MUST_FAIL(RC_NETWORK, store_ping(s, 300));
    assert_non_null(strstr(err_text(), "who seals"));
    atomic_store(&by.silent, false);
    MUST_OK(store_ping(s, PING_MS));
}

size_t body_writer(struct CMUnitTest *out) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_body_hurts_nobody_else),
        cmocka_unit_test(a_full_queue_is_busy_and_all_that_waited_is_written),
        cmocka_unit_test(a_stop_finishes_what_waits),
        cmocka_unit_test(the_end_of_a_write_may_begin_the_next),
        cmocka_unit_test(a_body_that_fails_leaves_nothing),
        cmocka_unit_test(a_held_database_is_told_in_time),
        cmocka_unit_test(a_small_write_that_fits_is_no_proof_after_one_that_did_not),
        cmocka_unit_test(a_claim_is_judged_without_a_line_too),
        cmocka_unit_test(who_seals_and_is_silent_is_told),
    };
    memcpy(out, tests, sizeof tests);
    return COUNT(tests);
}
