/* For which machine a library was made: heads as linkers write them, and heads that lie. */
#include "lib/must.h"

#include <string.h>

#include "p11/pe.h"

#define AT 0x80

struct head {
    uint8_t bytes[AT + 6];
};

static struct head head_of(unsigned machine) {
    struct head h = {{'M', 'Z'}};
    h.bytes[0x3c] = AT;
    memcpy(h.bytes + AT, "PE\0\0", 4);
    h.bytes[AT + 4] = (uint8_t)machine;
    h.bytes[AT + 5] = (uint8_t)(machine >> 8);
    return h;
}

static void tells_the_machine(void **state) {
    (void)state;
    static const unsigned known[] = {PE_X86, PE_X86_64, PE_ARM64, 0x1234};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        unsigned machine = 0;
        struct head h = head_of(known[i]);
        MUST_OK(pe_machine(span_of(h.bytes, sizeof h.bytes), &machine));
        assert_int_equal(machine, known[i]);
    }
}

static void refuses(const struct head *h, size_t len) {
    unsigned machine = 77;
    MUST_FAIL(RC_INPUT, pe_machine(span_of(h->bytes, len), &machine));
    assert_int_equal(machine, 77);
}

static void refuses_what_is_none(void **state) {
    (void)state;
    struct head good = head_of(PE_X86_64), h = good;
    for (size_t len = 0; len < sizeof good.bytes; len++)
        refuses(&good, len);
    h.bytes[0] = 0x7f; /* as ELF begins */
    refuses(&h, sizeof h.bytes);
    h = good;
    h.bytes[AT] = 'N'; /* 16-bit Windows */
    refuses(&h, sizeof h.bytes);
    for (int i = 0; i < 4; i++) { /* a pointer to far behind the file */
        h = good;
        h.bytes[0x3c + i] = 0xff;
        refuses(&h, sizeof h.bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_machine),
        cmocka_unit_test(refuses_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
