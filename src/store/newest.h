/* Is a record the newest? Its seal tells that capbu wrote it; what it wrote last stands in the audit. */
#pragma once

#include "store/certs.h"

/* RC_REFUSED: the audit's last word on it is another one, so an older record was put back by hand; the text says what
   to do. One look into an index that has changed records only. Where two issuers gave one serial number the line does
   not say whose it is, and nothing is found. */
MUST enum rc newest_check(struct db *db, const struct cert_row *row);
