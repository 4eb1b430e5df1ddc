/* An answer as bytes. */
#pragma once

#include "server/http/exchange.h"

/* Appends status line, headers and, unless the method is HEAD, the body. `last`: the connection ends with it. */
MUST enum rc reply_write(const struct request *q, const struct response *r, bool last, struct buf *out);
