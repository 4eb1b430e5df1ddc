/* Bytes as text: hexadecimal and base64. */
#pragma once

#include "base/buf.h"

/* Upper-case hex; `out` holds 2 * len + 1. */
void hex_to(const uint8_t *in, size_t len, char *out);

/* Any case, even length; *len: capacity in, length out. RC_INPUT, RC_LIMIT. */
MUST enum rc hex_from(const char *in, uint8_t *out, size_t *len);

/* Appends standard base64 (RFC 4648 section 4) with padding, no line breaks. */
MUST enum rc b64_to(struct span in, struct buf *out);

/* Appends what strict base64 decodes to: no white space, right padding, zero trailing bits. RC_INPUT. */
MUST enum rc b64_from(struct span in, struct buf *out);

/* A certificate serial number as interfaces.md shows it: upper-case hex without leading zeros ("0" for zero).
   `out` holds 2 * len + 2. */
void serial_to_hex(const uint8_t *serial, size_t len, char *out);

/* The same from what a person typed or copied: any case, blanks, colons and leading zeros allowed. `out` holds
   2 * most + 1, where `most` is the longest serial number in bytes. RC_INPUT: anything else, or nothing. */
MUST enum rc serial_read(const char *typed, size_t most, char *out);
