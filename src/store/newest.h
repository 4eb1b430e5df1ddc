/* Is a record the newest? Its seal tells that capbu wrote it; what it wrote last stands in the audit. */
#pragma once

#include "base/day.h"
#include "store/certs.h"

struct newest_word { /* of a "changed" line */
    int64_t seq;     /* 0: there is none */
    char contract_to[DAY_TEXT], status[16];
    char row_hash[65]; /* "": of before these were told */
};

/* Reads the line's detail. */
MUST enum rc newest_read(int64_t seq, struct span detail, struct newest_word *out);

/* RC_REFUSED: the record is another one than its last word, so an older one was put back by hand; the text says what to
   do. */
MUST enum rc newest_hold(const struct newest_word *last, const struct cert_row *row);

/* newest_hold with what the audit says: one look into an index that has changed records only. Where two issuers gave
   one serial number the line does not say whose it is, and nothing is found. */
MUST enum rc newest_check(struct db *db, const struct cert_row *row);
