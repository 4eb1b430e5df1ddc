/* signed.journal: of each old certificate for which bytes were signed, which ones, written down before the signature
   leaves. Each entry carries a MAC over itself and the MAC before it, so only its end can be lost unseen. */
#pragma once

#include "pki/journal/journal_book.h"
#include "pki/seal/seal.h"

#define JOURNAL_ENTRY 64 /* bytes of the head, and of each entry after it */
#define JOURNAL_ID    16
#define JOURNAL_GROUP 1024 /* entries that are written at once, at most */

/* By the SHA-256 of its issuer's SubjectPublicKeyInfo, and its serial number as serial_to_hex writes it. */
struct journal_old journal_old(struct sha256 issuer_key, const char *serial);

/* What the reading of one has found. */
struct journal_state {
    uint8_t id[JOURNAL_ID];
    uint64_t entries;
    uint64_t torn; /* bytes at its end that a crash left unfinished: nothing was signed for them */
};

/* A new journal with all that the book holds, mode 0644: it tells digests only. RC_EXISTS: never replaces one. */
MUST enum rc signed_journal_make(const char *path, const struct seal *seal, const struct journal_book *book);

/* Reads all of it into the book. Without a seal (NULL) the MACs are not looked at. RC_NOT_FOUND; RC_INPUT: it is no
   journal, was cut in or changed, or has another seal key: the text says which, and what to do. */
MUST enum rc signed_journal_read(const char *path, const struct seal *seal, struct journal_book *book,
                                 struct journal_state *out);

struct signed_journal; /* open for writing, and locked: there is one writer */

/* A journal as its head shows it; its entries are not looked at, only counted. */
struct journal_head {
    bool ours;        /* sealed with that key */
    uint64_t entries; /* at most: a torn one counts */
};
/* `seal` NULL: nobody's key, so never ours. RC_NOT_FOUND; RC_INPUT: it is no journal. */
MUST enum rc signed_journal_head(const char *path, const struct seal *seal, struct journal_head *out);

/* May this process write it? RC_NOT_FOUND, RC_IO. Takes no lock: one who writes it goes on. */
MUST enum rc signed_journal_writable(const char *path);

/* signed_journal_read, then what is torn is cut off. RC_BUSY: another one has it. */
MUST enum rc signed_journal_open(const char *path, const struct seal *seal, struct journal_book *book,
                                 struct journal_state *out, struct signed_journal **j);
void signed_journal_free(struct signed_journal *j);
OWN(signed_journal)

/* Durable when it is RC_OK; the caller puts them into its book then. RC_IO: none of them is in it, and the same call
   may succeed when there is room again, or when the file is again the one that was opened: not moved away, replaced,
   cut, or copied over. */
MUST enum rc signed_journal_add(struct signed_journal *j, const struct journal_entry *entries, size_t count);
