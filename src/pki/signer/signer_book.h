/* Inside pki/signer only: which bytes were signed for which old certificate, in memory that all helpers of a pool
   share. Whatever the network process says, no old certificate has two sets of bytes signed, as long as the pool lives.
 */
#pragma once

#include "base/digest.h"

struct signer_book;

/* Made before the helpers are forked; they write into the same pages. RC_LIMIT. */
MUST enum rc signer_book_new(struct signer_book **out);
void signer_book_free(struct signer_book *b);
OWN(signer_book)

/* Enters the bytes, by their hash, under the old certificate, by the hash of what its CA signed. RC_REFUSED: others
   were entered before. RC_BUSY: the book is full, a fresh pool has a fresh one. */
MUST enum rc signer_book_enter(struct signer_book *b, struct sha256 old, struct sha256 bytes);
