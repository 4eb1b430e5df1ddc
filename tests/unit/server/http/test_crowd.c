/* Tests of server/http/crowd: who gives way, shares of addresses and blocks, and who is late. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "lib/must.h"
#include "server/http/caller.h"
#include "server/http/crowd.h"

#define MOST 64
#define ALL  8

static struct {
    struct crowd *crowd;
    struct guest guests[MOST];
    int fds[MOST][2];
    int count;
    int64_t now_ms;
} w;

static int begin(void **state) {
    (void)state;
    memset(&w, 0, sizeof w);
    MUST_OK(crowd_new(&(struct crowd_limits){.all = ALL, .per_address = 3, .per_block = 5}, &w.crowd));
    return 0;
}

static int end(void **state) {
    (void)state;
    for (int i = 0; i < w.count; i++) {
        if (w.fds[i][0] >= 0) {
            crowd_leave(w.crowd, &w.guests[i]);
            close(w.fds[i][0]);
        }
        close(w.fds[i][1]);
    }
    assert_int_equal(crowd_count(w.crowd), 0);
    crowd_free(w.crowd);
    return 0;
}

static struct peer peer(const char *text) {
    struct sockaddr_storage addr = {0};
    struct peer p;
    if (strchr(text, ':') != NULL) {
        addr.ss_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&addr)->sin6_addr), 1);
    } else {
        addr.ss_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &((struct sockaddr_in *)&addr)->sin_addr), 1);
    }
    caller_of(&addr, &p);
    return p;
}

/* Its number, or -1: no place. A millisecond passes with each. */
static int come(const char *text) {
    struct peer p = peer(text);
    int i = w.count++;
    assert_true(i < MOST);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w.fds[i]), 0);
    if (crowd_enter(w.crowd, &w.guests[i], w.fds[i][0], &p, ++w.now_ms, CROWD_NEVER) == RC_OK)
        return i;
    close(w.fds[i][0]);
    w.fds[i][0] = -1;
    return -1;
}

static void turn(int i, enum turn whose) {
    crowd_turn(w.crowd, &w.guests[i], whose, ++w.now_ms, CROWD_NEVER);
}

static bool is_shut(int i) {
    char c;
    return recv(w.fds[i][1], &c, 1, MSG_DONTWAIT) == 0;
}

/* Exactly these are shut, of all that came. */
static void shut_are(const char *expected) {
    char seen[MOST + 1] = "";
    size_t len = 0;
    for (int i = 0; i < w.count; i++)
        if (w.fds[i][0] >= 0 && is_shut(i))
            seen[len++] = (char)('a' + i);
    assert_string_equal(seen, expected);
}

static void fill(void) {
    static const char *const from[ALL] = {"10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1",
                                          "10.0.4.1", "10.0.5.1", "10.0.6.1", "10.0.7.1"};
    for (int i = 0; i < ALL; i++)
        assert_int_equal(come(from[i]), i);
}

static void the_idlest_gives_way(void **state) {
    (void)state;
    fill();
    for (int i = 0; i < ALL; i++)
        turn(i, TURN_CALLER);
    turn(5, TURN_IDLE);
    turn(2, TURN_IDLE);
    assert_true(come("10.1.0.1") >= 0);
    shut_are("f");
    turn(ALL, TURN_OURS);
    assert_true(come("10.1.1.1") >= 0);
    shut_are("cf");
    turn(ALL + 1, TURN_OURS);
    assert_true(come("10.1.2.1") >= 0); /* nobody is idle: the first of those who send or read */
    shut_are("acf");
}

static void slow_newcomers_go_first(void **state) {
    (void)state;
    fill();
    for (int i = 0; i < ALL; i++)
        if (i != 3)
            turn(i, TURN_IDLE);
    assert_true(come("10.1.0.1") >= 0); /* d has had no time yet */
    shut_are("a");
    w.now_ms += CROWD_GRACE_MS;
    assert_true(come("10.1.1.1") >= 0);
    shut_are("ad");
}

