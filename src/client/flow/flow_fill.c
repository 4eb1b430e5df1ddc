/* Each gap has a word for the case that nothing is known. */
#include "client/flow/flow_fill.h"

#include <stdio.h>
#include <string.h>

static const char *or_word(const struct flow_fill *f, const char *known, const char *vi, const char *en) {
    return known != NULL && known[0] != '\0' ? known : f->lang == LANG_EN ? en : vi;
}

static enum rc add_from(const struct flow_fill *f, struct buf *out) {
    bool en = f->lang == LANG_EN;

    if (f->opens_on == NULL || f->opens_on[0] == '\0')
        return buf_add_str(out, en ? "later" : "sau");
    return buf_printf(out, en ? "on %s" : "từ ngày %s", f->opens_on);
}

static enum rc add_range(const struct flow_fill *f, struct buf *out) {
    bool en = f->lang == LANG_EN;

    if (f->max == 0 || f->max >= 255)
        return buf_printf(out, en ? "at least %u" : "ít nhất %u", f->min == 0 ? 1 : f->min);
    return buf_printf(out, en ? "%u to %u" : "từ %u đến %u", f->min == 0 ? 1 : f->min, f->max);
}

static enum rc add_gap(const struct flow_fill *f, struct span name, struct buf *out) {
    if (span_eq_str(name, "issuer"))
        return buf_add_str(out, or_word(f, f->programme->issuer, "nhà cung cấp", "the provider"));
    if (span_eq_str(name, "branch"))
        return buf_add_str(
            out, or_word(f, f->programme->branch, "điểm giao dịch của nhà cung cấp", "a branch of the provider"));
    if (span_eq_str(name, "from"))
        return add_from(f, out);
    if (span_eq_str(name, "length"))
        return add_range(f, out);
    FAIL(RC_BUG, "the words of a screen have an unknown gap: %.*s", (int)name.len, (const char *)name.ptr);
}

enum rc flow_fill(const struct flow_fill *f, const char *text, struct buf *out) {
    for (const char *gap; (gap = strchr(text, '{')) != NULL;) {
        const char *end = strchr(gap, '}');
        if (end == NULL)
            FAIL(RC_BUG, "the words of a screen have a gap without end");
        TRY(buf_add(out, text, (size_t)(gap - text)));
        TRY(add_gap(f, span_of(gap + 1, (size_t)(end - gap - 1)), out));
        text = end + 1;
    }
    return buf_add_str(out, text);
}
