/* Words reasons (declared in service/intake/import_row.h). */
#include <stdio.h>

#include "base/utf8.h"
#include "service/intake/import_row.h"

#define SHOWN 40 /* bytes of a value in a reason */

void import_reason(char out[IMPORT_REASON], const char *what, const char *vi, const char *en) {
    (void)snprintf(out, IMPORT_REASON, "%s: %s / %s", what, vi, en);
}

void import_refuse(struct import_row *r, enum import_column column, struct span value, const char *vi, const char *en) {
    char what[32 + SHOWN + 8];
    (void)snprintf(what, sizeof what, value.len == 0 ? "%s" : "%s: \"%.*s\"", import_column_name(column),
                   value.len < SHOWN ? (int)value.len : SHOWN, (const char *)value.ptr);
    utf8_tame(what); /* a character cut in two */
    import_reason(r->reason, what, vi, en);
}
