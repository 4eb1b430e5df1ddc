/* An index by open addressing, doubled as it fills, over entries that only grow. */
#include "pki/journal/journal_book.h"

#include <string.h>
#include <sys/mman.h>

#define SLOTS_FIRST (1u << 12) /* small, so that each page of it is soon there */
#define SLOTS       (1u << 24) /* 128 MB with all before it; what is not used is not there */
_Static_assert(JOURNAL_BOOK_ENTRIES == SLOTS / 4 * 3, "some slots stay free, or a search has no end");

struct journal_book {
    uint32_t count;
    uint32_t slots;            /* of the index in use, which is index[slots] to index[2 * slots - 1] */
    uint32_t index[2 * SLOTS]; /* 1 + number of an entry; 0 none */
    struct journal_entry entries[JOURNAL_BOOK_ENTRIES];
};

enum rc journal_book_new(struct journal_book **out) {
    struct journal_book *b =
        mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (b == MAP_FAILED)
        FAIL(RC_LIMIT, "out of memory");
    b->slots = SLOTS_FIRST;
    *out = b;
    return RC_OK;
}

void journal_book_free(struct journal_book *b) {
    if (b != NULL)
        munmap(b, sizeof *b);
}

/* The slot of that certificate in the index of so many, or the free one where it belongs. */
static uint32_t slot_of(const struct journal_book *b, uint32_t slots, const struct journal_old *old) {
    const uint32_t *index = &b->index[slots];
    uint32_t at;
    memcpy(&at, old->bytes, sizeof at);
    for (at %= slots; index[at] != 0; at = (at + 1) % slots)
        if (memcmp(&b->entries[index[at] - 1].old, old, sizeof *old) == 0)
            break;
    return slots + at;
}

static void grow(struct journal_book *b) {
    uint32_t slots = 2 * b->slots;
    for (uint32_t i = 0; i < b->count; i++)
        b->index[slot_of(b, slots, &b->entries[i].old)] = i + 1;
    b->slots = slots;
}

const struct journal_entry *journal_book_find(const struct journal_book *b, const struct journal_old *old) {
    uint32_t number = b->index[slot_of(b, b->slots, old)];
    return number == 0 ? NULL : &b->entries[number - 1];
}

enum rc journal_book_room(const struct journal_book *b, size_t more) {
    if (more > JOURNAL_BOOK_ENTRIES - b->count)
        FAIL(RC_LIMIT, "the journal has %u renewals, of %u, which is as many as it takes", b->count,
             JOURNAL_BOOK_ENTRIES);
    return RC_OK;
}

enum rc journal_book_put(struct journal_book *b, const struct journal_entry *e) {
    uint32_t slot = slot_of(b, b->slots, &e->old);
    if (b->index[slot] != 0) {
        if (memcmp(&b->entries[b->index[slot] - 1].bytes, &e->bytes, sizeof e->bytes) != 0)
            FAIL(RC_EXISTS, "not signed: other bytes were signed for this old certificate");
        return RC_OK;
    }
    TRY(journal_book_room(b, 1));
    b->entries[b->count++] = *e;
    b->index[slot] = b->count;
    if (b->count > b->slots / 4 * 3 && b->slots < SLOTS)
        grow(b);
    return RC_OK;
}

uint32_t journal_book_count(const struct journal_book *b) {
    return b->count;
}

const struct journal_entry *journal_book_at(const struct journal_book *b, uint32_t i) {
    return &b->entries[i];
}
