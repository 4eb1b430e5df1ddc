/* What a request is for: the path and the parameters of its first line. */
#pragma once

#include "server/http/exchange.h"

/* Decodes `target` in place; q->path and q->query point into it. Sets q->query_bad, and q->head_bad for a NUL in the
   path, which would make another one of it, and for a whole address that is not of `host`, by http or https. */
void target_read(char *target, const char *host, struct request *q);
