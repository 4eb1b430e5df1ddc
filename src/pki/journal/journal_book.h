/* Which bytes were signed for which old certificate, in memory: the index of signed.journal. */
#pragma once

#include "base/digest.h"

struct journal_old { /* an old certificate: enough of a digest that no two are alike */
    uint8_t bytes[16];
};

struct journal_entry {
    struct journal_old old;
    struct sha256 bytes; /* of what was signed: the certificate without its signature */
};

struct journal_book;
#define JOURNAL_BOOK_ENTRIES (3u << 22) /* at most */

MUST enum rc journal_book_new(struct journal_book **out); /* RC_LIMIT */
void journal_book_free(struct journal_book *b);
OWN(journal_book)

/* The entry of that certificate, valid as long as the book; NULL: none. */
const struct journal_entry *journal_book_find(const struct journal_book *b, const struct journal_old *old);

/* RC_OK for what is in it already. RC_EXISTS: other bytes are. RC_LIMIT: the book is full. */
MUST enum rc journal_book_put(struct journal_book *b, const struct journal_entry *e);

/* RC_LIMIT: so many more do not fit. */
MUST enum rc journal_book_room(const struct journal_book *b, size_t more);

uint32_t journal_book_count(const struct journal_book *b);
const struct journal_entry *journal_book_at(const struct journal_book *b, uint32_t i); /* in the order they came */
