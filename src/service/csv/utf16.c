/* Transcodes unit by unit; a pair of surrogates may lie across two reads. */
#include "service/csv/utf16.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

#define CHUNK 32768 /* bytes, even */

struct coding {
    bool big;      /* the high byte first */
    uint32_t high; /* a high surrogate that waits for its low one; 0: none */
    uint8_t *to;
};

bool utf16_begins(int fd) {
    uint8_t mark[2];
    return pread(fd, mark, 2, 0) == 2 && ((mark[0] == 0xff && mark[1] == 0xfe) || (mark[0] == 0xfe && mark[1] == 0xff));
}

static void put_wrong(struct coding *c) {
    *c->to++ = 0xff;
    c->high = 0;
}

static void take(struct coding *c, uint32_t unit) {
    bool low = unit >= 0xdc00 && unit <= 0xdfff;
    if (c->high != 0 && low) {
        c->to += utf8_put(0x10000 + ((c->high - 0xd800) << 10) + (unit - 0xdc00), c->to);
        c->high = 0;
        return;
    }
    if (c->high != 0 || low)
        put_wrong(c);
    if (unit >= 0xd800 && unit <= 0xdbff)
        c->high = unit;
    else if (!low)
        c->to += utf8_put(unit, c->to);
}

enum rc utf16_to_utf8(FILE *in, void (*tap)(void *arg, struct span read), void *arg, FILE *out) {
    uint8_t from[CHUNK], to[CHUNK / 2 * 4 + 1];
    struct coding c = {0};
    size_t got = sizeof from;
    for (bool first = true; got == sizeof from; first = false) {
        got = fread(from, 1, sizeof from, in);
        tap(arg, span_of(from, got));
        if (got < sizeof from && ferror(in))
            FAIL(RC_IO, "cannot read on: %s", strerror(errno));
        c.big = first ? from[0] == 0xfe : c.big;
        c.to = to;
        for (size_t i = first ? 2 : 0; i + 1 < got; i += 2)
            take(&c, c.big ? (uint32_t)from[i] << 8 | from[i + 1] : (uint32_t)from[i + 1] << 8 | from[i]);
        if (got < sizeof from && c.high != 0)
            put_wrong(&c);
        if (fwrite(to, 1, (size_t)(c.to - to), out) != (size_t)(c.to - to))
            FAIL(RC_IO, "cannot write: %s", strerror(errno));
        if (got % 2 != 0)
            FAIL(RC_INPUT, "the file is UTF-16 and ends in the middle of a character: export it again, as UTF-8");
    }
    if (fflush(out) != 0)
        FAIL(RC_IO, "cannot write: %s", strerror(errno));
    return RC_OK;
}
