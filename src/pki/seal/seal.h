/* The key by which capbu knows what it wrote itself: a MAC over a line, a record or the audit's end holds only when a
   process that has the key made it. The signers' parent and capbuctl have it, the network process never. */
#pragma once

#include "base/digest.h"

#define SEAL_KEY_LEN 32 /* bytes; written as hex, and a newline after it */

/* What a MAC is for. One made for one use holds for no other. */
enum seal_use {
    SEAL_JOURNAL, /* lines of signed.journal */
    SEAL_AUDIT,   /* the audit's end: seq and hash */
    SEAL_RECORD   /* what a verdict rests on */
};

struct seal;

/* A new key by the kernel's random numbers, mode 0600. RC_EXISTS: never replaces one. */
MUST enum rc seal_make(const char *path);

/* RC_NOT_FOUND; RC_INPUT: it is no key, or others than its owner can read or change it. */
MUST enum rc seal_open(const char *path, struct seal **out);
void seal_free(struct seal *s); /* wipes */
OWN(seal)

/* HMAC-SHA-256 over the use's name, a zero byte and `bytes`. Thread-safe, about a microsecond. */
struct sha256 seal_mac(const struct seal *s, enum seal_use use, struct span bytes);

/* Compared in constant time. RC_REFUSED: `mac` is not that of these bytes. */
MUST enum rc seal_check(const struct seal *s, enum seal_use use, struct span bytes, const struct sha256 *mac);
