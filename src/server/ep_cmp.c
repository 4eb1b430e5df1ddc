/* CMP over HTTP (RFC 6712): one message in, one out; what is issued and confirmed frees places in the waiting room. */
#include <stdio.h>

#include "base/os.h"
#include "server/app.h"
#include "server/ep.h"

struct cmp_call { /* the core's call first: its hooks get a pointer to it */
    struct reissue_call core;
    struct cmp_hooks hooks; /* the core's own */
    const struct request *q;
    struct app *app;
};

static enum rc stranger(const struct cmp_call *call, const char *code) {
    return strangers_note(call->app->strangers, code, &call->q->peer, "", call->core.now_ms / 1000, os_clock_ms());
}

static void cmp_call_free(struct cmp_call *c) {
    reissue_call_free(&c->core);
}

static enum rc on_reissue(void *arg, const struct cmp_kur *kur, struct cmp_answer *answer) {
    struct cmp_call *call = arg;
    struct metrics *m = &call->app->metrics;
    enum rc rc = call->hooks.reissue(&call->core, kur, answer);

    atomic_fetch_add(rc != RC_OK ? &m->failed : answer->granted ? &m->granted : &m->refused, 1);
    if (rc != RC_OK || answer->granted)
        return rc;
    if (!answer->proven)
        return stranger(call, answer->code);
    queue_leave(call->app->queue, call->core.old_serial);
    return RC_OK;
}

static enum rc on_refused(void *arg, struct span transaction, struct span serial, const char *code, const char *text) {
    struct cmp_call *call = arg;

    return serial.len > 0 ? call->hooks.refused(&call->core, transaction, serial, code, text) : stranger(call, code);
}

static enum rc on_confirm(void *arg, struct span transaction, struct span certificate, bool accepted, const char *text,
                          struct cmp_keep *keep) {
    struct cmp_call *call = arg;

    TRY(call->hooks.confirm(&call->core, transaction, certificate, accepted, text, keep));
    if (accepted)
        atomic_fetch_add(&call->app->metrics.confirmed, 1);
    queue_leave(call->app->queue, call->core.old_serial);
    return RC_OK;
}

enum rc ep_cmp(struct request *q, struct response *r) {
    struct app *app = q->app;
    AUTO(cmp_call) call = {.core = {.core = &app->core, .now_ms = conf_now_ms(&app->site.conf)}, .q = q, .app = app};
    char refusal[CMP_CODE] = "";
    AUTO(buf) out = {0};

    TRY(text_set(call.core.support_code, sizeof call.core.support_code, q->support_code));
    call.hooks = reissue_hooks(&call.core);
    struct cmp_hooks hooks = call.hooks;
    hooks.reissue = on_reissue;
    hooks.confirm = on_confirm;
    hooks.refused = on_refused;
    hooks.arg = &call;
    enum rc rc = cmp_srv_handle(app->cmp, buf_span(&q->body), call.core.now_ms / 1000, &hooks, &out, refusal);
    TRY(text_set(r->old_serial, sizeof r->old_serial, call.core.old_serial));
    if (rc != RC_OK && rc != RC_INPUT && rc != RC_LIMIT)
        return err_in(RC_BUSY, "CMP, %s", err_name(rc)); /* ours: nothing is lost, ask again */
    TRY(rc);
    response_ok(r, "application/pkixcmp", &out);
    return text_set(r->code, sizeof r->code, refusal);
}
