/* Progress against the goals: counts by device, province, phase, channel or day, from one screening pass. */
#pragma once

#include "base/lang.h"
#include "rules/mark.h"
#include "service/issuing/screen.h"
#include "service/out_file.h"

enum report_by {
    REPORT_DEVICE,
    REPORT_PROVINCE,
    REPORT_PHASE,
    REPORT_CHANNEL,
    REPORT_DAY,
    REPORT_HOLDER,
    REPORT_BY_COUNT
};
const char *report_by_name(enum report_by by); /* "device" ... */
bool report_by_from(const char *name, enum report_by *by);

struct report_line {
    char key[96];  /* "v4", "79 Hồ Chí Minh", phase title, channel, day */
    int64_t order; /* lines are sorted by it */
    struct tally tally;
    int64_t refused;
    int64_t told[MARK_COUNT]; /* how many have told that system of the new certificate */
};

/* By channel, by day and by holder (who helped, in the order they first did) only what was issued is counted (owed =
   issued + done there): the channel of the consent, and the day of confirmation, or of issuing as long as it is not
   confirmed. */
struct report {
    enum report_by by;
    const struct provinces *provinces; /* borrowed: the site's */
    int64_t now;
    int64_t total;
    int64_t by_verdict[4]; /* enum verdict_kind */
    int64_t by_reason[REASON_COUNT];
    struct tally devices[DEVICE_COUNT];
    struct report_line *lines; /* heap: as many as there are days, holders … */
    int32_t line_count;
    struct report_place *places; /* until report_end: where each line is, by its key */
    size_t place_count;
    struct standing standings[CAMPAIGN_GOALS];
};
void report_free(struct report *r);

MUST enum rc report_run(struct site *s, enum report_by by, int64_t now, struct report *out);

/* The same in three steps, for who makes a screening pass anyway. */
void report_open(enum report_by by, const struct provinces *provinces, int64_t now, struct report *out);
MUST enum rc report_add(struct report *r, const struct campaign *c, const struct screened *v);
void report_end(struct report *r, const struct campaign *c);

/* The line of that key (service/ledger/report*.c only): a new one is all zero. It moves with the next one. */
MUST enum rc report_line_of(struct report *r, struct span key, struct report_line **line, bool *fresh);

/* Tables of a report: the headings and keys in both languages, and what stands beside these. */
enum report_column {
    REPORT_OWED,
    REPORT_DONE,
    REPORT_ISSUED,
    REPORT_HELD,
    REPORT_DONE_SELF,
    REPORT_REFUSED,
    REPORT_TOLD, /* and the others of rules/mark.h behind it */
    REPORT_COLUMNS = REPORT_TOLD + MARK_COUNT
};
const char *report_title(enum lang lang, enum report_by by);
const char *report_key(enum lang lang, const struct report *r, const struct report_line *l);
const char *report_column_name(enum lang lang, enum report_column c);
const char *report_total_name(enum lang lang, enum report_by by); /* of the sum of all lines */
int64_t report_cell(const struct report_line *l, enum report_column c);
struct report_line report_sum(const struct report *r); /* without a key */

/* How much of what is owed is done, in tenths of a percent, rounded down. -1: nothing is owed. */
int report_share(const struct report_line *l);

MUST enum rc report_csv(const struct report *r, enum lang lang, struct buf *out);
MUST enum rc report_json(const struct site *s, const struct report *r, struct buf *out); /* in no language */
MUST enum rc report_xlsx(const struct site *s, const struct report *r, enum lang lang, const char *path,
                         const struct out_rules *rules);
