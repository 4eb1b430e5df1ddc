/* The published token models at hand: noticed when they are new, and nobody waits for another's look into the store. */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "base/day.h"
#include "lib/must.h"
#include "lib/tmp.h"
#include "server/http/http.h"
#include "server/published.h"

static struct store *store; /* with one reader, so that a test can hold it */
static struct published published;

static enum rc publish(struct tx *tx, void *version) {
    AUTO(publication_row) r = {.version = *(int64_t *)version, .expires_at = DAY_SECONDS, .source_hash = "x"};
    MUST_OK(buf_add_str(&r.der, "signed"));
    return publication_put(tx, &r, "test");
}

static void put(int64_t version) {
    MUST_OK(store_write(store, 0, publish, &version));
    published.looked_ms -= 10000; /* a second or so later */
}

static int64_t version(void) {
    return published_version(&published, store, 1);
}

static void a_newer_one_is_noticed(void **state) {
    AUTO(buf) der = {0};
    (void)state;
    assert_int_equal(version(), 0);
    MUST_FAIL(RC_NOT_FOUND, published_get(&published, store, &der));
    put(1);
    assert_int_equal(version(), 1);
    MUST_OK(published_get(&published, store, &der));
    assert_string_equal(buf_str(&der), "signed");
    put(2);
    assert_int_equal(version(), 2);
    assert_int_equal(published_version(&published, store, DAY_SECONDS), 0); /* expired */
}

struct held {
    sem_t in, go;
};

static enum rc hold(struct db *db, void *arg) {
    struct held *h = arg;
    (void)db;
    sem_post(&h->in);
    sem_wait(&h->go);
    return RC_OK;
}

static void *hold_reader(void *arg) {
    MUST_OK(store_read(store, hold, arg));
    return NULL;
}

static void *look(void *seen) {
    *(int64_t *)seen = version();
    return NULL;
}

static void nobody_waits_for_anothers_look(void **state) {
    struct held h;
    pthread_t reader, first, second;
    struct timespec patience;
    int64_t seen[2] = {0};
    (void)state;
    sem_init(&h.in, 0, 0);
    sem_init(&h.go, 0, 0);
    put(3);
    int64_t before = published.looked_ms;
    pthread_create(&reader, NULL, hold_reader, &h);
    sem_wait(&h.in);
    pthread_create(&first, NULL, look, &seen[0]); /* it is this one's to look, and the store keeps it waiting */
    while (__atomic_load_n(&published.looked_ms, __ATOMIC_RELAXED) == before)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    pthread_create(&second, NULL, look, &seen[1]);
    clock_gettime(CLOCK_REALTIME, &patience);
    patience.tv_sec += 5;
    int waited = pthread_timedjoin_np(second, NULL, &patience);
    sem_post(&h.go);
    pthread_join(reader, NULL);
    pthread_join(first, NULL);
    assert_int_equal(waited, 0);
    assert_int_equal(seen[0], 3);
    assert_int_equal(seen[1], 2); /* what was known */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_newer_one_is_noticed),
                                       cmocka_unit_test(nobody_waits_for_anothers_look)};
    char path[PATH_CAP];
    AUTO(tmp) t = {0};
    MUST_OK(tmp_make(&t, NULL, "published"));
    MUST_OK(fs_join(path, t.dir, "capbu.db"));
    MUST_OK(store_make(path, 0, NULL, NULL, NULL));
    MUST_OK(store_open(path, 1, &store));
    published_open(&published);
    int failed = cmocka_run_group_tests_name("server/published", tests, NULL, NULL);
    published_free(&published);
    store_free(store);
    return failed;
}
