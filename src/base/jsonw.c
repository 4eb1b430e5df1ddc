/* The JSON writer: commas, nesting and escapes, so that what it writes is valid for any bytes it is given. */
#include "base/jsonw.h"

#include <inttypes.h>
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "base/utf8.h"

#define JSONW_DEPTH 32

void jsonw_free(struct jsonw *w) {
    buf_free(&w->out);
    *w = (struct jsonw){0};
}

/* The first error stays. */
static void keep(struct jsonw *w, enum rc rc) {
    if (w->rc == RC_OK)
        w->rc = rc;
}

static void put(struct jsonw *w, const char *text) {
    if (w->rc == RC_OK)
        keep(w, buf_add_str(&w->out, text));
}

/* The escape of what may not stand as it is: `code`, or a byte that belongs to no character. */
static enum rc put_escape(struct buf *out, uint32_t code, bool valid) {
    switch (code) {
    case '"':
        return buf_add_str(out, "\\\"");
    case '\\':
        return buf_add_str(out, "\\\\");
    case '\n':
        return buf_add_str(out, "\\n");
    case '\r':
        return buf_add_str(out, "\\r");
    case '\t':
        return buf_add_str(out, "\\t");
    default:
        return valid ? buf_printf(out, "\\u%04x", (unsigned)code) : buf_add_str(out, "\xef\xbf\xbd"); /* U+FFFD */
    }
}

/* How many bytes from the start can be copied as they are. */
static size_t plain(struct span s) {
    size_t i = 0;
    while (i < s.len) {
        uint8_t c = s.ptr[i];
        size_t step = utf8_char(s.ptr + i, s.len - i);
        if (c == '"' || c == '\\' || step == 0 || utf8_hidden(utf8_code(s.ptr + i, step)))
            break;
        i += step;
    }
    return i;
}

static enum rc put_string(struct buf *out, struct span s) {
    TRY(buf_add_char(out, '"'));
    while (s.len > 0) {
        size_t run = plain(s);
        TRY(buf_add(out, s.ptr, run));
        s = span_of(s.ptr + run, s.len - run);
        if (s.len == 0)
            break;
        size_t step = utf8_char(s.ptr, s.len), taken = step == 0 ? 1 : step;
        TRY(put_escape(out, utf8_code(s.ptr, taken), step != 0));
        s = span_of(s.ptr + taken, s.len - taken);
    }
    return buf_add_char(out, '"');
}

static bool in_array(const struct jsonw *w) {
    return w->depth > 0 && (w->arrays >> (w->depth - 1) & 1) != 0;
}

/* What stands before every value: the comma and the key. */
static void begin(struct jsonw *w, const char *key) {
    if (w->rc != RC_OK)
        return;
    bool wants_key = w->depth > 0 && !in_array(w);
    if ((key != NULL) != wants_key) {
        w->rc =
            err_set(RC_BUG, "JSON: key %s where %s", key == NULL ? "missing" : key, wants_key ? "needed" : "none fits");
        return;
    }
    if (w->depth == 0 && w->comma) {
        w->rc = err_set(RC_BUG, "JSON: a second outermost value");
        return;
    }
    if (w->comma)
        put(w, ",");
    w->comma = true;
    if (key == NULL || w->rc != RC_OK)
        return;
    keep(w, put_string(&w->out, span_str(key)));
    put(w, ":");
}

static void nest(struct jsonw *w, const char *key, const char *bracket, bool array) {
    begin(w, key);
    put(w, bracket);
    if (w->rc != RC_OK)
        return;
    if (w->depth == JSONW_DEPTH) {
        w->rc = err_set(RC_BUG, "JSON: nested deeper than %d", JSONW_DEPTH);
        return;
    }
    uint32_t bit = (uint32_t)1 << w->depth;
    w->arrays = array ? w->arrays | bit : w->arrays & ~bit;
    w->depth++;
    w->comma = false;
}

void jsonw_object(struct jsonw *w, const char *key) {
    nest(w, key, "{", false);
}

void jsonw_array(struct jsonw *w, const char *key) {
    nest(w, key, "[", true);
}

void jsonw_close(struct jsonw *w, char bracket) {
    if (w->rc != RC_OK)
        return;
    if (w->depth == 0 || bracket != (in_array(w) ? ']' : '}')) {
        w->rc = err_set(RC_BUG, "JSON: '%c' closes nothing", bracket);
        return;
    }
    w->depth--;
    w->comma = true;
    keep(w, buf_add_char(&w->out, bracket));
}

void jsonw_str(struct jsonw *w, const char *key, const char *value) {
    if (value == NULL)
        jsonw_null(w, key);
    else
        jsonw_span(w, key, span_str(value));
}

void jsonw_text(struct jsonw *w, const char *key, const char *value) {
    jsonw_str(w, key, value[0] == '\0' ? NULL : value);
}

void jsonw_span(struct jsonw *w, const char *key, struct span value) {
    begin(w, key);
    if (w->rc == RC_OK)
        keep(w, put_string(&w->out, value));
}

void jsonw_int(struct jsonw *w, const char *key, int64_t value) {
    begin(w, key);
    if (w->rc == RC_OK)
        keep(w, buf_printf(&w->out, "%" PRId64, value));
}

void jsonw_bool(struct jsonw *w, const char *key, bool value) {
    jsonw_raw(w, key, value ? "true" : "false");
}

void jsonw_null(struct jsonw *w, const char *key) {
    jsonw_raw(w, key, "null");
}

void jsonw_instant(struct jsonw *w, const char *key, int64_t instant) {
    char text[INSTANT_TEXT];
    instant_format(instant, text);
    jsonw_text(w, key, text);
}

void jsonw_b64(struct jsonw *w, const char *key, struct span value) {
    begin(w, key);
    put(w, "\"");
    if (w->rc == RC_OK)
        keep(w, b64_to(value, &w->out));
    put(w, "\"");
}

void jsonw_names(struct jsonw *w, const char *key, uint32_t set, int count, const char *(*name)(int member)) {
    jsonw_array(w, key);
    for (int i = 0; i < count; i++)
        if ((set >> i & 1) != 0)
            jsonw_str(w, NULL, name(i));
    jsonw_close(w, ']');
}

void jsonw_raw(struct jsonw *w, const char *key, const char *json) {
    begin(w, key);
    put(w, json);
}

enum rc jsonw_end(struct jsonw *w) {
    if (w->rc == RC_OK && (w->depth != 0 || !w->comma))
        w->rc = err_set(RC_BUG, w->depth != 0 ? "JSON: something is still open" : "JSON: nothing was written");
    return w->rc;
}
