/* Which certificates a file has named so far, on disk: memory does not grow with the file. */
#pragma once

#include "base/digest.h"
#include "base/fs.h"

struct seen { /* an open-addressing table in a nameless file of 32-byte places, two 16-byte halves each */
    int fd;
    uint64_t places; /* a power of two */
};

enum seen_result { SEEN_FIRST, SEEN_SAME, SEEN_OTHER };

/* Room for a file of `bytes`, whose good records are longer than 256 bytes each; in folder `dir`. */
MUST enum rc seen_open(const char *dir, long long bytes, struct seen *out);
void seen_close(struct seen *s);

/* Keeps `hash` under `key`, unless there is one: then tells whether it is the same. */
MUST enum rc seen_put(struct seen *s, struct sha256 key, struct sha256 hash, enum seen_result *result);
