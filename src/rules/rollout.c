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

/* Adds what one phase that concerns the case opens on `day`. */
static void add_phase(struct opening *o, const struct phase *p, enum phase_switch s, int32_t day) {
    bool early = s == PHASE_OPENED && p->from > day;
    bool begun = early || p->from <= day;
    if (s == PHASE_HALTED) {
        o->halted = o->halted || begun;
        return;
    }
    int32_t from = early ? day : p->from; /* what is open is never said to open later */
    if (o->opens_on == DAY_NONE || from < o->opens_on)
        o->opens_on = from;
    if (begun) {
        o->open = true;
        o->channels |= p->channels;
    }
}

struct opening rollout_check(const struct campaign *c, const struct phase_switches *s, enum device device,
                             uint8_t province, int32_t day) {
    struct opening o = {.phase = rollout_phase_of(c, device, province), .opens_on = DAY_NONE};
    for (int32_t i = 0; i < c->phase_count; i++) {
        if (concerns(&c->phases[i], device, province))
            add_phase(&o, &c->phases[i], s->of[i], day);
    }
    if (o.open)
        o.halted = false;
    if (day > c->expiry_day) { /* the old CA is over: so is the campaign */
        o.open = false;
        o.halted = false;
        o.channels = 0;
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
