/* The names, days and numbers that the screens' words leave room for: {issuer}, {branch}, {from}, {length}. */
#pragma once

#include "base/lang.h"
#include "client/flow/programme.h"

struct flow_fill {
    enum lang lang;
    const struct programme *programme;
    const char *opens_on; /* as people read it, "" not known */
    unsigned min, max;    /* of a PIN; 0 not known */
};

/* Appends `text` with its gaps filled; a name that nobody told becomes a plain word ("nhà cung cấp"). */
MUST enum rc flow_fill(const struct flow_fill *f, const char *text, struct buf *out);
