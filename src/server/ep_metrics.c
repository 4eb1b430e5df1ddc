/* /metrics in the text format of Prometheus. */
#include <stdio.h>

#include "base/os.h"

#include "server/app.h"
#include "server/ep.h"
#include "server/routes.h"

static enum rc put_answers(struct buf *out, struct metrics *m) {
    char labels[160];

    TRY(metrics_head(out, "capbu_requests_total", "counter", "Requests by route and status; 499: the caller left."));
    for (size_t row = 0; row < METRICS_ROUTES; row++) {
        for (size_t i = 0; i < METRICS_STATUSES; i++) {
            int status = atomic_load(&m->answers[row][i].status);
            if (status == 0)
                break;
            snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\",status=\"%d\"",
                     row < routes_count ? routes[row].method : "", row < routes_count ? routes[row].path : "", status);
            TRY(metrics_line(out, "capbu_requests_total", labels, atomic_load(&m->answers[row][i].count)));
        }
    }
    return RC_OK;
}

static enum rc put_renewals(struct buf *out, struct metrics *m) {
    const char *name = "capbu_renewals_total";

    TRY(metrics_head(out, name, "counter", "Answers to renewal requests since the start, repeats included."));
    TRY(metrics_line(out, name, "outcome=\"granted\"", atomic_load(&m->granted)));
    TRY(metrics_line(out, name, "outcome=\"refused\"", atomic_load(&m->refused)));
    TRY(metrics_line(out, name, "outcome=\"failed\"", atomic_load(&m->failed)));
    return metrics_line(out, name, "outcome=\"confirmed\"", atomic_load(&m->confirmed));
}

static enum rc put_gauge(struct buf *out, const char *name, const char *help, long long value) {
    TRY(metrics_head(out, name, "gauge", help));
    return metrics_line(out, name, "", value);
}

enum rc ep_metrics(struct request *q, struct response *r) {
    struct app *app = q->app;
    int64_t now_ms = os_clock_ms();
    int active, waiting;
    struct signer_health signers;
    AUTO(buf) out = {0};

    signer_look(app->signer, &signers);
    queue_count(app->queue, now_ms, &active, &waiting);
    TRY(put_answers(&out, &app->metrics));
    TRY(put_renewals(&out, &app->metrics));
    TRY(put_gauge(&out, "capbu_renewals_active", "Renewals that have been told to go.", active));
    TRY(put_gauge(&out, "capbu_renewals_waiting", "Renewals in the waiting room.", waiting));
    TRY(put_gauge(&out, "capbu_signer_helpers", "Signer helpers alive.", signers.alive));
    TRY(put_gauge(&out, "capbu_signer_helpers_wanted", "Signer helpers when all is well.", signers.wanted));
    TRY(metrics_head(&out, "capbu_signer_restarts_total", "counter", "Signer helpers started in place of others."));
    TRY(metrics_line(&out, "capbu_signer_restarts_total", "", signers.restarts));
    TRY(put_gauge(&out, "capbu_uptime_seconds", "Since the start.", (now_ms - app->started_ms) / 1000));
    response_ok(r, "text/plain; version=0.0.4", &out);
    return RC_OK;
}
