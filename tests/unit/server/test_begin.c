/* What `begin` records when others come in between its look and its write, and of a token that nobody knows. */
#include <curl/curl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/day.h"
#include "base/latch.h"
#include "base/log.h"
#include "base/os.h"
#include "served.h"
#include "store/control.h"

static enum rc put_assist(struct tx *tx, void *arg) {
    return assist_put(tx, arg, "test");
}

/* The one writer, held up by a write of the test's own until calls have come as far as theirs. */
struct hold {
    enum rc (*body)(struct tx *tx, void *arg);
    void *arg;
    sem_t go;
    struct latch end;
};

static enum rc hold_body(struct tx *tx, void *arg) {
    struct hold *h = arg;
    enum rc rc = h->body == NULL ? RC_OK : h->body(tx, h->arg);
    sem_wait(&h->go);
    return rc;
}

static void hold_done(void *arg, enum rc rc, const char *text) {
    struct hold *h = arg;
    latch_open(&h->end, rc, text);
}

struct beginning { /* a begin, maybe in a thread of its own */
    pthread_t thread;
    const char *more;
    struct buf der;
    char serial[SERIAL_TEXT];
    struct https_call call;
};

static void *begin_run(void *arg) {
    struct beginning *b = arg;
    b->call = post_any("/api/v1/begin", buf_span(&b->der), b->more);
    return NULL;
}

/* Both say begin after `body` has begun and before it is committed: they look before, and write after it. */
static void begin_beside(struct beginning *b, int count, enum rc (*body)(struct tx *tx, void *arg), void *arg) {
    struct hold h = {.body = body, .arg = arg};
    struct write write = {.body = hold_body, .done = hold_done, .arg = &h, .now = DRILL_NOW};
    int active = 0, waiting = 0;
    assert_int_equal(sem_init(&h.go, 0, 0), 0);
    latch_init(&h.end);
    MUST_OK(store_submit(app.site.store, &write));
    for (int i = 0; i < count; i++)
        assert_int_equal(pthread_create(&b[i].thread, NULL, begin_run, &b[i]), 0);
    for (int i = 0; i < 1000 && active + waiting < count; i++) { /* they take their places after they have looked */
        usleep(10000);
        queue_count(app.queue, os_clock_ms(), &active, &waiting);
    }
    assert_int_equal(active + waiting, count);
    sem_post(&h.go);
    MUST_OK(latch_wait(&h.end));
    for (int i = 0; i < count; i++) {
        pthread_join(b[i].thread, NULL);
        https_check(&b[i].call);
    }
    sem_destroy(&h.go);
}

static void beginning_add(struct beginning *b, uint32_t number, const char *more) {
    *b = (struct beginning){.more = more};
    world_add(&inst, &(struct person){.number = number}, &b->der);
    (void)snprintf(b->serial, sizeof b->serial, "5404FFFE%08X", (unsigned)number);
}

static void beginning_end(struct beginning *b) {
    queue_leave(app.queue, b->serial);
    https_call_free(&b->call);
    buf_free(&b->der);
}

/* Two with the last use of a code: one has it, the other is refused as whoever comes later, and recorded. */
static void a_code_is_used_up_at_one_instant(void **state) {
    (void)state;
    struct assist_row row = {
        .code = "ONCE", .channel = CHANNEL_SELF, .holder = "NV02", .expires_at = DRILL_NOW + 86400, .uses = 1};
    struct beginning b[2];
    int active = 0, waiting = 0;
    beginning_add(&b[0], 21, CONSENT CLIENT ",\"assist\":\"ONCE\"");
    beginning_add(&b[1], 22, CONSENT CLIENT ",\"assist\":\"ONCE\"");
    MUST_OK(store_write(app.site.store, DRILL_NOW, put_assist, &row));
    begin_beside(b, 2, NULL, NULL);
    assert_int_equal(b[0].call.status + b[1].call.status, 200 + 422);
    has(&b[b[0].call.status == 200].call, "\"code\":\"assist-used-up\"");
    assert_int_equal(world_audit_count(&inst, "\"code\":\"assist-used-up\",\"step\":\"consent\""), 1);
    assert_int_equal(world_audit_count(&inst, "\"text\":\"data-confirmed-1\""), 1);
    queue_count(app.queue, os_clock_ms(), &active, &waiting);
    assert_int_equal(active + waiting, 1); /* who was refused has no place */
    beginning_end(&b[0]);
    beginning_end(&b[1]);
}

static enum rc reserve_it(struct tx *tx, void *old_id) {
    AUTO(issued_row)
    r = {
        .old_id = *(int64_t *)old_id, .old_serial = "5404FFFE00000017", .new_serial = "7E", .consent_at = INSTANT_NONE};
    MUST_OK(buf_add_str(&r.tbs, "to be signed"));
    return issue_reserve(tx, &r, "campaign", "{}");
}

/* A reservation between the look and the write: it keeps what it was made under, here nothing (R5.10). */
static void a_reservation_keeps_its_consent(void **state) {
    (void)state;
    struct beginning b;
    beginning_add(&b, 23, CONSENT CLIENT);
    int64_t id = world_id(&inst, &(struct person){.number = 23});
    int64_t lines = world_audit_count(&inst, "\"text\":\"data-confirmed-1\"");
    begin_beside(&b, 1, reserve_it, &id);
    assert_int_equal(b.call.status, 200);
    assert_int_equal(world_audit_count(&inst, "\"text\":\"data-confirmed-1\""), lines);
    beginning_end(&b);
}

/* A label may be a person's name: of a token of no known model only what tells its model is kept. */
static void begin_keeps_the_model_of_an_unknown_token(void **state) {
    (void)state;
    struct beginning b;
    beginning_add(&b, 24,
                  CONSENT CLIENT
                  ",\"unknown_token\":{\"module\":\"new.so\",\"label\":\"NGUYEN VAN A\",\"manufacturer\":"
                  "\"Maker\",\"model\":\"Model\",\"firmware\":\"1.1\"}");
    (void)begin_run(&b);
    assert_int_equal(b.call.status, 200);
    assert_int_equal(world_audit_count(&inst, "{\"module\":\"new.so\",\"manufacturer\":\"Maker\",\"model\":\"Model\","
                                              "\"firmware\":\"1.1\","),
                     1);
    assert_int_equal(world_audit_count(&inst, "NGUYEN VAN A"), 0);
    beginning_end(&b);
}

static void begin_takes_no_longer_driver_name(void **state) {
    (void)state;
    struct beginning b;
    beginning_add(&b, 25,
                  CONSENT CLIENT
                  ",\"unknown_token\":{\"module\":\"0123456789012345678901234567890123456789012345678901234567"
                  "890123x.so\",\"manufacturer\":\"M\",\"model\":\"M\",\"firmware\":\"1\"}");
    (void)begin_run(&b);
    assert_int_equal(b.call.status, 400);
    beginning_end(&b);
}

static int open_all(void **state) {
    (void)state;
    return served_open();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_is_used_up_at_one_instant),
        cmocka_unit_test(a_reservation_keeps_its_consent),
        cmocka_unit_test(begin_keeps_the_model_of_an_unknown_token),
        cmocka_unit_test(begin_takes_no_longer_driver_name),
    };
    signal(SIGPIPE, SIG_IGN);
    log_open("test", LOG_ERROR);
    curl_global_init(CURL_GLOBAL_DEFAULT); /* before there are threads */
    return cmocka_run_group_tests_name("server/begin", tests, open_all, served_close);
}
