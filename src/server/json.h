/* Reads untrusted JSON into plain variables by a table of its members: typed, bounded, nothing unknown, nothing twice.
   The server's only file that knows libjansson is json.c. */
#pragma once

#include "base/buf.h"

#define JSON_DEPTH 8 /* brackets inside brackets */

enum json_kind {
    FIELD_TEXT,  /* char[cap]; whole or refused */
    FIELD_BOOL,  /* bool */
    FIELD_B64,   /* struct buf gets what the base64 text stands for, 1..cap bytes; the caller frees it, also on error */
    FIELD_SET,   /* an array of names: uint32_t gets a bit for each, as `from` numbers them */
    FIELD_OBJECT /* an object read by `fields`; `out`, when not NULL, is a bool that becomes true */
};

struct json_field {
    const char *name;
    enum json_kind kind;
    bool required; /* absent and null alike are refused; else both leave `out` as it is */
    void *out;
    size_t cap;
    int (*from)(const char *name);   /* of a FIELD_SET; -1: no such name */
    const struct json_field *fields; /* ended by a NULL name */
};

/* `text` must be one object with the members of `fields` (ended by a NULL name). RC_INPUT with what is wrong and the
   member's name. */
MUST enum rc json_read(struct span text, const struct json_field *fields);
