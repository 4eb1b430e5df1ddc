/* Tables on the terminal: columns counted in characters, not in bytes. */
#pragma once

#include "service/ledger/report.h"

/* A line for each key of the report under the headings of its columns. */
void table_report(const struct report *r);

/* `text` and as many blanks behind it, or before it, as make it `width` columns wide. */
void table_left(const char *text, int width);
void table_right(const char *text, int width);
