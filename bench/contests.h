/* What is measured: each a contest over the same installation. */
#pragma once

#include "measure.h"
#include "people.h"
#include "yard.h"

struct stage { /* what the contests share */
    struct place *place;
    struct people *people;
    struct yard *old_key, *ca_key; /* yardsticks: verification with the old CA's key, signing with the new one's */
    int threads;                   /* that ask at the same time */
};

/* laps: import; screening with signatures verified; both together, rows a second. Yardstick: verification. */
MUST enum rc contest_screening(const struct stage *s, struct outcome *out);

/* The issuing core: possession verified, judged, reserved, signed by the helpers, stored, durable. Yardstick: signing.
 */
MUST enum rc contest_issuing(const struct stage *s, struct outcome *out);

/* kur and certConf through the CMP server, from bytes to bytes. Laps: whole exchange; kur alone; certConf alone. */
MUST enum rc contest_exchange(const struct stage *s, struct outcome *out);

/* Runs `body` on so many threads until all of 0..count-1 were taken; the first failure ends it. The
   threads bear the name in a profile. */
MUST enum rc contest_crowd(const char *name, int threads, int count, enum rc (*body)(void *arg, int i), void *arg);
