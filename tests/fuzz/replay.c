/* Drives a fuzz target without libFuzzer: every seed as it is, then a fixed number of reproducible mutations of each.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "fuzz.h"

#define SEED_LIMIT (1024 * 1024)
#define MUTATIONS  2000

static uint32_t state = 1;

static uint32_t next(uint32_t bound) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)(state >> 1) * bound) >> 31);
}

/* One change: a flipped bit, an edge byte, a cut, or a piece copied over another place. */
static void mutate(struct buf *b) {
    if (b->len == 0)
        return;
    uint32_t at = next((uint32_t)b->len);
    switch (next(4)) {
    case 0:
        b->data[at] ^= (uint8_t)(1u << next(8));
        break;
    case 1:
        b->data[at] = "\x00\xff\x7f\x80\x30\",\n"[next(8)];
        break;
    case 2:
        b->len = at;
        break;
    default: {
        uint32_t n = next((uint32_t)(b->len - at) + 1);
        memmove(b->data + next((uint32_t)(b->len - n) + 1), b->data + at, n);
    }
    }
}

static void once(const struct buf *input) {
    uint8_t *copy = malloc(input->len + 1); /* exact size, so that a sanitizer sees a read past the end */
    if (copy == NULL)
        abort();
    memcpy(copy, buf_str(input), input->len);
    uint8_t *exact = realloc(copy, input->len > 0 ? input->len : 1);
    LLVMFuzzerTestOneInput(exact, input->len);
    free(exact);
}

static enum rc replay(const char *path) {
    AUTO(buf) seed = {0};

    TRY(fs_read(path, SEED_LIMIT, &seed));
    once(&seed);
    for (int i = 0; i < MUTATIONS; i++) {
        AUTO(buf) changed = {0};
        TRY(buf_add_span(&changed, buf_span(&seed)));
        for (uint32_t n = 1 + next(4); n > 0; n--)
            mutate(&changed);
        once(&changed);
    }
    return RC_OK;
}

int main(int argc, char **argv) {
    int seeds = 0;
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;

    if (dir == NULL || digest_init() != RC_OK) {
        fprintf(stderr, "usage: %s SEEDS\n", argv[0]);
        return 2;
    }
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        char path[PATH_CAP];
        if (e->d_name[0] == '.')
            continue;
        if (fs_join(path, argv[1], e->d_name) != RC_OK || replay(path) != RC_OK) {
            fprintf(stderr, "%s: %s\n", e->d_name, err_text());
            return 1;
        }
        seeds++;
    }
    closedir(dir);
    printf("%d seeds, %d mutations each\n", seeds, MUTATIONS);
    return seeds > 0 ? 0 : 1;
}
