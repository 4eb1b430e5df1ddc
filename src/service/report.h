/* Progress against the goals: counts by device, province, phase, channel or day, from one screening pass. */
#pragma once

#include "service/screen.h"

enum report_by { REPORT_DEVICE, REPORT_PROVINCE, REPORT_PHASE, REPORT_CHANNEL, REPORT_DAY };

struct report_line {
    char key[96]; /* "v4", "79 Hồ Chí Minh", phase title, channel, day */
    struct tally tally;
    int64_t refused;
};
#define REPORT_LINES 2048

struct report {
    int64_t total;
    int64_t by_verdict[4]; /* enum verdict_kind */
    int64_t by_reason[REASON_COUNT];
    struct tally devices[DEVICE_COUNT];
    struct report_line *lines; /* heap */
    int32_t line_count;
    struct standing standings[CAMPAIGN_GOALS];
};
void report_free(struct report *r);

MUST enum rc report_run(struct site *s, enum report_by by, int64_t now, struct report *out);
MUST enum rc report_csv(const struct report *r, struct buf *out);
MUST enum rc report_json(const struct site *s, const struct report *r, struct buf *out);
MUST enum rc report_xlsx(const struct report *r, const char *path); /* report_xlsx.c alone knows libxlsxwriter */
