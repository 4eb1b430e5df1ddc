/* The CSV reader: takes physical lines from a bounded window, splits them in place, and recovers from stray quotes. */
#include "service/csv/csv.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

/* Room for the longest record with its line end, and for reading ahead; a NUL may follow. */
#define WINDOW (2 * CSV_RECORD_LIMIT - 1)

enum fault {
    FAULT_NONE,
    FAULT_STRAY,  /* a quote inside an unquoted field */
    FAULT_AFTER,  /* text after the closing quote */
    FAULT_OPEN,   /* the quote is not closed on this line */
    FAULT_FIELDS, /* more than CSV_FIELDS */
};

struct line { /* a physical line; offsets count from csv.at, so that moving the window does not change them */
    size_t from, length; /* the text without CR and LF */
    size_t next;         /* where the next line begins */
    bool there;          /* false: the input ends before `from` */
    bool too_long;       /* the text up to here passes CSV_RECORD_LIMIT; length and next mean nothing */
};

struct split {        /* a line's fields as they stand, quotes included */
    struct span *raw; /* CSV_FIELDS of them */
    size_t count;
    uint8_t separator;
};

void csv_open(struct csv *c, FILE *in) {
    csv_free(c);
    c->in = in;
    c->next_line = 1;
    c->separator = ',';
    c->line_end = '\n';
    c->at_start = true;
}

void csv_free(struct csv *c) {
    buf_free(&c->window);
    *c = (struct csv){0};
}

static void consume(struct csv *c, size_t count) {
    c->at += count;
    c->bytes += (long long)count;
}

/* Moves what is not consumed to the front and reads as much as fits behind it. */
static enum rc fill(struct csv *c) {
    struct buf *w = &c->window;
    if (buf_reserve(w, WINDOW - w->len) != RC_OK)
        return RC_IO; /* final, unlike a record's RC_LIMIT */
    memmove(w->data, w->data + c->at, w->len - c->at);
    w->len -= c->at;
    c->at = 0;
    size_t room = WINDOW - w->len, got = fread(w->data + w->len, 1, room, c->in);
    if (got < room && ferror(c->in))
        FAIL(RC_IO, "cannot read on: %s", strerror(errno));
    c->at_end = got < room;
    if (c->tap != NULL)
        c->tap(c->tap_arg, span_of(w->data + w->len, got));
    w->len += got;
    return RC_OK;
}

/* Looks at the line that begins `from` bytes ahead, and consumes nothing. */
static enum rc peek_line(struct csv *c, size_t from, struct line *line) {
    size_t seen = from;
    const uint8_t *end = NULL;
    *line = (struct line){.from = from};
    for (;;) {
        size_t ahead = c->window.len - c->at;
        end = ahead > seen ? memchr(c->window.data + c->at + seen, c->line_end, ahead - seen) : NULL;
        seen = ahead > seen ? ahead : seen;
        if (end != NULL || c->at_end || seen > CSV_RECORD_LIMIT + 2)
            break;
        TRY(fill(c));
    }
    const uint8_t *start = c->window.data + c->at + from;
    line->length = end != NULL ? (size_t)(end - start) : seen - from;
    line->next = from + line->length + (end != NULL ? 1 : 0);
    line->there = line->next > from;
    if (c->line_end == '\n' && line->length > 0 && start[line->length - 1] == '\r')
        line->length--;
    line->too_long = from + line->length > CSV_RECORD_LIMIT;
    return RC_OK;
}

/* Drops the rest of a line that does not fit into the window. */
static enum rc skip_line(struct csv *c) {
    for (;;) {
        const uint8_t *start = c->window.data + c->at;
        size_t ahead = c->window.len - c->at;
        const uint8_t *end = ahead > 0 ? memchr(start, c->line_end, ahead) : NULL;
        consume(c, end != NULL ? (size_t)(end - start) + 1 : ahead);
        if (end != NULL || c->at_end)
            return RC_OK;
        TRY(fill(c));
    }
}

/* The first one of a header that is no part of a quoted name. */
static uint8_t separator_of(const uint8_t *p, const uint8_t *end) {
    bool quoted = false;
    for (; p < end; p++) {
        quoted ^= *p == '"';
        if (!quoted && (*p == ',' || *p == ';' || *p == '\t'))
            return *p;
    }
    return ',';
}

/* Finds where the field at `p` stops: at a separator or at the end. `inside`: an earlier line has opened its quote. */
static enum fault field_stop(const uint8_t *p, const uint8_t *end, bool inside, uint8_t separator,
                             const uint8_t **stop) {
    if (!inside && (p == end || *p != '"')) {
        const uint8_t *next = p == end ? NULL : memchr(p, separator, (size_t)(end - p));
        *stop = next == NULL ? end : next;
        return *stop > p && memchr(p, '"', (size_t)(*stop - p)) != NULL ? FAULT_STRAY : FAULT_NONE;
    }
    for (p += inside ? 0 : 1; p < end; p += 2) {
        p = memchr(p, '"', (size_t)(end - p));
        if (p == NULL)
            return FAULT_OPEN;
        *stop = p + 1;
        if (p + 1 == end || p[1] == separator)
            return FAULT_NONE;
        if (p[1] != '"')
            return FAULT_AFTER;
    }
    return FAULT_OPEN;
}

