/* JSON answers: a writer that ends as the body of a 200. */
#pragma once

#include "base/jsonw.h"
#include "server/http/exchange.h"

/* Ends `w` and makes it the answer; takes the text over. */
MUST enum rc answer_json(struct response *r, struct jsonw *w);

/* A civil day, or null for DAY_NONE. */
void answer_day(struct jsonw *w, const char *key, int32_t day);
