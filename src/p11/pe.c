/* Reads the DOS header's pointer to the PE header, and the machine's number there (Microsoft's PE format). */
#include "p11/pe.h"

#include <string.h>

#define POINTER_AT 0x3c

static unsigned little(const uint8_t *at, int bytes) {
    unsigned value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

enum rc pe_machine(struct span head, unsigned *machine) {
    if (head.len < POINTER_AT + 4 || memcmp(head.ptr, "MZ", 2) != 0)
        FAIL(RC_INPUT, "no Windows library: it does not begin with MZ");
    size_t at = little(head.ptr + POINTER_AT, 4);
    if (at > head.len || head.len - at < 6 || memcmp(head.ptr + at, "PE\0", 4) != 0)
        FAIL(RC_INPUT, "no Windows library: it has no PE header");
    *machine = little(head.ptr + at + 4, 2);
    return RC_OK;
}
