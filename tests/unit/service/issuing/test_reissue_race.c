/* Two requests for one old certificate at once, under a CA whose signatures differ each time: one certificate, and both
   answers have it, whatever happens to the transactions beside theirs. */
#include "unit/service/world.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "service/issuing/reissue.h"
#include "store/issue.h"

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

/* Of a kur sent twice: the first one's answer is rolled back with its company and then fails alone, while the second
   saw it. What the second is told must be in the store. */
static struct reissue_call again_call;
static struct cmp_hooks again_hooks;
static struct cmp_kur again;
static struct cmp_answer told;
static int64_t again_id;
static int runs;

static enum rc lost_body(struct tx *tx, void *arg) {
    (void)arg;
    if (runs++ > 0)
        FAIL(RC_DB, "the disk is full");
    TRY(issue_store(tx, again_id, "X", span_str("a certificate that is never committed"), "{}"));
    return cmp_tx_answer(tx, again.transaction, span_str("a kup that is never committed"));
}

static void *lose(void *arg) {
    MUST_FAIL(RC_DB, store_write(w.site.store, DRILL_NOW, lost_body, NULL));
    return arg;
}

static void *ask_again(void *arg) {
    MUST_OK(again_hooks.reissue(again_hooks.arg, &again, &told));
    return arg;
}

static enum rc read_answer(struct db *db, void *arg) {
    return cmp_tx_get(db, again.transaction, arg);
}

static void what_was_rolled_back_is_not_told(void **state) {
    AUTO(buf) der = {0};
    AUTO(buf) message = {0};
    AUTO(cmp_answer) cut = {0};
    AUTO(cmp_tx_row) row = {0};
    struct person p = {.number = 78};
    struct reissue dying = {&w.site, w.refusing, &w.responder};
    void *(*const parts[])(void *arg) = {hold, lose, ask_again, fail_beside};
    pthread_t threads[4];
    (void)state;
    world_add(&w, &p, &der);
    again_id = world_id(&w, &p);
    again_call = (struct reissue_call){.core = &dying, .now_ms = DRILL_NOW * INT64_C(1000)};
    again_hooks = reissue_hooks(&again_call);
    again = (struct cmp_kur){.transaction = span_str("3333456789abcdef"),
                             .request = span_str("the kur"),
                             .core = pki_world_kur(&w.pki, buf_span(&der), NULL, &message),
                             .signer = buf_span(&der),
                             .compose = kup};
    MUST_OK(again_hooks.reissue(again_hooks.arg, &again, &cut)); /* reserved and kept, not signed */
    assert_false(cut.granted);
    again_call.core = &w.core;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, parts[i], NULL), 0);
        usleep(60000); /* in this order into the writer's queue, which the first one holds */
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    MUST_OK(store_read(w.site.store, read_answer, &row));
    assert_true(told.granted && row.response.len > 0);
    assert_true(span_eq(buf_span(&told.response), buf_span(&row.response)));
    cmp_answer_free(&told);
}

#define ASKERS 3
static struct buf askers[ASKERS];
static struct cmp_answer decided[ASKERS];

static void *ask_one(void *arg) {
    int i = *(const int *)arg;
    struct reissue_request req = {.kur.signer = buf_span(&askers[i]), .now_ms = DRILL_NOW * INT64_C(1000)};
    MUST_OK(world_reissue(&w.core, &req, &decided[i]));
    return NULL;
}

static void prolong(int days) {
    AUTO_PTR(db) db = NULL;
    AUTO(buf) sql = {0};
    MUST_OK(
        buf_printf(&sql, "UPDATE certs SET contract_to = contract_to + %d WHERE serial = '5404FFFE00000051'", days));
    MUST_OK(db_open(w.site.conf.database, &db));
    MUST_OK(db_script(db, buf_str(&sql)));
}

/* Three reserve in one transaction, and the record of one was changed by hand. */
static void a_changed_record_stops_nobody_else(void **state) {
    int places[ASKERS] = {0, 1, 2};
    pthread_t threads[ASKERS];
    (void)state;
    for (uint32_t i = 0; i < ASKERS; i++)
        world_add(&w, &(struct person){.number = 80 + i}, &askers[i]);
    prolong(300);
    assert_int_equal(pthread_create(&holding, NULL, hold, NULL), 0);
    usleep(100000);
    for (int i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_one, &places[i]), 0);
    pthread_join(holding, NULL);
    for (int i = 0; i < ASKERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(decided[0].granted && decided[2].granted);
    assert_false(decided[1].granted);
    assert_string_equal(decided[1].code, "not-signed");
    assert_int_equal(world_audit_count(&w, "\"reserved\",\"old_serial\":\"5404FFFE00000051\""), 0);
    prolong(-300);
    (void)ask_one(&places[1]);
    assert_true(decided[1].granted); /* nothing was reserved by what was wrong */
    for (int i = 0; i < ASKERS; i++) {
        buf_free(&askers[i]);
        cmp_answer_free(&decided[i]);
    }
}

static int open_ec(void **state) {
    pki_world_ec = true;
    return world_setup(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_answers_have_the_one_certificate),
                                       cmocka_unit_test(what_was_rolled_back_is_not_told),
                                       cmocka_unit_test(a_changed_record_stops_nobody_else)};
    return cmocka_run_group_tests(tests, open_ec, world_teardown);
}
