/* What happened with the token and what helps, in words: p11/meaning.h in two languages. Terminal and page both say it
   from here. */
#pragma once

#include "client/options.h"
#include "p11/meaning.h"

/* The meaning of `text` (err_text): of the call and CKR_ name in it, or of a text of ours about the token. */
struct p11_meaning advice_of(const char *text);

/* A sentence each; never NULL. */
const char *advice_what(enum lang lang, enum p11_what what);
const char *advice_help(enum lang lang, enum p11_help help);

/* Stable names: "replug", "perhaps-gone". */
const char *advice_help_name(enum p11_help help);
const char *advice_try_name(enum p11_try attempt);

/* The sentence that `text` is about: what its CKR_ means. NULL: there is none in it. */
const char *advice_code_words(enum lang lang, const char *text);