/* Adds the fields from `p` to `end`. At FAULT_OPEN, `count` counts those before the open one. */
static enum fault split_line(const uint8_t *p, const uint8_t *end, bool inside, struct split *s) {
    for (;; p++, inside = false) {
        const uint8_t *stop = end;
        enum fault fault = field_stop(p, end, inside, s->separator, &stop);
        if (fault != FAULT_NONE)
            return fault;
        if (s->count == CSV_FIELDS)
            return FAULT_FIELDS;
        s->raw[s->count++] = span_of(p, (size_t)(stop - p));
        p = stop;
        if (p == end)
            return FAULT_NONE;
    }
}

/* Are the lines from `first`, whose last quote is open after `count` fields, one record with a line break inside (see
   the header)? Then *last is where it ends and *lines how many it has, else 1. Every line with an open quote ends this
   search, so the file is looked at twice at most. */
static enum rc spans_lines(struct csv *c, const struct line *first, size_t count, struct line *last, long *lines) {
    struct span scratch[CSV_FIELDS];
    struct split whole = {scratch, count, c->separator};
    enum fault fault = FAULT_OPEN;
    struct line line = *first;
    *lines = 1;
    while (fault == FAULT_OPEN) {
        TRY(peek_line(c, line.next, &line));
        if (!line.there || line.too_long)
            break;
        const uint8_t *p = c->window.data + c->at + line.from;
        struct span alone_scratch[CSV_FIELDS];
        struct split alone = {alone_scratch, 0, c->separator};
        if (split_line(p, p + line.length, false, &alone) == FAULT_NONE && alone.count == c->columns)
            break;
        fault = split_line(p, p + line.length, true, &whole);
        *last = line;
        ++*lines;
    }
    if (fault != FAULT_NONE || whole.count != c->columns)
        *lines = 1;
    return RC_OK;
}

static enum rc refuse(enum fault fault) {
    if (fault == FAULT_OPEN)
        FAIL(RC_INPUT, "bad-quote: a quote is not closed on its line");
    if (fault == FAULT_STRAY)
        FAIL(RC_INPUT, "bad-quote: a quote inside an unquoted field; quote the field and double the quote");
    if (fault == FAULT_AFTER)
        FAIL(RC_INPUT, "bad-quote: text after a closing quote; double a quote that belongs to the text");
    FAIL(RC_LIMIT, "too-many-fields: more than %d fields", CSV_FIELDS);
}

/* What is merely not seen is for who knows the column to refuse. */
static bool has_control(struct span text) {
    for (size_t i = 0, step; i < text.len; i += step) {
        step = utf8_char(text.ptr + i, text.len - i);
        uint32_t code = utf8_code(text.ptr + i, step);
        if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            return true;
    }
    return false;
}

static enum rc check_text(struct span text) {
    if (utf8_printable(text))
        return RC_OK;
    if (text.len > 0 && memchr(text.ptr, 0, text.len) != NULL)
        FAIL(RC_INPUT, "control-character: a NUL byte; save the file as UTF-8 text");
    if (!utf8_valid(text))
        FAIL(RC_INPUT, "not-utf8: not valid UTF-8; save the file as UTF-8 text");
    if (has_control(text))
        FAIL(RC_INPUT, "control-character: a control character; remove it");
    return RC_OK;
}

/* A field of several lines, line by line: what ends them is no control character here. */
static enum rc check_lines(struct span text) {
    while (text.len > 0) {
        size_t len = 0;
        while (len < text.len && text.ptr[len] != '\r' && text.ptr[len] != '\n')
            len++;
        TRY(check_text(span_of(text.ptr, len)));
        len += len < text.len ? 1 : 0;
        text = span_of(text.ptr + len, text.len - len);
    }
    return RC_OK;
}

/* The line at once where that will do: this is most of a record's reading. */
static enum rc check_record(const struct csv *c, struct span text, size_t fields, long lines) {
    if (lines == 1 && c->separator != '\t')
        return check_text(text);
    for (size_t i = 0; i < fields; i++)
        TRY(lines == 1 ? check_text(c->field[i]) : check_lines(c->field[i]));
    return RC_OK;
}

/* Makes each pair of quotes one, in place; returns the new length. */
static size_t halve_quotes(uint8_t *text, size_t length) {
    size_t to = 0;
    for (size_t i = 0; i < length; i++) {
        text[to++] = text[i];
        i += text[i] == '"' ? 1 : 0;
    }
    return to;
}

