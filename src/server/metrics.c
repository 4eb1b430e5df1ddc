/* Counters without locks: a status takes a free slot of its route the first time it is seen. */
#include "server/metrics.h"

void metrics_count(struct metrics *m, size_t route, int status) {
    size_t row = route < METRICS_ROUTES ? route : METRICS_ROUTES - 1;

    if (status == 0)
        status = 499; /* the caller went away before the answer: the number that web servers use for it */
    for (size_t i = 0; i < METRICS_STATUSES; i++) {
        int taken = 0;
        if (atomic_compare_exchange_strong(&m->answers[row][i].status, &taken, status) || taken == status) {
            atomic_fetch_add(&m->answers[row][i].count, 1);
            return;
        }
    }
}

enum rc metrics_line(struct buf *out, const char *name, const char *labels, long long value) {
    if (labels[0] == '\0')
        return buf_printf(out, "%s %lld\n", name, value);
    return buf_printf(out, "%s{%s} %lld\n", name, labels, value);
}

enum rc metrics_head(struct buf *out, const char *name, const char *type, const char *help) {
    return buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}
