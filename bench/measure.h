/* Fair measuring: rounds that alternate with a yardstick in the same process, medians, and rounds thrown away when the
   yardstick moved. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

#define MEASURE_ROUNDS 5  /* good ones wanted */
#define MEASURE_MOST   10 /* tried at most */
#define MEASURE_LAPS   3
#define MEASURE_MOVED  0.15

/* With $BENCH_SMOKE set nothing is measured: one short round of everything, whatever the yardstick does, shows that it
   works (the suite `bench`). */
bool measure_smoke(void);
int measure_rounds(void);       /* good ones wanted: MEASURE_ROUNDS, or one */
int measure_size(int measured); /* of a round: so many, or a few */

struct lap { /* a timed part of a round; several pieces may add up */
    double units, wall, cpu;
    double wall_from, cpu_from; /* of the piece under way */
};
/* CPU is that of this process and of the helpers that measure_helpers() has found. */
void lap_start(struct lap *l);
void lap_stop(struct lap *l, double units);

double measure_now(void);      /* seconds, monotonic */
void measure_helpers(int pid); /* finds the children of a process and theirs: once, when they are all there */
double measure_cpu_helpers(void);
double measure_cpu_of(int pid); /* seconds of CPU of another process; 0 when it is gone */

struct contest {
    enum rc (*prepare)(void *arg); /* before a round and its yardsticks; NULL: nothing to do */
    /* Does the work, timing it into `laps` (zeroed). */
    enum rc (*round)(void *arg, struct lap laps[MEASURE_LAPS]);
    enum rc (*check)(void *arg); /* verifies every answer and cleans up; called for thrown away rounds too */
    enum rc (*yardstick)(void *arg, double *per_second);
    void *arg;
    int laps;
};

struct figure {                      /* medians over the good rounds */
    double rate, yardstick, ratio;   /* units a second; the yardstick's; one by the other */
    double cpu_us, yardstick_cpu_us; /* CPU of a unit, of an operation of the yardstick */
    double ratio_least, ratio_most;
};

struct outcome {
    struct figure of[MEASURE_LAPS];
    int rounds, thrown_away;
};

/* RC_BUSY: too many rounds had to be thrown away: the machine is not quiet. */
MUST enum rc measure_run(const struct contest *c, struct outcome *out);
