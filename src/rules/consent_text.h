/* The texts a subscriber agrees to before the new certificate is issued (R5.10), each under a name that never means
   another text: what the client shows is what the receipt carries. */
#pragma once

#include <stdint.h>

#define CONSENT_NOW "data-confirmed-1" /* what is shown today */

/* The name of a text by its number, for a client that can say no more than that; NULL: there is none. */
const char *consent_text_id(int64_t number);

/* `lang` is "vi" or "en" (any other is Vietnamese). NULL: no text of ours has that name. */
const char *consent_text(const char *id, const char *lang);
