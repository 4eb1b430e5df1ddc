/* Where a request's head, chunks and trailers end, by the letter of RFC 9112: http-parser takes any byte for the last
   LF of a line, and whoever is in front of us may see another request there. It looks at what the parser has taken. */
#pragma once

#include "base/buf.h"

enum framing_part {
    FRAMING_HEAD,
    FRAMING_HEAD_LF, /* the head's last byte, which the parser takes after it has told of the head */
    FRAMING_BODY,    /* of a told length, or none: the parser counts it */
    FRAMING_SIZE,
    FRAMING_EXTENSION,
    FRAMING_SIZE_LF,
    FRAMING_DATA,
    FRAMING_DATA_CR,
    FRAMING_DATA_LF,
    FRAMING_TRAILERS,
    FRAMING_OVER
};

struct framing { /* zero-initialised is at the beginning */
    enum framing_part part;
    char last;
    size_t line;   /* bytes of this line so far */
    uint64_t left; /* of this chunk */
    int digits;    /* of its size */
    size_t extra;  /* bytes of chunk extensions and trailers, which say nothing to us */
    bool chunked, odd;
    bool targeted; /* the request line is over */
};

void framing_look(struct framing *f, struct span taken);

/* The parser has told of the head. */
void framing_head_over(struct framing *f, bool chunked);

/* The parser's word on the end, and ours. */
bool framing_agrees(const struct framing *f, bool body_done);
