/* Tests of server/strangers: one line a minute for each reason and address block, all counted, however many come. */
#include <stdio.h>
#include <string.h>

#include "server/strangers.h"
#include "unit/service/world.h"

#define MINUTE STRANGERS_EVERY_MS

static struct peer from(const char *kind, int a, int b, int c) {
    struct peer p = {.limited_by = {(uint8_t)a, (uint8_t)b, (uint8_t)c, 77, (uint8_t)c, (uint8_t)b}};
    p.limited_by[PEER_LEN - 1] = strcmp(kind, "v6") == 0 ? 6 : 0;
    return p;
}

static void one_line_a_minute(void **state) {
    AUTO_PTR(strangers) s = NULL;
    struct peer mine = from("v4", 203, 0, 113), other = from("v4", 203, 0, 114);
    (void)state;
    MUST_OK(strangers_new(w.site.store, &s));
    int64_t before = world_audit_count(&w, "\"unproven\"");
    for (int i = 0; i < 1000; i++)
        MUST_OK(strangers_note(s, "bad-pop", &mine, "", DRILL_NOW, 5));
    assert_int_equal(world_audit_count(&w, "\"unproven\""), before + 1);
    assert_int_equal(world_audit_count(&w, "{\"code\":\"bad-pop\",\"from\":\"203.0.113.0/24\",\"count\":1}"), 1);
    MUST_OK(strangers_note(s, "bad-pop", &other, "", DRILL_NOW, 5));
    MUST_OK(strangers_note(s, "bad-message", &mine, "{\"module\":\"x\"}", DRILL_NOW, 5));
    assert_int_equal(world_audit_count(&w, "\"unproven\""), before + 3);
    assert_int_equal(world_audit_count(&w, "\"count\":1,\"first\":{\"module\":\"x\"}}"), 1);
    MUST_OK(strangers_note(s, "bad-pop", &mine, "", DRILL_NOW, 5 + MINUTE)); /* 999 of before, and this one */
    assert_int_equal(world_audit_count(&w, "\"count\":1000}"), 1);
    MUST_OK(strangers_note(s, "bad-pop", &mine, "", DRILL_NOW, 6 + MINUTE));
    assert_int_equal(world_audit_count(&w, "\"unproven\""), before + 4);
    MUST_OK(strangers_tell(s, DRILL_NOW)); /* nothing is left untold at the end */
    assert_int_equal(world_audit_count(&w, "\"unproven\""), before + 5);
    MUST_OK(strangers_tell(s, DRILL_NOW));
    assert_int_equal(world_audit_count(&w, "\"unproven\""), before + 5);
}

/* However many networks they come from, the audit grows by a bounded number of lines. */
static void many_networks_are_bounded(void **state) {
    AUTO_PTR(strangers) s = NULL;
    (void)state;
    MUST_OK(strangers_new(w.site.store, &s));
    int64_t before = world_audit_count(&w, "\"unproven\"");
    for (int i = 0; i < 3000; i++) {
        struct peer p = from("v6", 32, i / 256, i % 256);
        MUST_OK(strangers_note(s, "bad-protection", &p, "", DRILL_NOW, 7));
    }
    assert_int_equal(world_audit_count(&w, "\"unproven\""), before + STRANGERS_KEPT + 1);
    assert_int_equal(world_audit_count(&w, "2000::/48"), 1);
    MUST_OK(strangers_tell(s, DRILL_NOW));
    char rest[64];
    (void)snprintf(rest, sizeof rest, "\"from\":\"others\",\"count\":%d}", 3000 - STRANGERS_KEPT - 1);
    assert_int_equal(world_audit_count(&w, rest), 1);
}

/* Those of an hour ago don't hold the places of those of now, and what they had to tell is told. */
static void old_ones_make_room(void **state) {
    AUTO_PTR(strangers) s = NULL;
    struct peer new_one = from("v4", 198, 51, 100);
    (void)state;
    MUST_OK(strangers_new(w.site.store, &s));
    for (int i = 0; i < 2 * STRANGERS_KEPT; i++) {
        struct peer p = from("v4", 192, 0, i % STRANGERS_KEPT);
        MUST_OK(strangers_note(s, "bad-time", &p, "", DRILL_NOW, 9));
    }
    int64_t before = world_audit_count(&w, "\"unproven\"");
    MUST_OK(strangers_note(s, "bad-time", &new_one, "", DRILL_NOW, 10 + MINUTE));
    assert_int_equal(world_audit_count(&w, "{\"code\":\"bad-time\",\"from\":\"198.51.100.0/24\",\"count\":1}"), 1);
    assert_int_equal(world_audit_count(&w, "\"unproven\""), before + 2);
    MUST_OK(strangers_tell(s, DRILL_NOW)); /* each of the old ones came twice */
    assert_int_equal(world_audit_count(&w, "{\"code\":\"bad-time\",\"from\":\"192.0."), 2 * STRANGERS_KEPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_line_a_minute), cmocka_unit_test(many_networks_are_bounded),
                                       cmocka_unit_test(old_ones_make_room)};
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
