/* Counts against the goals: how much is done, and how fast the rest must go (R3.4, R3.5, R3.6). */
#include "rules/progress.h"

void tally_add(struct tally *sum, const struct tally *more) {
    sum->owed += more->owed;
    sum->done += more->done;
    sum->issued += more->issued;
    sum->held += more->held;
    sum->done_self += more->done_self;
}

struct tally progress_sum(const struct tally tally[DEVICE_COUNT], uint32_t devices) {
    struct tally sum = {0};
    for (int d = 0; d < DEVICE_COUNT; d++)
        if ((devices >> d & 1) != 0)
            tally_add(&sum, &tally[d]);
    return sum;
}

static int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

struct standing progress_check(const struct goal *g, const struct tally tally[DEVICE_COUNT], int32_t today) {
    struct tally sum = progress_sum(tally, g->devices);
    struct standing s = {
        .owed = sum.owed, .done = sum.done, .percent_tenths = 1000, .days_left = g->by - today, .per_day = 0};
    if (sum.owed > 0)
        s.percent_tenths = (int32_t)(sum.done * 1000 / sum.owed);
    int64_t missing = divide_up(sum.owed * g->percent, 100) - sum.done;
    s.met = missing <= 0;
    if (s.met)
        return s;
    s.per_day = s.days_left < 0 ? INT64_MAX : divide_up(missing, s.days_left + 1); /* the last day counts too */
    return s;
}
