/* Normalisation form C and upper case by libutf8proc: the only file that knows it. */
#include "service/intake/nfc.h"

#include <stdlib.h>
#include <utf8proc.h>

static bool is_ascii(struct span s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= 0x80)
            return false;
    return true;
}

enum rc nfc_add(struct span text, struct buf *out) {
    utf8proc_uint8_t *composed = NULL;
    if (is_ascii(text))
        return buf_add_span(out, text);
    utf8proc_ssize_t len =
        utf8proc_map(text.ptr, (utf8proc_ssize_t)text.len, &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (len < 0)
        FAIL(RC_INPUT, "text that cannot be normalised: %s", utf8proc_errmsg(len));
    enum rc rc = buf_add(out, composed, (size_t)len);
    free(composed);
    return rc;
}

enum rc nfc_upper(struct span text, struct buf *out) {
    for (size_t at = 0; at < text.len;) {
        utf8proc_int32_t c = 0;
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t used = utf8proc_iterate(text.ptr + at, (utf8proc_ssize_t)(text.len - at), &c);
        if (used <= 0)
            FAIL(RC_INPUT, "text that is not UTF-8");
        TRY(buf_add(out, bytes, (size_t)utf8proc_encode_char(utf8proc_toupper(c), bytes)));
        at += (size_t)used;
    }
    return RC_OK;
}
