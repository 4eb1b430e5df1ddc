/* Tests of server/queue: who goes, who waits in which order, and what frees a place. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "lib/must.h"
#include "server/queue.h"

static struct place ask(struct queue *q, const char *serial, const char *ticket, int64_t now_ms) {
    static uint8_t from[PEER_LEN]; /* another address each time: the share of one is tested by itself */
    struct place p;
    for (int i = 0; i < PEER_LEN && ++from[i] == 0; i++)
        ;
    MUST_OK(queue_enter(q, &(struct visitor){serial, ticket, from}, now_ms, &p));
    return p;
}

static void lets_go_as_many_as_may(void **state) {
    (void)state;
    AUTO_PTR(queue) q = NULL;
    MUST_OK(queue_new(2, &q));
    struct place a = ask(q, "A", "", 0), b = ask(q, "B", "", 0), c = ask(q, "C", "", 0), d = ask(q, "D", "", 0);
    assert_true(a.go && b.go && a.fresh);
    assert_int_equal(a.position, 0);
    assert_int_equal(a.wait_seconds, 0);
    assert_false(c.go || d.go);
    assert_int_equal(c.position, 1);
    assert_int_equal(d.position, 2);
    assert_true(c.wait_seconds >= 1 && d.wait_seconds >= c.wait_seconds);
    assert_int_equal(strlen(a.ticket), TICKET_TEXT - 1);
    assert_string_not_equal(a.ticket, b.ticket);
}

/* Certificates are public: who has many of them must not keep everybody else out. */
static void one_address_has_its_share(void **state) {
    (void)state;
    static const uint8_t hoarder[PEER_LEN] = {1}, other[PEER_LEN] = {2};
    AUTO_PTR(queue) q = NULL;
    struct place p;
    char serial[16];
    MUST_OK(queue_new(QUEUE_SHARE * 8, &q));
    for (int i = 0; i < QUEUE_SHARE * 2; i++) {
        snprintf(serial, sizeof serial, "H%d", i);
        MUST_OK(queue_enter(q, &(struct visitor){serial, "", hoarder}, 0, &p));
        assert_true(p.go);
    }
    MUST_FAIL(RC_BUSY, queue_enter(q, &(struct visitor){"H", "", hoarder}, 0, &p));
    MUST_OK(queue_enter(q, &(struct visitor){serial, p.ticket, hoarder}, 0, &p)); /* what it holds it keeps */
    MUST_OK(queue_enter(q, &(struct visitor){"O", "", other}, 0, &p));
    assert_true(p.go);
    queue_leave(q, serial);
    MUST_OK(queue_enter(q, &(struct visitor){"H", "", hoarder}, 0, &p));
}

static void keeps_the_order_of_arrival(void **state) {
    (void)state;
    AUTO_PTR(queue) q = NULL;
    MUST_OK(queue_new(1, &q));
    (void)ask(q, "A", "", 0);
    struct place b = ask(q, "B", "", 0), c = ask(q, "C", "", 0);
    queue_leave(q, "A");
    struct place c2 = ask(q, "C", c.ticket, 1000); /* C asks first, but B is before it */
    assert_false(c2.go);
    assert_false(c2.fresh);
    assert_int_equal(c2.position, 2);
    assert_string_equal(c2.ticket, c.ticket);
    assert_true(ask(q, "B", b.ticket, 1000).go);
    queue_leave(q, "B");
    assert_true(ask(q, "C", c.ticket, 2000).go);
    queue_leave(q, "nobody");
}

/* Whoever has the certificate, which is public, comes in anew: what the subscriber holds is not handed out, nor lost.
 */
static void gives_one_ticket_one_place(void **state) {
    (void)state;
    AUTO_PTR(queue) q = NULL;
    int active, waiting;
    MUST_OK(queue_new(1, &q));
    struct place a = ask(q, "A", "", 0), stranger = ask(q, "A", "", 10);
    assert_string_not_equal(a.ticket, stranger.ticket);
    assert_true(a.go && !stranger.go && stranger.fresh);
    assert_false(ask(q, "A", a.ticket, 20).fresh);
    assert_true(ask(q, "A", a.ticket, 20).go);
    assert_true(ask(q, "B", a.ticket, 20).fresh); /* another certificate's ticket is none */
    queue_count(q, 20, &active, &waiting);
    assert_int_equal(active, 1);
    assert_int_equal(waiting, 2);
    queue_leave(q, "A"); /* all of them: it is done */
    queue_count(q, 20, &active, &waiting);
    assert_int_equal(active + waiting, 1);
}

static void frees_what_is_not_used(void **state) {
    (void)state;
    AUTO_PTR(queue) q = NULL;
    int active, waiting;
    MUST_OK(queue_new(1, &q));
    (void)ask(q, "A", "", 0);
    struct place b = ask(q, "B", "", 0);
    int64_t patience = b.wait_seconds * 1000 + QUEUE_GRACE_MS;
    assert_true(patience < QUEUE_LEASE_MS);
    struct place c = ask(q, "C", "", patience); /* B has not asked again in time: its place is lost */
    assert_int_equal(c.position, 1);
    assert_true(ask(q, "C", c.ticket, QUEUE_LEASE_MS).go); /* A's lease is over */
    queue_count(q, QUEUE_LEASE_MS, &active, &waiting);
    assert_int_equal(active, 1);
    assert_int_equal(waiting, 0);
}

static void refuses_more_than_it_can_hold(void **state) {
    (void)state;
    AUTO_PTR(queue) q = NULL;
    struct place p;
    char serial[16];
    MUST_OK(queue_new(1, &q));
    for (int i = 0; i < 1 + QUEUE_WAITING; i++) {
        snprintf(serial, sizeof serial, "%X", i);
        p = ask(q, serial, "", 0);
    }
    assert_int_equal(p.position, QUEUE_WAITING);
    assert_int_equal(p.wait_seconds, QUEUE_ASK_S);
    assert_true(p.about_seconds > QUEUE_ASK_S); /* the whole time */
    static const uint8_t from[PEER_LEN] = {255, 255, 255, 255};
    MUST_FAIL(RC_BUSY, queue_enter(q, &(struct visitor){"ONE-MORE", "", from}, 0, &p));
    MUST_FAIL(RC_USAGE, queue_new(0, &q));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_go_as_many_as_may),     cmocka_unit_test(one_address_has_its_share),
        cmocka_unit_test(keeps_the_order_of_arrival), cmocka_unit_test(gives_one_ticket_one_place),
        cmocka_unit_test(frees_what_is_not_used),     cmocka_unit_test(refuses_more_than_it_can_hold),
    };
    if (digest_init() != RC_OK)
        return 1;
    return cmocka_run_group_tests_name("server/queue", tests, NULL, NULL);
}
