/* Which devices, channels and provinces are open on a day (R3, R5.5, R5.6). Pure. */
#pragma once

#include "rules/campaign.h"

/* What people decided over the plan: a phase may be opened early or halted. */
enum phase_switch { PHASE_PLANNED, PHASE_OPENED, PHASE_HALTED };

struct phase_switches { /* same order as campaign.phases */
    enum phase_switch of[CAMPAIGN_PHASES];
};

struct opening {
    bool open;
    bool halted;       /* not open, and a halted phase would open it before any other does */
    int32_t phase;     /* index of the phase that first opens this device, -1 for none */
    int32_t opens_on;  /* the day it opens (or opened), DAY_NONE when no phase that is not halted does */
    uint32_t channels; /* open for this device and province today */
    /* What `halted` and `opens_on` are for whoever comes through a channel. The two above are those of one who is
       alone; where nothing is open to that one but to others, or never will be, those of the channel that opens first.
     */
    struct opening_by {
        bool halted;
        int32_t opens_on;
    } by[CHANNEL_COUNT];
};

/* Is `device` in `province` open on `day`, and through which channels? Ends with the old CA: after campaign.expiry_day
 * nothing is open. */
struct opening rollout_check(const struct campaign *c, const struct phase_switches *s, enum device device,
                             uint8_t province, int32_t day);

/* The same for one who comes through that channel. */
struct opening rollout_by(const struct opening *o, enum channel channel);

/* Index of the phase that first opens this device and province, -1 for none. Does not depend on a day. */
int32_t rollout_phase_of(const struct campaign *c, enum device device, uint8_t province);

/* First gap between phases or before the old CA's end: true and the first and last day of the n-th gap (R5.5 warns). */
bool rollout_gap(const struct campaign *c, int32_t n, int32_t *from, int32_t *to);
