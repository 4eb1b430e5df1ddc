/* A drill's population: subscribers in the letter's proportions with real certificates signed by the drill's old CA,
   and the letter's fourteen cases, on software tokens when wanted. Reproducible: the same seed gives the same file. */
#pragma once

#include "service/conf.h"

struct drill_options {
    int64_t count;
    uint64_t seed;
    const char *csv;          /* out */
    int64_t tokens;           /* for the first so many, made on software tokens */
    const char *token_module; /* PKCS#11 module of the software token */
    const char *pin;          /* of the drill's tokens */
    int key_bits;             /* 1024 (the letter's) or 2048 */
    void (*progress)(void *arg, int64_t done, int64_t total);
    void *arg;
};
MUST enum rc drill_population(struct site *s, const struct drill_options *o);

/* One token a case (demo and tests): v4-owed, v2-not-open, other-ca, expiry-day-off, contract-not-longer,
   issued-on-connection-day, issued-later, suspended, revoked, beyond-new-ca, unknown, two-certificates, half-way,
   already-done. Token label = case name. The CSV has a row for each known one. */
struct drill_case {
    const char *name;
    const char *expect; /* what `capbu renew` must end with: "done", "not-open-yet", a reason … */
    int exit_status;
    const char *about; /* Vietnamese, for the demo's table */
};
extern const struct drill_case drill_cases[];
extern const int drill_case_count;
MUST enum rc drill_make_cases(struct site *s, const struct drill_options *o);
