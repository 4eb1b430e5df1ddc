/* Support codes: a short random name of one request or screen, made to be read out over the telephone. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

#define SUPPORT_CODE_TEXT 11 /* "K7QF-2M9X4" and NUL: 40 random bits, then one check character */

/* A fresh one. digest_init must have been called. */
void support_code_make(char out[SUPPORT_CODE_TEXT]);

/* What a person typed (any case, spaces and dashes anywhere, o for 0, i and l for 1) as support_code_make writes it.
   RC_INPUT: not a code, or misread: one wrong character and two exchanged ones are always noticed. */
MUST enum rc support_code_parse(const char *typed, char out[SUPPORT_CODE_TEXT]);

bool support_code_valid(const char *typed);
