/* The text of a configuration file before libconfuse sees it: checked, and without its comments. */
#pragma once

#include "base/buf.h"

/* Appends `text` with every comment blanked out, lines kept. libconfuse alone would count a line with a comment twice,
   put environment variables into values, and take a section or a comment that the end of the file cuts off.
   RC_INPUT with "name:line: what is wrong": not UTF-8, control character, backslash, ${, a quote that its line does not
   close, a section that is not closed or stands in another. */
MUST enum rc conf_text_clean(const char *name, struct span text, struct buf *out);
