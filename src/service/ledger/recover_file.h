/* `capbuctl recover`: missing certificates brought back out of a file, be it an export or certificates off tokens. */
#pragma once

#include "service/issuing/recover.h"

struct recover_counts {
    int64_t read, taken;
    int64_t completed; /* were there, brought by somebody who knew less */
    int64_t blocked;   /* are missing, and other ones are in their place */
    int64_t entered;   /* neither journal nor database knew them; both do now */
    int64_t held;      /* neither knows them still: the journal cannot be written now (late_why) */
    int64_t others;    /* certificates that are none of the missing ones */
    int64_t no_record; /* missing, and the record of their old certificate is missing too */
    int64_t unusable;  /* no certificates at all */
};

void recover_counts_add(struct recover_counts *to, const struct recover_counts *more);

struct recover_by {
    const struct responder *responder;
    const char *actor; /* for the audit */
    struct late *late;
};

/* An export (its header decides), or certificates as PEM, one after the other, or as DER. Adds to `counts`. RC_INPUT:
 * it is neither. */
MUST enum rc recover_file(struct site *s, const char *path, const struct recover_by *by, int64_t now,
                          struct recover_counts *counts);
