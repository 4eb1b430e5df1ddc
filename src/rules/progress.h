/* How far the campaign is from its goals (R3.4–R3.6): counts in, goal standings out. Pure. */
#pragma once

#include "rules/campaign.h"

/* Certificates of one device. owed = eligible + held + done, and who was until the certificate ended. */
struct tally {
    int64_t owed;
    int64_t done;   /* confirmed on the token */
    int64_t issued; /* signed, not confirmed yet */
    int64_t held;
    int64_t done_self; /* of done: by self-care (R3.4) */
};

struct standing {
    int64_t owed;
    int64_t done;
    int32_t
        percent_tenths; /* done / owed in 0.1 %, rounded down: 1000 only when all are done; 1000 when none is owed */
    int32_t days_left;  /* until goal.by, negative when past */
    bool met;
    int64_t per_day; /* needed from `today` on to meet it, rounded up; 0 when met, INT64_MAX when time is over */
};

/* `tally` is indexed by enum device. */
struct standing progress_check(const struct goal *g, const struct tally tally[DEVICE_COUNT], int32_t today);

void tally_add(struct tally *sum, const struct tally *more);

/* Sum over a set of devices (bit 1 << device). */
struct tally progress_sum(const struct tally tally[DEVICE_COUNT], uint32_t devices);
