/* Checks a configuration file character by character and blanks its comments, so that libconfuse reads only what it
   reads right. */
#include "service/site/conf_text.h"

#include <string.h>

#include "base/utf8.h"

struct scan {
    const char *name;
    int line;
    int section; /* line of the section that is open, 0 for none */
    char quote;  /* the quote that is open, 0 for none */
    char last;   /* the last character that is neither blank nor comment */
};

static enum rc fault(const struct scan *s, const char *what) {
    FAIL(RC_INPUT, "%s:%d: %s", s->name, s->line, what);
}

/* A character inside quotes, or the quote itself. */
static enum rc quoted(struct scan *s, char c) {
    if (c == '\n')
        return fault(s, "a quote is not closed on its line");
    if (s->quote == c)
        s->quote = 0;
    else if (s->quote == 0)
        s->quote = c;
    return RC_OK;
}

static enum rc brace(struct scan *s, char c) {
    if (c == '{') {
        if (s->section != 0)
            return fault(s, "a section cannot stand inside another; is a } missing above?");
        s->section = s->line;
        return RC_OK;
    }
    if (s->section == 0)
        return fault(s, "this } closes nothing");
    s->section = 0;
    return RC_OK;
}

/* What no place outside a comment may hold. */
static enum rc allowed(const struct scan *s, char c, char next) {
    if (c == '\\')
        return fault(s, "a backslash is not allowed; there are no escapes");
    if (c == '$' && next == '{')
        return fault(s, "${...} is not allowed: values do not come from the environment");
    if (s->quote == 0 && c == '/' && (next == '/' || next == '*'))
        return fault(s, "comments begin with #, and a value with slashes is quoted");
    return RC_OK;
}

static enum rc step(struct scan *s, char c, char next) {
    TRY(allowed(s, c, next));
    if (c == '\n' && s->last == '=') /* else the next line's key would be taken for it */
        return fault(s, "the value is missing");
    if (c != ' ' && c != '\t' && c != '\r')
        s->last = c;
    if (s->quote != 0 || c == '"' || c == '\'')
        TRY(quoted(s, c));
    else if (c == '{' || c == '}')
        TRY(brace(s, c));
    return RC_OK;
}

/* Text only: a control character would show as nothing and mean something. */
static enum rc plain(const struct scan *s, unsigned char c, char next) {
    bool space = c == '\n' || c == '\t' || (c == '\r' && next == '\n');
    if ((c < 0x20 && !space) || c == 0x7f)
        return fault(s, "a control character is not allowed");
    return RC_OK;
}

/* All of it well-formed UTF-8, so that nothing below meets half a character. */
static enum rc utf8(const struct scan *start, struct span text) {
    struct scan s = *start;
    for (size_t i = 0, n; i < text.len; i += n) {
        n = utf8_char(text.ptr + i, text.len - i);
        if (n == 0)
            return fault(&s, "not UTF-8: save the file as UTF-8 text");
        if (n > 1 && utf8_hidden(utf8_code(text.ptr + i, n)))
            return fault(&s, "a control character is not allowed");
        s.line += text.ptr[i] == '\n';
    }
    return RC_OK;
}

static struct span without_bom(struct span text) {
    if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
        return span_of(text.ptr + 3, text.len - 3);
    return text;
}

enum rc conf_text_clean(const char *name, struct span text, struct buf *out) {
    struct scan s = {.name = name, .line = 1};
    bool comment = false;
    text = without_bom(text);
    TRY(utf8(&s, text));
    TRY(buf_reserve(out, text.len + 1));
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.ptr[i];
        char next = i + 1 < text.len ? (char)text.ptr[i + 1] : '\0';
        TRY(plain(&s, text.ptr[i], next));
        if (c == '\n')
            comment = false;
        else if (c == '#' && s.quote == 0)
            comment = true;
        if (!comment)
            TRY(step(&s, c, next));
        TRY(buf_add_char(out, comment || c == '\r' ? ' ' : c));
        s.line += c == '\n';
    }
    if (s.quote != 0)
        return fault(&s, "a quote is not closed on its line");
    if (s.section != 0)
        FAIL(RC_INPUT, "%s:%d: this section is not closed: its } is missing", name, s.section);
    return RC_OK;
}
