/* UTF-8 (RFC 3629), strict: no overlong forms, no surrogates, nothing past U+10FFFF. */
#pragma once

#include "base/buf.h"

/* Bytes in the well-formed character at `p`, of which `len` ≥ 1 bytes may be read; 0 when it is malformed or cut. */
size_t utf8_char(const uint8_t *p, size_t len);

bool utf8_valid(struct span s);

uint32_t utf8_code(const uint8_t *p, size_t len); /* the code point of a well-formed character of `len` bytes */

/* Its bytes, returned how many. `code` is a code point, up to U+10FFFF. */
size_t utf8_put(uint32_t code, uint8_t out[4]);

/* What is not seen, but moves the cursor, ends the line or turns the writing, so that people read another text than
   there is: C0 (TAB and line ends included), DEL, C1, separators, zero-width characters and direction marks. */
bool utf8_hidden(uint32_t code);

/* Valid, and nothing hidden. */
bool utf8_printable(struct span s);

/* Makes a C string fit for a terminal, in place: '?' for each byte of what utf8_printable would refuse. */
void utf8_tame(char *text);
void utf8_tame_bytes(char *text, size_t len); /* the same of so many bytes; a NUL is no end */
