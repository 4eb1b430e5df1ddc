/* What the server's list of open channels means for one who is alone and for one with an assist code (R5.6). */
#include "client/net/api.h"

#include <string.h>

#include "lib/must.h"

static void open_for_whom(void **state) {
    const struct {
        const char *channels;
        bool alone, assisted;
    } rows[] = {
        {"self", true, false},      {"am;agent;hotline", false, true},
        {"hotline", false, true},   {"self;am;agent;hotline", true, true},
        {"agent;self", true, true}, {"self-service", false, true}, /* a channel to come: some kind of help */
        {"", true, true},                                          /* a server that names none */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct api_check c = {0};
        MUST_OK(text_set(c.channels, sizeof c.channels, rows[i].channels));
        assert_int_equal(api_opens(&c, false), rows[i].alone);
        assert_int_equal(api_opens(&c, true), rows[i].assisted);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(open_for_whom)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
