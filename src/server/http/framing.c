/* One byte after the other; only the data of chunks and bodies is skipped. */
#include "server/http/framing.h"

#define DIGITS_MAX 16 /* of a chunk's size: what it may be has fewer */

/* CR and LF come together or not at all, no line goes on in the next one, and there is no NUL. */
static void line_byte(struct framing *f, char c) {
    f->odd |= c == '\0' || (f->last == '\r') != (c == '\n') || (f->last == '\n' && (c == ' ' || c == '\t'));
    f->line = c == '\n' ? 0 : f->line + 1;
    f->last = c;
}

/* In the request line one blank stands between two parts. Empty lines before it are none. */
static void head_byte(struct framing *f, char c) {
    f->odd |= !f->targeted && c == ' ' && f->last == ' ';
    f->targeted |= c == '\n' && f->line > 1;
    line_byte(f, c);
}

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void size_byte(struct framing *f, char c) {
    int value = hex(c);

    if (value >= 0 && f->digits < DIGITS_MAX) {
        f->left = f->left << 4 | (uint64_t)value;
        f->digits++;
    } else if (f->digits > 0 && (c == ';' || c == '\r')) {
        f->part = c == ';' ? FRAMING_EXTENSION : FRAMING_SIZE_LF;
    } else {
        f->odd = true;
    }
}

static void extension_byte(struct framing *f, char c) {
    f->extra++;
    if (c == '\r')
        f->part = FRAMING_SIZE_LF;
    else
        f->odd |= ((unsigned char)c < ' ' && c != '\t') || c == 127;
}

/* The last chunk is empty; the trailers' lines begin behind its own. */
static void size_over(struct framing *f) {
    f->part = f->left > 0 ? FRAMING_DATA : FRAMING_TRAILERS;
    f->digits = 0;
    f->line = 0;
    f->last = '\n';
}

static void trailer_byte(struct framing *f, char c) {
    bool end = c == '\n' && f->line == 1;

    f->extra++;
    line_byte(f, c);
    if (end)
        f->part = FRAMING_OVER;
}

/* `c` must be this one, and then comes the next part. */
static void must_be(struct framing *f, char c, char wanted, enum framing_part next) {
    f->odd |= c != wanted;
    f->part = next;
}

static void byte(struct framing *f, char c) {
    switch (f->part) {
    case FRAMING_HEAD:
        head_byte(f, c);
        break;
    case FRAMING_HEAD_LF:
        must_be(f, c, '\n', f->chunked ? FRAMING_SIZE : FRAMING_BODY);
        break;
    case FRAMING_SIZE:
        size_byte(f, c);
        break;
    case FRAMING_EXTENSION:
        extension_byte(f, c);
        break;
    case FRAMING_SIZE_LF:
        must_be(f, c, '\n', FRAMING_DATA);
        size_over(f);
        break;
    case FRAMING_DATA_CR:
        must_be(f, c, '\r', FRAMING_DATA_LF);
        break;
    case FRAMING_DATA_LF:
        must_be(f, c, '\n', FRAMING_SIZE);
        break;
    case FRAMING_TRAILERS:
        trailer_byte(f, c);
        break;
    case FRAMING_BODY:
    case FRAMING_DATA:
        break; /* skipped */
    case FRAMING_OVER:
        f->odd = true;
    }
}

/* How many bytes from here on are data. */
static size_t skip(struct framing *f, size_t len) {
    if (f->part == FRAMING_BODY)
        return len;
    if (f->part != FRAMING_DATA)
        return 0;
    size_t data = f->left < len ? (size_t)f->left : len;
    f->left -= data;
    if (f->left == 0)
        f->part = FRAMING_DATA_CR;
    return data;
}

void framing_look(struct framing *f, struct span taken) {
    size_t i = 0;

    while (i < taken.len) {
        i += skip(f, taken.len - i);
        if (i < taken.len)
            byte(f, (char)taken.ptr[i++]);
    }
}

void framing_head_over(struct framing *f, bool chunked) {
    f->odd |= f->last != '\r';
    f->chunked = chunked;
    f->part = FRAMING_HEAD_LF;
}

bool framing_agrees(const struct framing *f, bool body_done) {
    return !f->odd && (!f->chunked || body_done == (f->part == FRAMING_OVER));
}
