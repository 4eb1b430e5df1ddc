/* Is the process alive, and can it do its work: for load balancers, service managers and people. */
#include "server/answer.h"
#include "server/app.h"
#include "server/ep.h"
#include "service/site/gaps.h"

#define DATABASE_MS 1000 /* who asks wants to know now */

enum rc ep_health(struct request *q, struct response *r) {
    AUTO(jsonw) w = {0};
    (void)q;

    jsonw_object(&w, NULL);
    jsonw_str(&w, "status", "ok");
    jsonw_close(&w, '}');
    return answer_json(r, &w);
}

/* For everybody to read: what the key's opening said stands in the log. */
static const char *signers_say(const struct signer_health *h, bool none) {
    switch (h->rc) {
    case RC_OK:
        return none ? "no signer helper is alive: one is being started"
                    : "signer helpers have died and are being replaced";
    case RC_PIN_WRONG:
    case RC_PIN_LOCKED:
        return none ? "no signer helper is alive: the PIN of the CA key is refused, and not tried again by itself"
                    : "signer helpers are missing: the PIN of the CA key is refused, and not tried again by itself";
    case RC_NETWORK:
        return "no signer helper is alive: the signer service is away";
    case RC_BUG:
        return "no signer helper is alive: capbud ends, to be started again";
    default:
        return none ? "no signer helper is alive: see the log" : "signer helpers are missing: see the log";
    }
}

/* NULL: it takes writes. */
static const char *database_says(struct app *app) {
    switch (store_ping(app->site.store, DATABASE_MS)) {
    case RC_OK:
        return NULL;
    case RC_BUSY:
        return "the database does not answer in time";
    case RC_LIMIT:
        return "the disk of the database is nearly full";
    case RC_NETWORK:
        return "nothing can be recorded: who seals the audit, the signers' parent, is away or silent";
    case RC_DB:
        return "the database cannot be written, or its audit was rewritten: see capbuctl audit verify";
    default:
        return "the database cannot be written";
    }
}

/* Those certificates of ours that are in this state; false: none. */
static bool put_terms(struct jsonw *w, struct app *app, enum term_state state) {
    char text[TERMS_TEXT];
    bool any = false;

    for (enum term which = 0; which < TERM_COUNT; which++)
        if (terms_look(&app->terms, which, terms_now(&app->site.conf, which), text) == state) {
            jsonw_str(w, NULL, text);
            any = true;
        }
    return any;
}

/* Each of them stops all issuing. */
static bool put_reasons(struct jsonw *w, struct app *app, const struct signer_health *h, int64_t now) {
    const char *database = database_says(app);
    const struct {
        bool holds;
        const char *text;
    } all[] = {{atomic_load(&app->stopping), "stopping"},
               {h->alive == 0, signers_say(h, true)},
               {h->unwritten, "nothing can be signed: the journal of what is signed cannot be written, see the log"},
               {gaps_unsealed(app->site.gaps) > 0, CATCHUP_BEHIND "; if it stays so, see the log"},
               {database != NULL, database},
               {!key_signs(app->responder.key), "the key of the CMP answers does not sign: see the log"},
               {now < app->site.campaign.new_ca_not_before, "the new CA is not valid yet"},
               {now > app->site.campaign.new_ca_not_after, "the new CA has expired"}};
    bool any = false;

    jsonw_array(w, "reasons");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].holds) {
            jsonw_str(w, NULL, all[i].text);
            any = true;
        }
    any |= put_terms(w, app, TERM_OUT);
    jsonw_close(w, ']');
    return any;
}

/* Worth knowing, but the server still does what it is for. */
static void put_notes(struct jsonw *w, struct app *app, const struct signer_health *h, int64_t now) {
    const struct campaign *c = &app->site.campaign;

    jsonw_array(w, "notes");
    if (day_of(now, c->utc_offset) > c->expiry_day)
        jsonw_str(w, NULL, "the campaign has ended: nothing is open any more");
    if (h->alive > 0 && h->alive < h->wanted)
        jsonw_str(w, NULL, signers_say(h, false));
    (void)put_terms(w, app, TERM_ENDING);
    if (gaps_open(app->site.gaps) > 0)
        jsonw_str(w, NULL, "certificates are missing that were signed: see the log, and capbuctl recover");
    if (app->site.conf.drill)
        jsonw_str(w, NULL, "drill");
    jsonw_close(w, ']');
}

enum rc ep_ready(struct request *q, struct response *r) {
    int64_t now = conf_now(&q->app->site.conf);
    struct signer_health signers;
    AUTO(jsonw) w = {0};

    signer_look(q->app->signer, &signers);
    jsonw_object(&w, NULL);
    bool not_ready = put_reasons(&w, q->app, &signers, now);
    put_notes(&w, q->app, &signers, now);
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
