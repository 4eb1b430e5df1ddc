/* Inside pki/journal: the bytes of a journal, and its reading from an open file.

   A head of 64 bytes: magic (8), id (16), zeros (24), MAC (16). Then entries of 64: old certificate (16), SHA-256 of
   the bytes (32), MAC (16). A MAC is over the one before it and what stands before itself, and cut to 16 bytes. */
#pragma once

#include "pki/journal/signed_journal.h"

#define JOURNAL_MAC 16

#define JOURNAL_ADVICE                                                                                                 \
    "put the intact journal back (the other disk, a copy); where there is none, capbuctl journal new makes one from "  \
    "what the database knows"

/* `mac` holds the one before it, and then its own. */
void journal_form_head(const struct seal *seal, const uint8_t id[JOURNAL_ID], uint8_t mac[JOURNAL_MAC],
                       uint8_t out[JOURNAL_ENTRY]);
void journal_form_entry(const struct seal *seal, const struct journal_entry *e, uint8_t mac[JOURNAL_MAC],
                        uint8_t out[JOURNAL_ENTRY]);

/* As signed_journal_head, of an open file. */
MUST enum rc journal_form_head_read(int fd, const char *path, const struct seal *seal, struct journal_head *out);

/* As signed_journal_read, of an open file; `mac` is that of the last entry then, all zero without a seal. */
MUST enum rc journal_form_read(int fd, const char *path, const struct seal *seal, struct journal_book *book,
                               struct journal_state *out, uint8_t mac[JOURNAL_MAC]);
