/* What the server says to the subscriber's program itself: supported versions, and the published token models. */
#include "server/answer.h"
#include "server/app.h"
#include "server/ep.h"

void ep_client_put(struct jsonw *w, struct app *app, int64_t now) {
    const struct conf *c = &app->site.conf;
    int64_t devices = published_version(&app->published, app->site.store, now);

    jsonw_text(w, "client_minimum", c->client_min_version);
    jsonw_text(w, "client_latest", c->client_latest_version);
    jsonw_text(w, "client_download", c->client_download);
    jsonw_text(w, "hotline", app->site.campaign.hotline); /* R4.1 */
    jsonw_text(w, "issuer_name", app->site.campaign.issuer_name);
    jsonw_text(w, "branch", app->site.campaign.branch);
    jsonw_str(w, "programme", app->site.campaign.title);
    jsonw_str(w, "letter", app->site.campaign.letter);
    if (devices == 0)
        jsonw_null(w, "devices_version");
    else
        jsonw_int(w, "devices_version", devices);
}

enum rc ep_client(struct request *q, struct response *r) {
    int64_t now = conf_now(&q->app->site.conf);
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    ep_client_put(&w, q->app, now);
    jsonw_instant(&w, "server_time", now);
    jsonw_b64(&w, "issuer", buf_span(&q->app->site.new_ca_der));
    jsonw_close(&w, '}');
    return answer_json(r, &w);
}

enum rc ep_devices(struct request *q, struct response *r) {
    AUTO(buf) der = {0};

    TRY(published_get(&q->app->published, q->app->site.store, &der));
    response_ok(r, "application/cms", &der);
    return RC_OK;
}
