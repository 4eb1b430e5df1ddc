/* Our two languages, Vietnamese first: which one somebody reads best. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum lang { LANG_VI, LANG_EN };

const char *lang_name(enum lang lang); /* "vi" "en" */

/* "vi" or "en"; false for any other name. */
bool lang_from(const char *name, enum lang *out);

/* What $CAPBU_LANG and --lang in a command line ask for, as far as they can be read: for who complains about that line.
   $LANG does not count: most PCs of subscribers and operators run an English system and are read by Vietnamese. */
enum lang lang_of_line(int argc, char **argv);

/* From an Accept-Language value (RFC 9110 section 12.5.4); "" and everything that names neither is Vietnamese. */
enum lang lang_from_header(const char *accept);

/* The Vietnamese of an English text that holds `piece`. */
struct lang_piece {
    const char *piece, *vi;
};

/* That of the first piece that fits, NULL for none. */
const char *lang_of_piece(const struct lang_piece *table, size_t count, const char *text);
