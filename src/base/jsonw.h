/* Writes JSON: the one writer for answers, logs, audit lines and --json reports. Keys keep the order they are written
 * in. */
#pragma once

#include "base/buf.h"

struct jsonw { /* zero-initialise; the first error sticks and jsonw_end returns it */
    struct buf out;
    enum rc rc;
    bool comma;
    int depth;       /* ≤ 32 */
    uint32_t arrays; /* a bit per depth: 1 = array, 0 = object */
};

void jsonw_free(struct jsonw *w);

/* `key` is NULL inside an array and for the outermost value. */
void jsonw_object(struct jsonw *w, const char *key);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_close(struct jsonw *w, char bracket);                     /* '}' or ']' */
void jsonw_str(struct jsonw *w, const char *key, const char *value); /* NULL gives null; invalid UTF-8 becomes U+FFFD */
void jsonw_text(struct jsonw *w, const char *key, const char *value); /* "" gives null: it does not apply */
void jsonw_span(struct jsonw *w, const char *key, struct span value);
void jsonw_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
void jsonw_instant(struct jsonw *w, const char *key, int64_t instant); /* INSTANT_NONE gives null */
void jsonw_b64(struct jsonw *w, const char *key, struct span value);
/* The members of a bit set by their names, as an array. */
void jsonw_names(struct jsonw *w, const char *key, uint32_t set, int count, const char *(*name)(int member));
void jsonw_raw(struct jsonw *w, const char *key, const char *json); /* already JSON */

/* The outcome (RC_BUG when brackets or keys were wrong); on success w->out holds the text. */
MUST enum rc jsonw_end(struct jsonw *w);