/* Removes the quotes of one field in `within`, and ends it with a NUL over the separator, quote or line end behind it.
 */
static struct span unquote(uint8_t *within, struct span raw) {
    uint8_t *text = within + (raw.ptr - within);
    size_t length = raw.len;
    if (raw.len > 0 && text[0] == '"') {
        text++;
        length -= 2;
        if (memchr(text, '"', length) != NULL)
            length = halve_quotes(text, length);
    }
    text[length] = 0;
    return span_of(text, length);
}

/* Fields, unquoted. */
static void put_fields(struct csv *c, size_t count) {
    for (size_t i = 0; i < count; i++)
        c->field[i] = unquote(c->window.data, c->field[i]);
    c->fields = count;
    if (c->columns == 0)
        c->columns = count;
}

/* Takes the line at the window's start that fits it, and those that belong to it, as a record. */
static enum rc take_line(struct csv *c, const struct line *line) {
    struct line last = *line;
    long lines = 1;
    if (c->columns == 0 && !c->separator_told)
        c->separator = separator_of(c->window.data + c->at, c->window.data + c->at + line->length);
    struct split s = {c->field, 0, c->separator};
    const uint8_t *p = c->window.data + c->at;
    enum fault fault = split_line(p, p + line->length, false, &s);
    if (fault == FAULT_OPEN && c->columns > 0) {
        TRY(spans_lines(c, line, s.count, &last, &lines));
        p = c->window.data + c->at; /* reading on may have moved it */
        if (lines > 1 && c->line_breaks) {
            s.count = 0;
            fault = split_line(p, p + last.from + last.length, false, &s);
        }
        last = lines > 1 ? last : *line;
    }
    struct span text = span_of(p, last.from + last.length);
    consume(c, last.next);
    c->next_line += lines;
    if (fault == FAULT_OPEN && lines > 1)
        FAIL(RC_INPUT, "line-break: a field holds a line break; write it on one line");
    if (fault != FAULT_NONE)
        return refuse(fault);
    TRY(check_record(c, text, s.count, lines));
    put_fields(c, s.count);
    return RC_OK;
}

/* What ends the first line ends them all: CR alone is what Excel for the Macintosh wrote, and still offers. */
static uint8_t line_end_of(struct span text) {
    const uint8_t *cr = text.len == 0 ? NULL : memchr(text.ptr, '\r', text.len);
    const uint8_t *lf = text.len == 0 ? NULL : memchr(text.ptr, '\n', text.len);
    return cr != NULL && (lf == NULL || cr + 1 < lf) ? '\r' : '\n';
}

static enum rc begin(struct csv *c) {
    TRY(fill(c));
    c->at_start = false;
    c->bom = c->window.len >= 3 && memcmp(c->window.data, "\xef\xbb\xbf", 3) == 0;
    consume(c, c->bom ? 3 : 0);
    c->line_end = line_end_of(span_of(c->window.data + c->at, c->window.len - c->at));
    return RC_OK;
}

/* Excel's own first line before the header: sep=; */
static bool tells_separator(struct csv *c, const struct line *line) {
    const char *p = (const char *)c->window.data + c->at;
    size_t quotes = line->length == 7 && p[0] == '"' && p[6] == '"' ? 1 : 0;
    if (c->columns > 0 || c->separator_told || line->length != 5 + 2 * quotes || memcmp(p + quotes, "sep=", 4) != 0 ||
        memchr(",;\t", p[quotes + 4], 3) == NULL)
        return false;
    c->separator = (uint8_t)p[quotes + 4];
    c->separator_told = true;
    return true;
}

enum rc csv_next(struct csv *c, bool *more) {
    struct line line;
    c->fields = 0;
    if (c->at_start)
        TRY(begin(c));
    for (;;) {
        TRY(peek_line(c, 0, &line));
        c->line = c->next_line;
        c->start = c->bytes;
        if (!line.there) {
            *more = false;
            return RC_OK;
        }
        if (line.length > 0 && !tells_separator(c, &line))
            break;
        consume(c, line.next);
        c->next_line++;
    }
    *more = true;
    if (!line.too_long)
        return take_line(c, &line);
    TRY(skip_line(c));
    c->next_line++;
    FAIL(RC_LIMIT, "too-long: a record of more than %d bytes", CSV_RECORD_LIMIT);
}

enum rc csv_split(uint8_t *text, size_t length, uint8_t separator, struct span field[CSV_FIELDS], size_t *count) {
    struct split s = {field, 0, separator};
    enum fault fault = split_line(text, text + length, false, &s);
    if (fault != FAULT_NONE)
        return refuse(fault);
    for (size_t i = 0; i < s.count; i++)
        field[i] = unquote(text, field[i]);
    *count = s.count;
    return RC_OK;
}
