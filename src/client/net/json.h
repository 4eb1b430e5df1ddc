/* Reads the server's JSON answers: the client's only file that knows libjansson. */
#pragma once

#include "base/buf.h"

struct json; /* a parsed object, or a value inside one */

/* RC_INPUT: no JSON object. */
MUST enum rc json_open(struct span text, struct json **out);
void json_free(struct json *j);
OWN(json)

/* Members of the object; what is not printable in a string is '?'; missing and null alike give "", 0 or false. Strings
 * live as long as `j`. */
const char *json_text(const struct json *j, const char *key);
int64_t json_int(const struct json *j, const char *key);
bool json_bool(const struct json *j, const char *key);

/* An object inside; NULL when there is none, which reads as an empty one. Lives as long as `j`. */
const struct json *json_member(const struct json *j, const char *key);

/* The strings of an array, joined by `mark`. RC_LIMIT. */
MUST enum rc json_join(const struct json *j, const char *key, const char *mark, char *dst, size_t cap);

/* Calls `each` with the members "label" and "value" of every object in an array. */
MUST enum rc json_pairs(const struct json *j, const char *key,
                        enum rc (*each)(void *arg, const char *label, const char *value), void *arg);

/* The object under `key`, NULL when there is none; and a call of `each` for every object in an array (RC_INPUT:
   something else is in it). Both live as long as `j`. */
const struct json *json_object_at(const struct json *j, const char *key);
MUST enum rc json_each(const struct json *j, const char *key, enum rc (*each)(void *arg, const struct json *item),
                       void *arg);
