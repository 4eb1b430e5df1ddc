/* Why something failed, in the person's language. Inside, errors speak English (err_text); what a person reads starts
   from here, and keeps the codes that a technician asks for. */
#pragma once

#include "client/options.h"

#define CAUSE_TEXT 768

/* `text` (err_text) for a person. What the server wrote itself is in the person's language already and stays. A PKCS#11
   failure is told in words, with the call and its CKR_ name behind. */
void cause_say(enum lang lang, const char *text, char out[CAUSE_TEXT]);

/* Is this text, or format, one of those that have a translation? For the test that looks for others. */
bool cause_knows(const char *text);