static void who_is_served_stays(void **state) {
    (void)state;
    fill();
    for (int i = 0; i < ALL; i++)
        turn(i, TURN_OURS);
    assert_int_equal(come("10.1.0.1"), -1);
    shut_are("");
    turn(4, TURN_IDLE);
    assert_true(come("10.1.0.1") >= 0);
    shut_are("e");
}

static void one_address_has_its_share(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(come("10.0.0.1"), i);
    int other = come("10.9.0.1");
    turn(other, TURN_IDLE); /* idler than any, and somebody else's */
    assert_true(come("10.0.0.1") >= 0);
    shut_are("a");
    turn(1, TURN_OURS);
    turn(2, TURN_OURS);
    turn(4, TURN_OURS);
    assert_int_equal(come("10.0.0.1"), -1);
    assert_true(come("10.0.0.2") >= 0);
}

static void one_block_has_its_share(void **state) {
    (void)state;
    static const char *const v4[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"};
    for (int i = 0; i < 6; i++)
        assert_int_equal(come(v4[i]), i);
    shut_are("a");
    assert_true(come("10.0.1.1") >= 0); /* the next /24 */
    shut_are("a");
}

static void ipv6_counts_by_64_and_48(void **state) {
    (void)state;
    static const char *const line[] = {"2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1:ffff::3", "2001:db8:1:1::4"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(come(line[i]), i);
    shut_are("a"); /* the /64 */
    assert_true(come("2001:db8:1:2::1") >= 0);
    assert_true(come("2001:db8:1:3::1") >= 0);
    shut_are("a");
    assert_true(come("2001:db8:1:4::1") >= 0); /* the sixth of the /48 */
    shut_are("ab");
    assert_true(come("2001:db8:2:1::1") >= 0);
    shut_are("ab");
}

static void mapped_addresses_are_ipv4(void **state) {
    (void)state;
    struct peer a = peer("::ffff:192.0.2.7"), b = peer("192.0.2.7");
    assert_memory_equal(a.limited_by, b.limited_by, PEER_LEN);
    assert_string_equal(a.text, "192.0.2.7");
}

static void the_late_are_cut(void **state) {
    (void)state;
    fill();
    crowd_turn(w.crowd, &w.guests[1], TURN_CALLER, 100, 200);
    crowd_turn(w.crowd, &w.guests[2], TURN_OURS, 100, CROWD_NEVER);
    crowd_cut_late(w.crowd, 199);
    shut_are("");
    crowd_cut_late(w.crowd, 200);
    shut_are("b");
    crowd_turn(w.crowd, &w.guests[1], TURN_IDLE, 300, CROWD_NEVER); /* too late: it stays gone */
    assert_int_equal(w.guests[1].turn, TURN_GONE);
    assert_true(come("10.1.0.1") >= 0); /* into its place */
    shut_are("b");
}

static void few_wait_for_being_closed(void **state) {
    (void)state;
    crowd_free(w.crowd);
    MUST_OK(crowd_new(&(struct crowd_limits){.all = 2, .per_address = 2, .per_block = 2}, &w.crowd));
    for (int i = 0; i < 2 + CROWD_LEAVING; i++)
        assert_true(come("10.0.0.1") >= 0);
    assert_int_equal(come("10.0.0.1"), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_idlest_gives_way, begin, end),
        cmocka_unit_test_setup_teardown(slow_newcomers_go_first, begin, end),
        cmocka_unit_test_setup_teardown(who_is_served_stays, begin, end),
        cmocka_unit_test_setup_teardown(one_address_has_its_share, begin, end),
        cmocka_unit_test_setup_teardown(one_block_has_its_share, begin, end),
        cmocka_unit_test_setup_teardown(ipv6_counts_by_64_and_48, begin, end),
        cmocka_unit_test_setup_teardown(mapped_addresses_are_ipv4, begin, end),
        cmocka_unit_test_setup_teardown(the_late_are_cut, begin, end),
        cmocka_unit_test_setup_teardown(few_wait_for_being_closed, begin, end),
    };
    return digest_init() == RC_OK ? cmocka_run_group_tests_name("server/http/crowd", tests, NULL, NULL) : 1;
}
