/* What spreadsheets make of a cell on its way: told, so that the file can be exported rightly. */
#pragma once

#include "base/buf.h"

struct spoilt { /* what happened and what to do, in both languages */
    char vi[200], en[200];
};

/* An apostrophe in front, an error in place of a value, a number made scientific: whatever column it is. */
bool spoilt_cell(struct span cell, struct spoilt *out);

/* Of a column of days: written another way (31/12/2021), or as the spreadsheet's count of days (44105). */
bool spoilt_day(const char *text, struct spoilt *out);
