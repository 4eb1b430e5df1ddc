/* Tests of base/latch: the outcome and the text of another thread come over. */
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/latch.h"
#include "lib_base.h"

struct opening {
    struct latch latch;
    enum rc rc;
    bool late;
};

static void *open_it(void *arg) {
    struct opening *o = arg;
    if (o->late)
        usleep(20000);
    (void)err_set(RC_BUG, "this thread's own");
    latch_open(&o->latch, o->rc, "why it failed");
    return NULL;
}

static enum rc wait_for(enum rc rc, bool late) {
    struct opening o = {.rc = rc, .late = late};
    pthread_t thread;
    latch_init(&o.latch);
    assert_int_equal(pthread_create(&thread, NULL, open_it, &o), 0);
    if (!late)
        usleep(20000); /* opened before anyone waits */
    enum rc got = latch_wait(&o.latch);
    pthread_join(thread, NULL);
    return got;
}

static void brings_the_outcome_over(void **state) {
    (void)state;
    for (int late = 0; late < 2; late++) {
        (void)err_set(RC_IO, "before");
        assert_int_equal(wait_for(RC_OK, late), RC_OK);
        assert_string_equal(err_text(), "before"); /* success leaves the text alone */
        assert_int_equal(wait_for(RC_BUSY, late), RC_BUSY);
        assert_string_equal(err_text(), "why it failed");
    }
}

/* As when a step could not even be begun. */
static void may_be_opened_by_its_own_thread(void **state) {
    (void)state;
    struct latch l;
    latch_init(&l);
    latch_open(&l, err_set(RC_LIMIT, "too many"), err_text());
    assert_int_equal(latch_wait(&l), RC_LIMIT);
    assert_string_equal(err_text(), "too many");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_the_outcome_over),
        cmocka_unit_test(may_be_opened_by_its_own_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
