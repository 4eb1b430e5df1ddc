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

static bool is_blank(utf8proc_int32_t c) {
    return c == 0x09 || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
}

enum rc nfc_fold(struct span text, struct buf *out) {
    utf8proc_uint8_t *folded = NULL;
    utf8proc_int32_t c = 0;
    enum rc rc = RC_OK;
    utf8proc_ssize_t used = 0;
    utf8proc_ssize_t len = utf8proc_map(text.ptr, (utf8proc_ssize_t)text.len, &folded,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    if (len < 0)
        FAIL(RC_INPUT, "text that cannot be normalised: %s", utf8proc_errmsg(len));
    for (utf8proc_ssize_t at = 0; rc == RC_OK && at < len; at += used) {
        used = utf8proc_iterate(folded + at, len - at, &c);
        if (used <= 0)
            rc = err_set(RC_INPUT, "text that is not UTF-8");
        else if (!is_blank(c))
            rc = buf_add(out, folded + at, (size_t)used);
    }
    free(folded);
    return rc;
}

/* Default_Ignorable_Code_Point has the zero-width ones; of the marks of direction and lines some are not in it. */
static bool is_unseen(utf8proc_int32_t c) {
    utf8proc_category_t category = utf8proc_category(c);
    return utf8proc_get_property(c)->ignorable || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* Vietnamese letters, which are what names are made of: each is seen. */
static size_t seen_letter(const uint8_t *p, size_t len) {
    if (p[0] < 0x80)
        return 1;
    if (len >= 2 && (p[0] == 0xc3 || p[0] == 0xc4 || p[0] == 0xc6))
        return 2;
    return len >= 3 && p[0] == 0xe1 && (p[1] == 0xba || p[1] == 0xbb) ? 3 : 0;
}

int32_t nfc_unseen(struct span text) {
    utf8proc_int32_t c = 0;
    utf8proc_ssize_t used = 1;
    if (is_ascii(text))
        return 0;
    for (size_t at = 0; at < text.len; at += (size_t)used) {
        used = (utf8proc_ssize_t)seen_letter(text.ptr + at, text.len - at);
        if (used > 0)
            continue;
        used = utf8proc_iterate(text.ptr + at, (utf8proc_ssize_t)(text.len - at), &c);
        if (used <= 0)
            return 0;
        if (is_unseen(c))
            return c;
    }
    return 0;
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
