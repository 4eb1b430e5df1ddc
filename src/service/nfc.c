/* Normalisation form C by libutf8proc: the only file that knows it. */
#include "service/nfc.h"

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
