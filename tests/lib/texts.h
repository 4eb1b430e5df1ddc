/* What must be true of a text that stands in two languages: both are there, and take the same printf arguments. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define SHAPE 64

/* "%-5lld of %s" has the shape "lld s ": what printf takes from its arguments, without the dress. */
static inline void shape_of(const char *format, char out[SHAPE]) {
    size_t n = 0;

    for (const char *p = format; *p != '\0'; p++) {
        if (*p != '%')
            continue;
        p++;
        if (*p == '%')
            continue;
        p += strspn(p, "-+ #0123456789.");
        size_t len = strspn(p, "hlzjt") + 1;
        assert_true(n + len + 2 < SHAPE);
        memcpy(out + n, p, len);
        n += len;
        out[n++] = ' ';
        p += len - 1;
    }
    out[n] = '\0';
}

static inline void texts_must_agree(int i, const char *vi, const char *en) {
    char of_vi[SHAPE], of_en[SHAPE];

    shape_of(vi, of_vi);
    shape_of(en, of_en);
    if (strcmp(of_vi, of_en) != 0)
        fail_msg("text %d takes \"%s\" in Vietnamese and \"%s\" in English", i, of_vi, of_en);
    assert_null(strchr(of_vi, 'n')); /* %n writes */
}

/* Both said, the Vietnamese in UTF-8, the English in plain ASCII. */
static inline void texts_must_be_there(int i, const char *vi, const char *en) {
    if (vi == NULL || en == NULL || vi[0] == '\0' || en[0] == '\0')
        fail_msg("text %d is missing in %s", i, vi == NULL || vi[0] == '\0' ? "Vietnamese" : "English");
    for (const char *p = en; *p != '\0'; p++)
        if ((unsigned char)*p > 0x7e)
            fail_msg("text %d: English is plain ASCII: %s", i, en);
    for (size_t at = 0, len; at < strlen(vi); at += len) {
        len = utf8_char((const uint8_t *)vi + at, strlen(vi) - at);
        if (len == 0)
            fail_msg("text %d is not UTF-8", i);
    }
}
