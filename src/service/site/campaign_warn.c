/* What a campaign file may say, but an operator should look at: days in no phase, ends in vain, devices left behind. */
#include <stdio.h>

#include "base/day.h"
#include "rules/rollout.h"
#include "service/site/campaign_file.h"

/* The next free line of the list, NULL when it is full. */
static char *next_line(struct campaign_warnings *w) {
    if (w->count == CAMPAIGN_WARNINGS) {
        w->left_out++;
        return NULL;
    }
    return w->text[w->count++];
}

#define WARN(w, ...)                                                                                                   \
    do {                                                                                                               \
        char *line_ = next_line(w);                                                                                    \
        if (line_ != NULL)                                                                                             \
            snprintf(line_, sizeof(w)->text[0], __VA_ARGS__);                                                          \
    } while (0)

/* R5.5 */
static void warn_gaps(const struct campaign *c, struct campaign_warnings *w) {
    int32_t from, to;
    for (int32_t n = 0; rollout_gap(c, n, &from, &to); n++) {
        char first[DAY_TEXT], last[DAY_TEXT];
        day_format(from, first);
        day_format(to, last);
        if (from == to)
            WARN(w, "%s lies in no phase: what is open stays open", first);
        else
            WARN(w, "%s to %s lie in no phase: what is open stays open", first, last);
    }
}

static void warn_late(const struct campaign *c, struct campaign_warnings *w) {
    for (int32_t i = 0; i < c->phase_count; i++) {
        if (c->phases[i].from > c->expiry_day)
            WARN(w, "phase %s begins after expiry_day: it opens nothing", c->phases[i].id);
        else if (c->phases[i].to > c->expiry_day)
            WARN(w, "phase %s ends after expiry_day, when nothing is open any more", c->phases[i].id);
    }
    for (int32_t i = 0; i < c->goal_count; i++) {
        if (c->goals[i].by > c->expiry_day)
            WARN(w, "goal %s is due after expiry_day, when nothing can be done any more", c->goals[i].id);
    }
}

/* A device that a phase names, whatever the provinces. */
static bool opened(const struct campaign *c, enum device d) {
    for (int32_t i = 0; i < c->phase_count; i++) {
        if ((c->phases[i].devices >> d & 1) != 0)
            return true;
    }
    return false;
}

static void warn_left_behind(const struct campaign *c, struct campaign_warnings *w) {
    for (int d = DEVICE_V1; d < DEVICE_COUNT; d++) {
        if (!opened(c, (enum device)d))
            WARN(w, "no phase opens %s: its owners will be told that nothing is open for them",
                 device_name((enum device)d));
    }
}

/* R5.11 */
static void warn_revocation(const struct campaign *c, struct campaign_warnings *w) {
    if (c->revoke_superseded)
        WARN(w, "revoke_superseded: old certificates are revoked in the old CA's own system, from capbuctl export; "
                "this program does not do it");
}

/* R5.7; nothing is known of the new CA before its certificate is read. */
static void warn_useless_ca(const struct campaign *c, struct campaign_warnings *w) {
    if (c->new_ca_not_after == 0)
        return;
    if (day_of(c->new_ca_not_after, c->utc_offset) <= c->expiry_day)
        WARN(w, "the new CA certificate ends with expiry_day or before: nobody would gain a day, all are held");
    if (day_of(c->new_ca_not_before, c->utc_offset) > c->expiry_day)
        WARN(w, "the new CA certificate begins after expiry_day only: nothing can be issued in time");
}

void campaign_file_warn(const struct campaign *c, struct campaign_warnings *out) {
    *out = (struct campaign_warnings){0};
    warn_gaps(c, out);
    warn_late(c, out);
    warn_left_behind(c, out);
    warn_useless_ca(c, out);
    warn_revocation(c, out);
}
