/* Streams the rows of an export (declared in service/ledger/export_read.h). */
#include "service/ledger/export_read.h"

enum rc export_each(FILE *in, enum rc (*row)(void *arg, const struct csv *c), void *arg) {
    AUTO(csv) c = {0};
    bool more = true;
    csv_open(&c, in);
    TRY(csv_next(&c, &more)); /* the header */
    for (;;) {
        enum rc rc = csv_next(&c, &more);
        if (rc == RC_IO)
            return rc;
        if (rc == RC_OK && !more)
            return RC_OK;
        TRY(row(arg, rc == RC_OK ? &c : NULL));
    }
}
