/* The thread that waits for tokens: it tells soon, ends with the module, and does without where a module cannot wait.
 */
#include "p11/watch.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/os.h"
#include "lib/must.h"
#include "lib/softhsm.h"

static _Atomic int told;

static void tell(void *arg) {
    (void)arg;
    told++;
}

static void plug(const struct softhsm *h, const char *labels) {
    char path[PATH_CAP];
    MUST_OK(fs_join(path, h->dir, "plug"));
    MUST_OK(fs_write(path, span_str(labels), 0600));
    setenv("SHIM_PLUG", path, 1);
}

static bool told_within(int count, int seconds) {
    int64_t until = os_clock_ms() + seconds * 1000;
    while (told < count && os_clock_ms() < until)
        usleep(10 * 1000);
    return told >= count;
}

static void open_shim(struct softhsm *h) {
    *h = (struct softhsm){0};
    told = 0;
    setenv("SHIM_MODULE", softhsm_path(), 1);
    if (softhsm_open(h, getenv("CAPBU_SHIM")) == RC_NOT_FOUND)
        skip();
    plug(h, "one\n");
}

static void tells_of_every_change(void **state) {
    struct softhsm h;
    struct p11_watch *w = NULL;
    (void)state;
    setenv("SHIM_EVENTS", "1", 1);
    open_shim(&h);
    MUST_OK(p11_watch_new(&h.module, tell, NULL, &w));
    usleep(300 * 1000);
    assert_int_equal(told, 0); /* nothing came or went */
    plug(&h, "one\nanother\n");
    assert_true(told_within(1, 20));
    plug(&h, "");
    assert_true(told_within(2, 20));
    p11_module_free(&h.module); /* finalises: the wait ends */
    int64_t from = os_clock_ms();
    p11_watch_free(w);
    assert_true(os_clock_ms() - from < 1900); /* it did not have to be given up */
    softhsm_free(&h);
    unsetenv("SHIM_EVENTS");
    unsetenv("SHIM_PLUG");
}

/* SoftHSM does not wait: the thread ends at once, and polling goes on without it. */
static void does_without(void **state) {
    struct softhsm h;
    struct p11_watch *w = NULL;
    (void)state;
    open_shim(&h);
    MUST_OK(p11_watch_new(&h.module, tell, NULL, &w));
    p11_watch_free(w); /* though the module is not finalised */
    assert_int_equal(told, 0);
    h.module.one_thread = true; /* CKR_CANT_LOCK: no second thread in it, ever */
    MUST_FAIL(RC_NOT_FOUND, p11_watch_new(&h.module, tell, NULL, &w));
    h.module.one_thread = false;
    softhsm_free(&h);
    unsetenv("SHIM_PLUG");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_every_change),
        cmocka_unit_test(does_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
