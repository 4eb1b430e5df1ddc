/* The whole CMP exchange against raw signing: subscribers wait in the middle of pki/cmp/cmp_cli.h while only the
   server's part, from a message's bytes to the answer's bytes, is on the clock. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "contests.h"
#include "pki/cmp/cmp_cli.h"
#include "pki/cmp/cmp_srv.h"
#include "syncs.h"

#define SUBSCRIBERS  measure_size(1200) /* a round */
#define CLIENT_STACK (256 * 1024)

struct exchange;

struct subscriber {
    struct exchange *exchange;
    struct person person;
    struct key *key;
    pthread_t thread;
    sem_t answered; /* the client may go on */
    struct buf message, answer;
    enum rc answer_rc;
    int64_t syncs[2]; /* of kur and certConf */
    struct cmp_result result;
    enum rc rc;
    char text[256];
};

struct exchange {
    const struct stage *stage;
    struct cmp_srv *server;
    struct subscriber *all;
    sem_t waiting; /* posted by every client that has a message ready, or has ended */
    int step;      /* 0: kur, 1: certConf */
};

static enum rc client_send(void *arg, struct span message, struct buf *answer) {
    struct subscriber *s = arg;
    TRY(buf_set(&s->message, message));
    sem_post(&s->exchange->waiting);
    while (sem_wait(&s->answered) != 0)
        ;
    TRY(s->answer_rc);
    return buf_set(answer, buf_span(&s->answer));
}

static enum rc client_install(void *arg, struct span certificate) {
    (void)arg, (void)certificate; /* cmp_cli has checked it, and keeps it for us */
    return RC_OK;
}

static void *client_run(void *arg) {
    struct subscriber *s = arg;
    const struct site *site = &s->exchange->stage->place->site;
    const struct cmp_cli cli = {.old_cert = buf_span(&s->person.old_der),
                                .key = s->key,
                                .new_ca = buf_span(&site->new_ca_der),
                                .now = conf_now(&site->conf),
                                .send = client_send,
                                .install = client_install,
                                .arg = s};
    s->rc = cmp_cli_run(&cli, &s->result);
    (void)snprintf(s->text, sizeof s->text, "%s", s->rc == RC_OK ? "" : err_text());
    sem_post(&s->exchange->waiting);
    return NULL;
}

static enum rc open_key(void *arg, int i) {
    struct exchange *x = arg;
    return person_key(&x->all[i].person, x->stage->place, &x->all[i].key);
}

static void wait_for_clients(struct exchange *x) {
    for (int i = 0; i < SUBSCRIBERS; i++)
        while (sem_wait(&x->waiting) != 0)
            ;
}

/* Each has begun before it sends its kur, and `begin` looks at the certificate (server/ep_begin.c). */
static enum rc begin(struct exchange *x, int i) {
    struct cert c;
    TRY(cert_parse(buf_span(&x->all[i].person.old_der), &c));
    ca_identify(site_cas(&x->stage->place->site), &c);
    return c.facts.signature_ok ? RC_OK : err_set(RC_BUG, "a certificate of the old CA does not hold");
}

/* Every client signs its kur and then stands still. */
static enum rc start_clients(struct exchange *x) {
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, CLIENT_STACK);
    for (int i = 0; i < SUBSCRIBERS; i++)
        if (pthread_create(&x->all[i].thread, &attr, client_run, &x->all[i]) != 0)
            FAIL(RC_LIMIT, "no thread for client %d", i);
    pthread_attr_destroy(&attr);
    wait_for_clients(x);
    return RC_OK;
}

static enum rc prepare(void *arg) {
    struct exchange *x = arg;
    struct person *people = calloc(SUBSCRIBERS, sizeof *people);
    if (people == NULL)
        FAIL(RC_LIMIT, "out of memory");
    enum rc rc = people_add(x->stage->people, x->stage->place, people, SUBSCRIBERS);
    for (int i = 0; i < SUBSCRIBERS; i++) {
        x->all[i] = (struct subscriber){.exchange = x, .person = people[i]};
        sem_init(&x->all[i].answered, 0, 0);
        rc = rc == RC_OK ? begin(x, i) : rc;
    }
    free(people);
    TRY(rc);
    x->step = 0;
    TRY(contest_crowd("prepare", yard_cores(), SUBSCRIBERS, open_key, x));
    return start_clients(x);
}

