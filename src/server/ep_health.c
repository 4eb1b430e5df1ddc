/* Is the process alive, and can it do its work: for load balancers, service managers and people. */
#include "server/answer.h"
#include "server/app.h"
#include "server/ep.h"

enum rc ep_health(struct request *q, struct response *r) {
    AUTO(jsonw) w = {0};
    (void)q;

    jsonw_object(&w, NULL);
    jsonw_str(&w, "status", "ok");
    jsonw_close(&w, '}');
    return answer_json(r, &w);
}

/* Each of them stops all issuing. */
static bool put_reasons(struct jsonw *w, struct app *app, int64_t now) {
    const struct {
        bool holds;
        const char *text;
    } all[] = {{atomic_load(&app->stopping), "stopping"},
               {signer_alive(app->signer) == 0, "no signer helper is alive: restart capbud"},
               {store_ping(app->site.store) != RC_OK, "the database cannot be written"},
               {now < app->site.campaign.new_ca_not_before, "the new CA is not valid yet"},
               {now > app->site.campaign.new_ca_not_after, "the new CA has expired"}};
    bool any = false;

    jsonw_array(w, "reasons");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].holds) {
            jsonw_str(w, NULL, all[i].text);
            any = true;
        }
    jsonw_close(w, ']');
    return any;
}

/* Worth knowing, but the server still does what it is for. */
static void put_notes(struct jsonw *w, struct app *app, int64_t now) {
    const struct campaign *c = &app->site.campaign;

    jsonw_array(w, "notes");
    if (day_of(now, c->utc_offset) > c->expiry_day)
        jsonw_str(w, NULL, "the campaign has ended: nothing is open any more");
    if (signer_alive(app->signer) < app->site.conf.signers)
        jsonw_str(w, NULL, "signer helpers have died: restart capbud when convenient");
    if (app->site.conf.drill)
        jsonw_str(w, NULL, "drill");
    jsonw_close(w, ']');
}

enum rc ep_ready(struct request *q, struct response *r) {
    int64_t now = conf_now(&q->app->site.conf);
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    bool not_ready = put_reasons(&w, q->app, now);
    put_notes(&w, q->app, now);
    jsonw_bool(&w, "ready", !not_ready);
    jsonw_instant(&w, "server_time", now);
    jsonw_close(&w, '}');
    TRY(answer_json(r, &w));
    if (not_ready) {
        r->status = 503;
        response_header(r, "Retry-After", "5");
    }
    return RC_OK;
}
