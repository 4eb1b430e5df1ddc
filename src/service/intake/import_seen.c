/* The table of certificates seen, read and written in place; the page cache makes it as fast as memory. */
#include "service/intake/import_seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HALF       16
#define PLACE      (2 * HALF)
#define NEIGHBOURS 8 /* places read at once: one read is nearly always enough */

enum rc seen_open(const char *dir, long long bytes, struct seen *out) {
    char path[PATH_CAP];
    TRY(fs_join(path, dir, ".import-XXXXXX"));
    AUTO_FD fd = mkstemp(path);
    if (fd < 0)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    (void)unlink(path); /* gone with the descriptor, whatever happens */
    uint64_t places = 1024;
    while (places < (uint64_t)bytes / 256 * 2)
        places *= 2;
    if (ftruncate(fd, (off_t)(places * PLACE)) != 0)
        FAIL(RC_IO, "%s: %s", dir, strerror(errno));
    *out = (struct seen){.fd = fd, .places = places};
    fd = -1; /* given away */
    return RC_OK;
}

void seen_close(struct seen *s) {
    if (s->places > 0)
        (void)close(s->fd);
    *s = (struct seen){0};
}

static enum rc put_at(struct seen *s, uint64_t at, struct sha256 key, struct sha256 hash) {
    uint8_t place[PLACE];
    memcpy(place, key.bytes, HALF);
    memcpy(place + HALF, hash.bytes, HALF);
    if (pwrite(s->fd, place, PLACE, (off_t)(at * PLACE)) != PLACE)
        FAIL(RC_IO, "the folder's disk is full or failed: %s", strerror(errno));
    return RC_OK;
}

enum rc seen_put(struct seen *s, struct sha256 key, struct sha256 hash, enum seen_result *result) {
    static const uint8_t empty[HALF];
    uint8_t row[NEIGHBOURS * PLACE];
    uint64_t start = 0;
    memcpy(&start, key.bytes, sizeof start);
    for (uint64_t n = 0; n < s->places; n++) {
        uint64_t at = (start + n) & (s->places - 1);
        const uint8_t *place = row + at % NEIGHBOURS * PLACE;
        if (n == 0 || at % NEIGHBOURS == 0) {
            off_t from = (off_t)((at - at % NEIGHBOURS) * PLACE);
            if (pread(s->fd, row, sizeof row, from) != (ssize_t)sizeof row)
                FAIL(RC_IO, "the list of certificates seen cannot be read: %s", strerror(errno));
        }
        if (memcmp(place, empty, HALF) == 0) {
            *result = SEEN_FIRST;
            return put_at(s, at, key, hash);
        }
        if (memcmp(place, key.bytes, HALF) == 0) {
            *result = memcmp(place + HALF, hash.bytes, HALF) == 0 ? SEEN_SAME : SEEN_OTHER;
            return RC_OK;
        }
    }
    FAIL(RC_BUG, "the list of certificates seen is full");
}
