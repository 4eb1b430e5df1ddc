/* What has happened since the start, counted for Prometheus. */
#pragma once

#include <stdatomic.h>

#include "base/buf.h"

#define METRICS_ROUTES   24 /* the table's rows, and one for "none of them" */
#define METRICS_STATUSES 32 /* different statuses we answer with */

struct metrics { /* zero-initialised is ready; thread-safe */
    struct {
        atomic_int status; /* 0: free */
        atomic_llong count;
    } answers[METRICS_ROUTES][METRICS_STATUSES];
    atomic_llong granted, refused, failed, confirmed; /* renewals */
};

/* `route` is the row in the table, METRICS_ROUTES - 1 for none; status 0: the caller went away. */
void metrics_count(struct metrics *m, size_t route, int status);

/* Appends one line "name{labels} value"; `labels` may be "". */
MUST enum rc metrics_line(struct buf *out, const char *name, const char *labels, long long value);

/* Appends "# HELP" and "# TYPE". */
MUST enum rc metrics_head(struct buf *out, const char *name, const char *type, const char *help);
