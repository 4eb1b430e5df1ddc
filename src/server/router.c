/* Finds the route, refuses what does not fit it, calls its handler, and writes one log line a request, of refusals the
   first of each minute. */
#include "server/router.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/lang.h"
#include "base/log.h"
#include "base/os.h"
#include "server/http/http.h"
#include "server/problem.h"

static bool takes(const struct route *route, const char *method) {
    return strcmp(route->method, method) == 0 || (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static bool is_at(const char *pattern, const char *path) {
    for (; *pattern != '\0'; pattern++) {
        size_t len = *pattern == '*' ? strcspn(path, "/") : *path == *pattern;
        if (len == 0)
            return false;
        path += len;
    }
    return *path == '\0';
}

/* Sets q->route; else refuses: 404, or 405 with the methods that the path does take (RFC 9110 section 15.5.6). */
static void find(const struct router *t, struct request *q, struct response *r) {
    char allow[64] = "";

    for (size_t i = 0; i < t->count; i++) {
        const struct route *route = &t->table[i];
        if (!is_at(route->path, q->path))
            continue;
        if (takes(route, q->method)) {
            q->route = route;
            return;
        }
        size_t used = strlen(allow);
        snprintf(allow + used, sizeof allow - used, "%s%s%s", used == 0 ? "" : ", ", route->method,
                 strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
    }
    if (allow[0] == '\0') {
        problem_set(q, r, PROBLEM_NOT_FOUND, NULL);
    } else {
        problem_set(q, r, PROBLEM_METHOD, NULL);
        response_header(r, "Allow", allow);
    }
}

/* Compares the media type only: "application/json; charset=utf-8" is application/json. */
static bool type_fits(const char *wanted, const char *given) {
    size_t len = strlen(wanted);
    return strncasecmp(given, wanted, len) == 0 && (given[len] == '\0' || strchr("; \t", given[len]) != NULL);
}

static void check_body(const struct router *t, struct request *q, struct response *r) {
    const struct route *route = q->route;
    char detail[96];

    q->body_limit = route->body_limit < t->max_body ? route->body_limit : t->max_body;
    if (route->type != NULL && !type_fits(route->type, q->content_type)) {
        snprintf(detail, sizeof detail, "Content-Type: %s", route->type);
        problem_set(q, r, PROBLEM_CONTENT_TYPE, detail);
    } else if (q->content_length > (int64_t)q->body_limit) {
        problem_set(q, r, PROBLEM_TOO_LARGE, NULL);
    }
}

static void check_rate(const struct router *t, enum rate rate, struct request *q, struct response *r) {
    struct limits *l = t->limits[rate];
    int wait = l == NULL ? 0 : limits_take(l, q->peer.limited_by, os_clock_ms());

    if (wait > 0) {
        problem_set(q, r, PROBLEM_TOO_MANY, NULL);
        problem_retry(r, wait);
    }
}

/* Sets q->route, or refuses. */
static void look(const struct router *t, struct request *q, struct response *r) {
    if (q->head_large)
        problem_set(q, r, PROBLEM_HEAD_TOO_LARGE, NULL);
    else if (strlen(q->path) > PATH_LENGTH)
        problem_set(q, r, PROBLEM_PATH_TOO_LONG, NULL);
    else if (q->head_bad)
        problem_set(q, r, PROBLEM_BAD_REQUEST,
                    "the head: Host and length must be said once, in one way, and no name or path be broken");
    else if (q->query_bad)
        problem_set(q, r, PROBLEM_BAD_REQUEST, "the query: a parameter twice, a NUL in one, or more than 8 of them");
    else
        find(t, q, r);
}

void router_admit(void *arg, struct request *q, struct response *r) {
    const struct router *t = arg;
    bool again = q->route != NULL; /* its call is counted */

    q->app = t->app;
    q->lang = lang_from_header(q->accept_language);
    /* One code for a whole run of the subscriber's program; whoever sends none, or a misread one, gets one. */
    if (q->caller_code == NULL || support_code_parse(q->caller_code, q->support_code) != RC_OK)
        support_code_make(q->support_code);
    look(t, q, r);
    if (!again) /* what is refused is a call too: nobody may ask for nothing without end */
        check_rate(t, r->status == 0 ? q->route->rate : RATE_CALL, q, r);
    if (r->status == 0)
        check_body(t, q, r);
    r->early = r->status != 0;
}

/* false: so many wait for the same that this one must not. */
static bool wait_begin(struct router *t, enum wait what) {
    int before = atomic_fetch_add(&t->waiting[what], 1);

    if (t->most[what] == 0 || before < t->most[what])
        return true;
    atomic_fetch_sub(&t->waiting[what], 1);
    return false;
}

void router_serve(void *arg, struct request *q, struct response *r) {
    struct router *t = arg;
    enum wait wait = q->route->wait;

    if (q->body_state == BODY_TOO_LONG) {
        problem_set(q, r, PROBLEM_TOO_LARGE, NULL);
        return;
    }
    if (!wait_begin(t, wait)) {
        problem_set(q, r, PROBLEM_UNAVAILABLE, NULL);
        r->early = true;
        return;
    }
    enum rc rc = q->route->handler(q, r);
    atomic_fetch_sub(&t->waiting[wait], 1);
    if (rc != RC_OK)
        problem_from(q, r, rc);
}

static const char *or_null(const char *text) {
    return text[0] == '\0' ? NULL : text;
}

/* A refusal before any handler may come as fast as bytes do: its line is one of some a minute. What handlers refuse
   people ask about, and its rate is limited. */
static bool is_told(const struct router *t, const struct response *r, int64_t *untold) {
    int64_t now_ms = os_clock_ms();

    *untold = 0;
    if (t->refused == NULL)
        return true;
    repeats_tell(t->refused, now_ms);
    return !r->early || repeats_take(t->refused, "request", r->code, now_ms, untold);
}

/* Never the query: it holds a tax code. A path is logged only when it is one of ours. */
void router_done(void *arg, const struct request *q, const struct response *r, int64_t ms) {
    const struct router *t = arg;
    size_t row = q->route == NULL ? METRICS_ROUTES - 1 : (size_t)(q->route - t->table);
    char method[12], status[12], took[24], repeated[24];
    int64_t untold;

    metrics_count(t->metrics, row, r->status);
    if (!is_told(t, r, &untold))
        return;
    snprintf(repeated, sizeof repeated, "%" PRId64, untold);
    snprintf(status, sizeof status, "%d", r->status);
    snprintf(method, sizeof method, "%s", q->method);
    snprintf(took, sizeof took, "%" PRId64, ms);
    log_line(r->status >= 500 ? LOG_WARN : LOG_INFO, "request", "method", method, "path",
             q->route == NULL ? "(unknown)" : q->route->path, "status", status, "ms", took, "support_code",
             q->support_code, "code", or_null(r->code), "old_serial", or_null(r->old_serial), "repeated",
             untold > 0 ? repeated : NULL, NULL);
}
