/* What is open on a day (R3): every phase that has begun opens its devices, channels and provinces, and none closes
 * what another has opened (R5.5, R5.6). */
#include "rules/rollout.h"

#include "base/day.h"

static bool concerns(const struct phase *p, enum device device, uint8_t province) {
    return (p->devices >> device & 1) != 0 && province_in(&p->provinces, province);
}

int32_t rollout_phase_of(const struct campaign *c, enum device device, uint8_t province) {
    int32_t first = -1;
    for (int32_t i = 0; i < c->phase_count; i++) {
        const struct phase *p = &c->phases[i];
        if (concerns(p, device, province) && (first < 0 || p->from < c->phases[first].from))
            first = i;
    }
    return first;
}

struct plan { /* of one device in one province, by channel */
    int32_t opens_on[CHANNEL_COUNT];
    int32_t halted_on[CHANNEL_COUNT]; /* when a phase that is halted would open it */
    uint32_t named;                   /* by any phase */
};

static void add_phase(struct plan *plan, const struct phase *p, enum phase_switch s, int32_t day) {
    int32_t from = s == PHASE_OPENED && p->from > day ? day : p->from; /* what is open is never said to open later */
    int32_t *first = s == PHASE_HALTED ? plan->halted_on : plan->opens_on;
    plan->named |= p->channels;
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        if ((p->channels >> i & 1) != 0 && (first[i] == DAY_NONE || from < first[i]))
            first[i] = from;
    }
}

/* Is what opens it next halted? What another phase has opened already is not. */
static bool waits(int32_t halted_on, int32_t opens_on, int32_t day) {
    if (halted_on == DAY_NONE)
        return false;
    return opens_on == DAY_NONE || (opens_on > day && halted_on < opens_on);
}

static void take_plan(struct opening *o, const struct plan *plan, int32_t day) {
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        o->by[i].opens_on = plan->opens_on[i];
        o->by[i].halted = waits(plan->halted_on[i], plan->opens_on[i], day);
        if (plan->opens_on[i] != DAY_NONE && plan->opens_on[i] <= day)
            o->channels |= 1u << i;
    }
    o->open = o->channels != 0;
}

/* Self-care where it is among them; else the one that opens first. */
static enum channel speaks_for(const struct opening *o, uint32_t channels) {
    enum channel first = CHANNEL_SELF;
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        if ((channels >> i & 1) == 0)
            continue;
        if (i == CHANNEL_SELF)
            return CHANNEL_SELF;
        int32_t on = o->by[i].opens_on;
        if (first == CHANNEL_SELF ||
            (on != DAY_NONE && (o->by[first].opens_on == DAY_NONE || on < o->by[first].opens_on)))
            first = (enum channel)i;
    }
    return first;
}

struct opening rollout_by(const struct opening *o, enum channel channel) {
    struct opening by = *o;
    by.open = (o->channels >> channel & 1) != 0;
    by.halted = o->by[channel].halted;
    by.opens_on = o->by[channel].opens_on;
    return by;
}

struct opening rollout_check(const struct campaign *c, const struct phase_switches *s, enum device device,
                             uint8_t province, int32_t day) {
    struct opening o = {.phase = rollout_phase_of(c, device, province)};
    struct plan plan = {.named = 0};
    for (int i = 0; i < CHANNEL_COUNT; i++)
        plan.opens_on[i] = plan.halted_on[i] = DAY_NONE;
    for (int32_t i = 0; i < c->phase_count; i++) {
        if (concerns(&c->phases[i], device, province))
            add_phase(&plan, &c->phases[i], s->of[i], day);
    }
    take_plan(&o, &plan, day);
    enum channel first = speaks_for(&o, o.open ? o.channels : plan.named);
    o.halted = o.by[first].halted;
    o.opens_on = o.by[first].opens_on;
    if (day > c->expiry_day) { /* the old CA is over: so is the campaign */
        o.open = o.halted = false;
        o.channels = 0;
        for (int i = 0; i < CHANNEL_COUNT; i++)
            o.by[i].halted = false;
    }
    return o;
}

/* The last day up to which, from `day` on, every day lies in some phase; day - 1 when `day` lies in none. */
static int32_t covered_to(const struct campaign *c, int32_t day) {
    int32_t last = day - 1;
    for (int32_t i = 0; i < c->phase_count; i++) {
        if (c->phases[i].from <= last + 1 && c->phases[i].to > last) {
            last = c->phases[i].to;
            i = -1; /* a phase listed before may go on from here */
        }
    }
    return last;
}

/* The first day of a phase that begins on `day` or later; the day after the old CA's end when there is none. */
static int32_t next_start(const struct campaign *c, int32_t day) {
    int32_t next = c->expiry_day + 1;
    for (int32_t i = 0; i < c->phase_count; i++) {
        if (c->phases[i].from >= day && c->phases[i].from < next)
            next = c->phases[i].from;
    }
    return next;
}

bool rollout_gap(const struct campaign *c, int32_t n, int32_t *from, int32_t *to) {
    int32_t start = next_start(c, INT32_MIN);
    for (; start <= c->expiry_day; n--) {
        int32_t last = covered_to(c, start);
        if (last >= c->expiry_day)
            return false;
        start = next_start(c, last + 1);
        if (n == 0) {
            *from = last + 1;
            *to = start - 1;
            return true;
        }
    }
    return false;
}
