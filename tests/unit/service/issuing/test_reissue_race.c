/* Two requests for one old certificate at once, under a CA whose signatures differ each time: one certificate, and both
   answers have it, whatever happens to the transactions beside theirs. */
#include "unit/service/world.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "service/issuing/reissue.h"

#define KUP "the kup of "

static struct reissue_call calls[2];
static struct cmp_hooks hooks[2];
static struct cmp_kur kurs[2];
static struct cmp_answer answers[2];
static pthread_t holding, failing;
static int composed;

static enum rc kup(void *arg, struct span certificate, struct buf *response) {
    (void)arg;
    TRY(buf_set(response, span_str(KUP)));
    return buf_add_span(response, certificate);
}

static enum rc hold_body(struct tx *tx, void *arg) {
    (void)tx, (void)arg;
    usleep(600000);
    return RC_OK;
}

static enum rc fail_body(struct tx *tx, void *arg) {
    (void)tx, (void)arg;
    FAIL(RC_EXISTS, "a companion that fails");
}

static void *hold(void *arg) {
    MUST_OK(store_write(w.site.store, DRILL_NOW, hold_body, NULL));
    return arg;
}

static void *fail_beside(void *arg) {
    usleep(400000);
    MUST_FAIL(RC_EXISTS, store_write(w.site.store, DRILL_NOW, fail_body, NULL));
    return arg;
}

/* Signed and composed, the other request overtakes; then ours is stored in company of a write that fails, so that the
   writer runs it twice. */
static enum rc kup_late(void *arg, struct span certificate, struct buf *response) {
    TRY(kup(arg, certificate, response));
    if (composed++ > 0)
        return RC_OK;
    MUST_OK(hooks[0].reissue(hooks[0].arg, &kurs[0], &answers[0]));
    assert_int_equal(pthread_create(&holding, NULL, hold, NULL), 0);
    usleep(150000);
    assert_int_equal(pthread_create(&failing, NULL, fail_beside, NULL), 0);
    return RC_OK;
}

static void has_the_certificate(const struct cmp_answer *a) {
    size_t n = strlen(KUP);
    assert_true(a->granted && a->response.len > n);
    assert_true(span_eq(span_of(a->response.data + n, a->response.len - n), buf_span(&answers[0].certificate)));
}

static void both_answers_have_the_one_certificate(void **state) {
    AUTO(buf) der = {0};
    AUTO(buf) message = {0};
    AUTO(cmp_answer) again = {0};
    (void)state;
    world_add(&w, &(struct person){.number = 77}, &der);
    for (int i = 0; i < 2; i++) {
        calls[i] = (struct reissue_call){.core = &w.core, .now_ms = DRILL_NOW * INT64_C(1000)};
        hooks[i] = reissue_hooks(&calls[i]);
        kurs[i] = (struct cmp_kur){.transaction = span_str(i == 0 ? "1111456789abcdef" : "2222456789abcdef"),
                                   .request = span_str(i == 0 ? "the first kur" : "the second kur"),
                                   .core = pki_world_kur(&w.pki, buf_span(&der), NULL, &message),
                                   .signer = buf_span(&der),
                                   .compose = i == 0 ? kup : kup_late};
    }
    kurs[0].core = kurs[1].core; /* one buffer */
    MUST_OK(hooks[1].reissue(hooks[1].arg, &kurs[1], &answers[1]));
    pthread_join(holding, NULL);
    pthread_join(failing, NULL);
    assert_int_equal(composed, 2);
    assert_true(span_eq(buf_span(&answers[0].certificate), buf_span(&answers[1].certificate)));
    has_the_certificate(&answers[0]);
    has_the_certificate(&answers[1]);
    MUST_OK(hooks[1].reissue(hooks[1].arg, &kurs[1], &again)); /* and so has what is kept */
    has_the_certificate(&again);
    assert_int_equal(world_audit_count(&w, "\"issued\""), 1);
    cmp_answer_free(&answers[0]);
    cmp_answer_free(&answers[1]);
}

static int open_ec(void **state) {
    pki_world_ec = true;
    return world_setup(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_answers_have_the_one_certificate)};
    return cmocka_run_group_tests(tests, open_ec, world_teardown);
}
