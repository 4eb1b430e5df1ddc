/* What `begin` records: nothing of who has a certificate only, and the model of a token that nobody knows. */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/log.h"
#include "base/os.h"
#include "served.h"
#include "store/control.h"

static enum rc put_assist(struct tx *tx, void *arg) {
    return assist_put(tx, arg, "test");
}

struct beginning {
    const char *more;
    struct buf der;
    char serial[SERIAL_TEXT];
    struct https_call call;
};

static void begin_run(struct beginning *b) {
    b->call = post_any("/api/v1/begin", buf_span(&b->der), b->more);
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

/* Certificates are public: who has one gets a place, uses no code up, and nothing is recorded in the owner's name. */
static void begin_uses_nothing_up(void **state) {
    (void)state;
    struct assist_row row = {
        .code = "ONCE", .channel = CHANNEL_SELF, .holder = "NV02", .expires_at = DRILL_NOW + 86400, .uses = 1};
    struct beginning b[2];
    int64_t before, after;
    beginning_add(&b[0], 21, CONSENT CLIENT ",\"assist\":\"ONCE\"");
    beginning_add(&b[1], 22, CONSENT CLIENT ",\"assist\":\"ONCE\"");
    MUST_OK(store_write(app.site.store, DRILL_NOW, put_assist, &row));
    MUST_OK(world_audit_verify(&inst, &before));
    for (int i = 0; i < 2; i++) {
        begin_run(&b[i]);
        assert_int_equal(b[i].call.status, 200);
        has(&b[i].call, "\"ticket\":\"");
    }
    MUST_OK(world_audit_verify(&inst, &after));
    assert_int_equal(after, before);
    beginning_end(&b[0]);
    beginning_end(&b[1]);
}

/* A label may be a person's name: of a token of no known model only what tells its model is kept. */
static void begin_keeps_the_model_of_an_unknown_token(void **state) {
    (void)state;
    struct beginning b;
    beginning_add(&b, 24,
                  CONSENT CLIENT
                  ",\"unknown_token\":{\"module\":\"new.so\",\"label\":\"NGUYEN VAN A\",\"manufacturer\":"
                  "\"Maker\",\"model\":\"Model\",\"firmware\":\"1.1\"}");
    begin_run(&b);
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
    begin_run(&b);
    assert_int_equal(b.call.status, 400);
    beginning_end(&b);
}

static struct beginning begin_once(uint32_t number, const char *device, const char *more) {
    struct beginning b = {.more = more};
    world_add(&inst, &(struct person){.number = number, .device = device}, &b.der);
    (void)snprintf(b.serial, sizeof b.serial, "5404FFFE%08X", (unsigned)number);
    (void)begin_run(&b);
    return b;
}

/* A code that nobody knows proves no channel, and neither does a word: the audit names none. */
static void an_unproven_channel_is_not_recorded(void **state) {
    (void)state;
    static const char *const claims[] = {CONSENT CLIENT ",\"assist\":\"NOBODYS\",\"channel\":\"am\"",
                                         CONSENT CLIENT ",\"channel\":\"am\"",
                                         CONSENT CLIENT ",\"assist\":\"NOBODYS\""};
    static const char *const codes[] = {"assist-unknown", "assist-needed", "assist-unknown"};
    for (uint32_t i = 0; i < 3; i++) {
        struct beginning b = begin_once(26 + i, NULL, claims[i]);
        assert_int_equal(b.call.status / 100, 4);
        has(&b.call, codes[i]);
        assert_int_equal(world_audit_count(&inst, b.serial), 0);
        beginning_end(&b);
    }
    assert_int_equal(world_audit_count(&inst, "\"channel\":\"am\""), 0);
}

/* R3.3, R3.4: who comes with a code is told the day of the help, who is alone that of self-care. */
static void the_day_is_that_of_the_way_one_comes(void **state) {
    (void)state;
    struct assist_row row = {.code = "HELP", .channel = CHANNEL_AM, .holder = "NV03", .expires_at = DRILL_NOW + 86400};
    struct beginning alone = begin_once(29, "v2", CONSENT CLIENT);
    has(&alone.call, "\"code\":\"not-open-yet\"");
    has(&alone.call, "opens on 2020-04-01");
    MUST_OK(store_write(app.site.store, DRILL_NOW, put_assist, &row));
    struct beginning helped = begin_once(30, "v2", CONSENT CLIENT ",\"assist\":\"HELP\"");
    has(&helped.call, "\"code\":\"not-open-yet\"");
    has(&helped.call, "opens on 2020-05-01");
    beginning_end(&alone);
    beginning_end(&helped);
}

static int open_all(void **state) {
    (void)state;
    return served_open();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin_uses_nothing_up),
        cmocka_unit_test(begin_keeps_the_model_of_an_unknown_token),
        cmocka_unit_test(begin_takes_no_longer_driver_name),
        cmocka_unit_test(an_unproven_channel_is_not_recorded),
        cmocka_unit_test(the_day_is_that_of_the_way_one_comes),
    };
    signal(SIGPIPE, SIG_IGN);
    log_open("test", LOG_ERROR);
    curl_global_init(CURL_GLOBAL_DEFAULT); /* before there are threads */
    return cmocka_run_group_tests_name("server/begin", tests, open_all, served_close);
}
