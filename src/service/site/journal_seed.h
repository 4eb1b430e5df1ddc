/* The journal out of what the database knows: where it was lost, and only when a person says so. */
#pragma once

#include "service/site/conf.h"

struct seeded {
    int64_t entered; /* certificates that are in the journal now and were not before */
    int64_t kept;    /* were in it already */
    int64_t other;   /* have other bytes in it than the database has: capbuctl check-config names them */
};

/* A new one, never over another: RC_EXISTS. Nothing may be served meanwhile: RC_BUSY. */
MUST enum rc journal_seed_new(struct site *s, struct seeded *out);

/* Adds what the database has and the journal has not: after an older copy of the journal was put back. RC_BUSY: a
   signer has it. */
MUST enum rc journal_seed_add(struct site *s, struct seeded *out);