/* The measured work: as server/ep_cmp.c does. */
static enum rc serve(void *arg, int i) {
    struct exchange *x = arg;
    struct subscriber *s = &x->all[i];
    AUTO(reissue_call) call = {.core = &x->stage->place->core, .now_ms = conf_now_ms(&x->stage->place->site.conf)};
    struct cmp_hooks hooks = reissue_hooks(&call);
    int64_t mark = syncs_mark();
    buf_clear(&s->answer);
    s->answer_rc = cmp_srv_handle(x->server, buf_span(&s->message), call.now_ms / 1000, &hooks, &s->answer, NULL);
    s->syncs[x->step] = syncs_since(mark);
    return s->answer_rc;
}

static void hand_out(struct exchange *x) {
    for (int i = 0; i < SUBSCRIBERS; i++)
        sem_post(&x->all[i].answered);
    wait_for_clients(x); /* the next message of each, or its end */
}

static enum rc round_of(void *arg, struct lap laps[MEASURE_LAPS]) {
    struct exchange *x = arg;
    for (x->step = 0; x->step < 2; x->step++) {
        struct lap *own = &laps[1 + x->step];
        lap_start(&laps[0]);
        lap_start(own);
        enum rc rc = contest_crowd("measured", x->stage->threads, SUBSCRIBERS, serve, x);
        lap_stop(own, SUBSCRIBERS);
        lap_stop(&laps[0], x->step == 0 ? 0 : SUBSCRIBERS);
        hand_out(x);
        TRY(rc);
    }
    return RC_OK;
}

/* cmp_cli has checked signature, subject, key and issuer; the kur is durable after reservation, then
   certificate and kup. */
static enum rc check_one(const struct subscriber *s) {
    if (s->rc != RC_OK || !s->result.confirmed)
        FAIL(RC_BUG, "an exchange failed: %s", s->text);
    if (s->syncs[0] < 2 || s->syncs[1] < 1)
        FAIL(RC_BUG, "answered after %d and %d syncs, that is before it was durable", (int)s->syncs[0],
             (int)s->syncs[1]);
    return RC_OK;
}

static enum rc check(void *arg) {
    struct exchange *x = arg;
    enum rc rc = RC_OK;
    for (int i = 0; i < SUBSCRIBERS; i++) {
        struct subscriber *s = &x->all[i];
        pthread_join(s->thread, NULL);
        if (rc == RC_OK)
            rc = check_one(s);
        sem_destroy(&s->answered);
        cmp_result_free(&s->result);
        key_free(s->key);
        person_free(&s->person);
        buf_free(&s->message);
        buf_free(&s->answer);
    }
    return rc;
}

static enum rc yardstick(void *arg, double *per_second) {
    const struct exchange *x = arg;
    return yard_sign(x->stage->ca_key, per_second);
}

static enum rc open_server(struct exchange *x) {
    const struct site *s = &x->stage->place->site;
    const struct responder *r = &x->stage->place->responder;
    const struct cmp_srv_config cfg = {.key = r->key,
                                       .cert = buf_span(&r->der),
                                       .new_ca = buf_span(&s->new_ca_der),
                                       .old_ca = buf_span(&s->old_ca_der)};
    return cmp_srv_open(&cfg, &x->server);
}

enum rc contest_exchange(const struct stage *stage, struct outcome *out) {
    struct exchange x = {.stage = stage, .all = calloc(SUBSCRIBERS, sizeof *x.all)};
    if (x.all == NULL)
        FAIL(RC_LIMIT, "out of memory");
    sem_init(&x.waiting, 0, 0);
    const struct contest c = {prepare, round_of, check, yardstick, &x, 3};
    enum rc rc = place_fresh_store(stage->place, "exchange.db");
    measure_helpers(getpid());
    if (rc == RC_OK)
        rc = open_server(&x);
    if (rc == RC_OK)
        rc = measure_run(&c, out);
    cmp_srv_free(x.server);
    sem_destroy(&x.waiting);
    free(x.all);
    return rc;
}
