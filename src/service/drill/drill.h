/* A drill: subscribers in the letter's proportions with real certificates signed by the drill's old CA, and the
   letter's fourteen cases, on software tokens when wanted. Reproducible: in one installation the same seed gives the
   same file. */
#pragma once

#include "service/out_file.h"
#include "service/site/conf.h"

struct drill_options {
    int64_t count;
    uint64_t seed;
    const char *csv;               /* out */
    const struct out_rules *rules; /* of what it may replace; NULL: none */
    int64_t tokens;                /* for the first so many, made on software tokens */
    const char *token_module;      /* PKCS#11 module of the software token */
    struct span pin;               /* of the drill's tokens */
    int key_bits;                  /* 1024 (the letter's) or 2048 */
    int threads;
    void (*progress)(void *arg, int64_t done, int64_t total); /* NULL: none */
    void *arg;
};
/* Tokens are labelled by the old certificate's serial number. */
MUST enum rc drill_population(struct site *s, const struct drill_options *o);

/* One token a case, its label the case's name; the CSV has a row for each certificate but the unknown one's. */
struct drill_case {
    const char *name;
    const char *expect; /* what `capbu renew` ends with: "done", "not open yet", a reason … */
    int exit_status;
    const char *about; /* for the demo's table, Vietnamese */
};
extern const struct drill_case drill_cases[];
extern const int drill_case_count;
MUST enum rc drill_cases_make(struct site *s, const struct drill_options *o);
