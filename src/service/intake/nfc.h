/* Unicode: normalisation, the same Vietnamese word typed with composed or separate accents becomes the same bytes;
   and upper case. */
#pragma once

#include "base/buf.h"

/* Appends `text` in normalisation form C. RC_INPUT: not UTF-8. */
MUST enum rc nfc_add(struct span text, struct buf *out);

/* Appends `text` as it is compared: composed, case and blanks apart. RC_INPUT: not UTF-8. */
MUST enum rc nfc_fold(struct span text, struct buf *out);

/* The first character that is not seen, or that turns the direction of writing: zero-width ones, direction marks. 0:
   there is none. */
int32_t nfc_unseen(struct span text);

/* Appends `text` in upper case, character by character. RC_INPUT: not UTF-8. */
MUST enum rc nfc_upper(struct span text, struct buf *out);
