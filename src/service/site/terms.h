/* The certificates that this server answers with, and whether they are in their time: outside it no renewal works. */
#pragma once

#include "service/site/conf.h"

enum term { TERM_CMP, TERM_TLS, TERM_COUNT };

#define TERMS_SOON (30 * DAY_SECONDS) /* told of so long before the end */
#define TERMS_TEXT 256

struct terms {
    int64_t from[TERM_COUNT], to[TERM_COUNT];
};

/* Reads both files. RC_INPUT and those of cert_from_file. */
MUST enum rc terms_read(const struct conf *c, struct terms *out);

enum term_state { TERM_FINE, TERM_ENDING, TERM_OUT };

/* At `now` of the clock that judges it (terms_now); unless TERM_FINE `text` says so, with what to do, in English. */
enum term_state terms_look(const struct terms *t, enum term which, int64_t now, char text[TERMS_TEXT]);

/* CMP answers are judged by the installation's clock, TLS by the machine's: a drill has its own. */
int64_t terms_now(const struct conf *c, enum term which);
