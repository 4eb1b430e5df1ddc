/* The book of signed bytes: an index by open addressing, doubled as it fills, over records that only grow, under a lock
   that survives the death of a helper. */
#include "pki/signer/signer_book.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define SLOTS_FIRST (1u << 12) /* small, so that each page of it is soon there */
#define SLOTS       (1u << 23) /* 64 MB with all before it; what is not used is not there */
#define ENTRIES     (SLOTS / 4 * 3)

struct entry {
    struct sha256 old, bytes;
};

struct signer_book {
    pthread_mutex_t lock;
    uint32_t count;            /* entries that are whole */
    uint32_t slots;            /* of the index in use, which is index[slots] to index[2 * slots - 1] */
    uint32_t index[2 * SLOTS]; /* 1 + number of an entry; 0 none */
    struct entry entries[ENTRIES];
};

enum rc signer_book_new(struct signer_book **out) {
    pthread_mutexattr_t attr;
    struct signer_book *b =
        mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (b == MAP_FAILED)
        FAIL(RC_LIMIT, "out of memory");
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&b->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    b->slots = SLOTS_FIRST;
    *out = b;
    return RC_OK;
}

void signer_book_free(struct signer_book *b) {
    if (b != NULL)
        munmap(b, sizeof *b);
}

/* The slot of that certificate in the index of so many, or the free one where it belongs. */
static uint32_t *slot_of(struct signer_book *b, uint32_t slots, const struct sha256 *old) {
    uint32_t *index = &b->index[slots], at;
    memcpy(&at, old->bytes, sizeof at);
    for (at %= slots; index[at] != 0; at = (at + 1) % slots)
        if (memcmp(&b->entries[index[at] - 1].old, old, sizeof *old) == 0)
            break;
    return &index[at];
}

/* Before what comes next, also in the sight of who takes the lock over from the dead. */
static void put(uint32_t *at, uint32_t value) {
    __atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

/* From what is in the index: an entry that a dying helper left without its slot is nobody's. The larger one is in use
   when it is whole: a helper that dies while it fills it leaves the one before. */
static void grow(struct signer_book *b) {
    uint32_t slots = 2 * b->slots;
    const uint32_t *from = &b->index[b->slots];
    memset(&b->index[slots], 0, slots * sizeof b->index[0]);
    for (uint32_t i = 0; i < b->slots; i++)
        if (from[i] != 0)
            *slot_of(b, slots, &b->entries[from[i] - 1].old) = from[i];
    put(&b->slots, slots);
}

/* The slot comes last: a helper that dies before it has signed nothing, and what it wrote belongs to nobody. */
static enum rc enter(struct signer_book *b, const struct entry *e) {
    uint32_t *slot = slot_of(b, b->slots, &e->old);
    if (*slot != 0 && memcmp(&b->entries[*slot - 1].bytes, &e->bytes, sizeof e->bytes) != 0)
        FAIL(RC_REFUSED, "not signed: other bytes were signed for this old certificate");
    if (*slot != 0)
        return RC_OK;
    if (b->count == ENTRIES)
        FAIL(RC_BUSY, "the signer has signed %d renewals and takes no more until it is started again", ENTRIES);
    b->entries[b->count] = *e;
    put(&b->count, b->count + 1);
    put(slot, b->count);
    if (b->count > b->slots / 4 * 3 && b->slots < SLOTS)
        grow(b);
    return RC_OK;
}

enum rc signer_book_enter(struct signer_book *b, struct sha256 old, struct sha256 bytes) {
    const struct entry e = {old, bytes};
    int got = pthread_mutex_lock(&b->lock);
    if (got == EOWNERDEAD) /* its holder died: between two entries all is well, and an entry is whole or not there */
        got = pthread_mutex_consistent(&b->lock);
    if (got != 0)
        FAIL(RC_BUSY, "the signer's book cannot be locked: %s", strerror(got));
    enum rc rc = enter(b, &e);
    pthread_mutex_unlock(&b->lock);
    return rc;
}
