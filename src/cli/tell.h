/* What capbuctl says to people, in Vietnamese and English: one table, so that no text exists in one language only. */
#pragma once

#include "base/err.h"
#include "base/lang.h"
#include "rules/eligibility.h"

enum tell {
    TELL_USAGE, /* before the list of commands */
    TELL_USAGE_ONE,
    TELL_MORE,
    /* What is wrong with a command line. */
    TELL_NEEDS_VALUE,
    TELL_UNKNOWN_LETTER,
    TELL_UNKNOWN_OPTION,
    TELL_TWICE,
    TELL_WORD_TOO_MANY,
    TELL_NOT_WITH_THIS,
    TELL_NUMBER,
    TELL_TEXT,
    TELL_STDOUT_TWICE,
    TELL_NO_COMMAND,
    TELL_UNKNOWN_COMMAND,
    TELL_OTHER_WORDS,
    TELL_TAKES,   /* what, the choices, what was given */
    TELL_MISSING, /* an option */
    TELL_HOLDER_MISSING,
    TELL_SERIAL_MISSING,
    TELL_SERIAL,
    TELL_TOKENS_NEED,
    TELL_TOKENS_MORE,
    /* What else may be wrong: the headline over a failure's own text, which is English and technical as in the log. */
    TELL_FAILED_USAGE,
    TELL_FAILED_INPUT,
    TELL_FAILED_NOT_FOUND,
    TELL_FAILED_BUSY,
    TELL_FAILED_IO,
    TELL_FAILED_DB,
    TELL_FAILED_TOKEN,
    TELL_FAILED_EXISTS,
    TELL_FAILED_POLICY,
    TELL_FAILED_PIN,
    TELL_FAILED_BUG,
    TELL_NO_PHASE,
    TELL_NOT_ISSUED,
    TELL_NO_DIR,
    /* Results. */
    TELL_MADE,
    TELL_ERROR,
    TELL_WARNING,
    TELL_USABLE,
    TELL_DRY_RUN,
    TELL_IMPORTED,
    TELL_NOT_TAKEN,
    TELL_NOTED,
    TELL_REFUSED_ROWS,
    TELL_READ_UTF16,
    TELL_READ_TABS,
    TELL_READ_CR,
    TELL_READ_SEP,
    TELL_IMPORT_PART,    /* added, changed */
    TELL_IMPORT_NOTHING, /* the same, for a file that was not begun */
    TELL_IMPORT_WARNED,
    TELL_IMPORT_WARNED_LIST,
    TELL_IMPORT_WOULD_STOP,
    TELL_CERTIFICATES,
    TELL_REASONS,
    TELL_GOALS,
    TELL_GOAL,
    TELL_GOAL_LATE,
    TELL_GOAL_MET,
    TELL_GOAL_NOT_MET,
    TELL_EXPORTED,
    TELL_WHOLE,
    TELL_ADOPTED,
    TELL_RECOVERED,
    TELL_RECOVER_LEFT,
    TELL_RECOVER_ALL,
    TELL_SEEDED,
    TELL_PLANNED, /* phase switches, in their order */
    TELL_OPENED,
    TELL_HALTED,
    TELL_NOW_OPEN,
    TELL_NOW_NOT_YET,
    TELL_NOW_OVER,
    TELL_POPULATION,
    TELL_PUBLISHED,
    TELL_BAR_IMPORT,
    TELL_BAR_DRILL,
    TELL_COUNT
};

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
