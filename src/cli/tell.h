/* What capbuctl says to people, in Vietnamese and English: one table, so that no text exists in one language only. */
#pragma once

#include "base/err.h"
#include "base/lang.h"
#include "cli/tell_what.h"
#include "rules/eligibility.h"

/* Once, before anything is said; Vietnamese until then. */
void tell_in(enum lang lang);
enum lang tell_lang(void);

/* A printf format; its arguments are the same, in the same order, in both languages (tests/unit/cli checks it). */
const char *tell_text(enum lang lang, enum tell what);
const char *tell_word(enum tell what); /* one without arguments, in the language chosen */

void tell(enum tell what, ...);       /* on standard output, with a newline */
void tell_part(enum tell what, ...);  /* without one */
void tell_aside(enum tell what, ...); /* on standard error, with the program's name in front */

/* Sets the thread's failure text and returns `code`. */
enum rc tell_fail(enum rc code, enum tell what, ...);

#define TELL_LINE (2 * ERR_TEXT)

/* An English text of ours; in Vietnamese its gloss, and the text behind. */
void tell_glossed(const char *text, char out[TELL_LINE]);

/* Tells a failure on standard error, and gives what it told. */
const char *tell_failure(enum rc code);

/* A short gloss beside the code that files and answers use; "" in English, where the code is plain. */
const char *tell_verdict(enum verdict_kind v);
const char *tell_reason(enum reason r);
