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

/* For one after the other of what the database does not have either. Fails as signed_journal_open. */
struct journal_pen;
MUST enum rc journal_pen_open(struct site *s, struct journal_pen **out);
void journal_pen_free(struct journal_pen *p);
OWN(journal_pen)

/* RC_OK for what is in it already. RC_EXISTS: other bytes are. RC_IO: it cannot be written. */
MUST enum rc journal_pen_enter(struct journal_pen *p, const char *old_serial, const struct sha256 *bytes);
