/* Starts the rooms in the order they need each other: files, signers (forked before any thread), store, CMP, HTTPS. */
#include "server/app.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/os.h"
#include "server/routes.h"
#include "server/signing.h"
#include "service/site/devices_file.h"
#include "service/site/gaps.h"
#include "service/site/old_ca.h"
#include "store/audit.h"
#include "store/db.h"

_Static_assert(SERIAL_TEXT == 2 * SERIAL_MAX + 2, "a serial number fits into an answer");

#define STORE_READERS 4
#define READ_MS       3000  /* how long a caller waits for the database's answer */
#define WRITE_MS      8000  /* and the writer, whose commits may meet a slow disk */
#define AWAIT_MS      60000 /* how long a database server may be away at the start */
#define PAUSE_MS      4000
#define OTHER_FILES   128 /* open beside connections: database, helpers, log */
#define FEWEST        16  /* connections that are worth a server */
#define IDLE_S        15
#define BODY_S        30

/* A call that shows a certificate or a signature may come so many times as often as a guess: a branch office with its
   customers stands behind one address. */
#define CALLS_PER_LOOKUP 10

static enum rc open_signer(struct app *a) {
    struct signer_config cfg = signing_config(&a->site);
    cfg.socket = a->site.conf.signer_socket;
    return signer_open(&cfg, &a->signer); /* a wrong PIN keeps its code: see main.c */
}

static enum rc open_cmp(struct app *a) {
    TRY(responder_open(&a->site.conf, &a->responder));
    TRY(terms_read(&a->site.conf, &a->terms));
    const struct cmp_srv_config cfg = {.key = a->responder.key,
                                       .cert = buf_span(&a->responder.der),
                                       .new_ca = buf_span(&a->site.new_ca_der),
                                       .old_ca = buf_span(&a->site.old_ca_der),
                                       .implicit_confirm = a->site.campaign.implicit_confirm == IMPLICIT_ALLOW};
    return cmp_srv_open(&cfg, &a->cmp);
}

static enum rc open_limits(struct app *a) {
    const struct conf *c = &a->site.conf;

    TRY(limits_new(c->requests_per_minute, &a->lookups));
    TRY(limits_new(CALLS_PER_LOOKUP * c->requests_per_minute, &a->calls));
    TRY(queue_new(c->max_active, &a->queue));
    TRY(strangers_new(a->site.store, &a->strangers));
    a->router = (struct router){.table = routes,
                                .count = routes_count,
                                .max_body = (size_t)c->max_body,
                                .limits = {[RATE_LOOKUP] = a->lookups, [RATE_CALL] = a->calls},
                                .most = {[WAIT_STORE] = ROUTER_STORE, [WAIT_LOOK] = ROUTER_LOOK},
                                .metrics = &a->metrics,
                                .refused = &a->refused,
                                .app = a};
    return RC_OK;
}

/* A connection is an open file: more of them than the process may have would leave the listener trying for ever. */
static enum rc fit_connections(const struct conf *c, int *connections) {
    int files = os_files(c->max_connections + OTHER_FILES);
    char wanted[16], taken[16];

    *connections = c->max_connections;
    if (files >= c->max_connections + OTHER_FILES)
        return RC_OK;
    *connections = files - OTHER_FILES;
    if (*connections < FEWEST)
        FAIL(RC_LIMIT, "this process may open %d files: raise its limit (LimitNOFILE, ulimit -n) to %d at least", files,
             OTHER_FILES + FEWEST);
    (void)snprintf(wanted, sizeof wanted, "%d", c->max_connections);
    (void)snprintf(taken, sizeof taken, "%d", *connections);
    log_line(LOG_WARN, "fewer-connections", "wanted", wanted, "taken", taken, "text",
             "the limit of open files is too low for max_connections: raise it (LimitNOFILE, ulimit -n)", NULL);
    return RC_OK;
}

static enum rc open_http(struct app *a) {
    const struct conf *c = &a->site.conf;
    int connections;
    TRY(fit_connections(c, &connections));
    const struct http_config cfg = {.host = c->listen_host,
                                    .port = c->listen_port,
                                    .tls = c->tls,
                                    .max_connections = connections,
                                    /* neither one address nor one network may shut the others out */
                                    .max_per_address = (connections + 3) / 4,
                                    .max_per_block = (connections + 1) / 2,
                                    .idle_s = IDLE_S,
                                    .body_s = BODY_S,
                                    .admit = router_admit,
                                    .serve = router_serve,
                                    .done = router_done,
                                    .arg = &a->router};
    return http_start(&cfg, &a->http);
}

static enum rc start_body(struct tx *tx, void *arg) {
    const struct app *a = arg;
    char hash[2 * SHA256_LEN + 1];
    AUTO(jsonw) w = {0};

    sha256_hex(a->site.campaign_hash, hash);
    jsonw_object(&w, NULL);
    jsonw_str(&w, "campaign", hash);
    jsonw_str(&w, "version", CAPBU_VERSION);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return audit_put(tx, &(struct audit_event){"start", NULL, "capbud", buf_str(&w.out)});
}

static enum rc find_gaps(struct db *db, void *arg) {
    struct app *a = arg;
    return gaps_find(&a->site, db, NULL, false, &a->site.gaps);
}

static void tell_gap(void *arg, const char *text) {
    (void)arg;
    log_line(LOG_ERROR, "journal-differs", "text", text, NULL);
}

/* A database that was put back is served: nothing is issued for what it lacks, and everything else. A journal that was
   put back is completed first (vigil.c). The signers hold to the journal even where we cannot read it. */
static void compare_journal(struct app *a) {
    if (store_read(a->site.store, find_gaps, a) != RC_OK)
        log_line(LOG_ERROR, "journal-unread", "text", err_text(), NULL);
    gaps_say(a->site.gaps, tell_gap, NULL);
}

static enum rc touch(struct tx *tx, void *arg) {
    (void)arg;
    return audit_touch(tx);
}

/* After a power cut everything starts at once, and PostgreSQL may be the last. A signal to stop ends this as well
   (main.c). */
static enum rc await_store(struct app *a) {
    const int64_t until_ms = os_clock_ms() + AWAIT_MS;
    int64_t pause_ms = 250;
    bool told = false;

    for (;;) {
        enum rc rc = site_open_store(&a->site, STORE_READERS);
        if (rc != RC_BUSY || db_is_file(a->site.conf.database) || os_clock_ms() + pause_ms > until_ms)
            return rc;
        if (!told)
            log_line(LOG_WARN, "database-awaited", "text", err_text(), NULL);
        told = true;
        os_pause_ms(pause_ms);
        pause_ms = pause_ms * 2 < PAUSE_MS ? pause_ms * 2 : PAUSE_MS;
    }
}

/* Under which campaign file it judges from now on stands in the audit, before anything that it judges. An audit that
   was rewritten is not gone on with. */
static enum rc open_store(struct app *a) {
    TRY(await_store(a));
    TRY(store_hurry(a->site.store, READ_MS, WRITE_MS));
    TRY(old_ca_check(&a->site));
    compare_journal(a);
    a->linker = sealing_by(a->signer);
    a->opening = (struct write){.body = start_body, .arg = a, .now = conf_now(&a->site.conf)};
    store_link(a->site.store, &a->linker, &a->opening);
    enum rc rc = store_write(a->site.store, 0, touch, NULL);
    if (rc == RC_NETWORK)
        log_line(LOG_WARN, "not-recording", "text", err_text(), NULL); /* a signer service that is away comes back */
    return rc == RC_NETWORK ? RC_OK : rc;
}

/* Of the folder, not of the database: several servers over one PostgreSQL have a folder each. The helpers do not keep
   it (pki/signer/signer_helper.c closes what it inherits), so it goes with this process, however that ends. */
static enum rc claim_dir(struct app *a) {
    const char *dir = a->site.conf.dir;
    enum rc rc = fs_lock(dir, &a->claim);

    if (rc == RC_BUSY)
        FAIL(RC_BUSY, "another capbud serves %s: stop that one first, or make this one an installation of its own",
             dir);
    return rc;
}

static void tell_open(void *arg, const char *text) {
    (void)arg;
    log_line(LOG_WARN, "others-can-write", "text", text, NULL);
}

enum rc app_prepare(const char *dir, struct app *a) {
    *a = (struct app){.claim = -1, .started_ms = os_clock_ms()};
    published_open(&a->published);
    repeats_open(&a->refused, "code");
    TRY(digest_init());
    TRY(site_open(dir, &a->site));
    TRY(conf_kept(&a->site.conf));
    conf_open(&a->site.conf, tell_open, NULL);
    TRY(devices_file_check(a->site.conf.devices));
    TRY(claim_dir(a));
    return open_signer(a);
}

enum rc app_start(struct app *a) {
    TRY(open_store(a));
    TRY(vigil_start(&a->vigil, &a->site, a->signer));
    TRY(open_cmp(a));
    TRY(open_limits(a));
    TRY(recent_new(&a->recent));
    a->core = (struct reissue){&a->site, a->signer, &a->responder, a->recent};
    return open_http(a);
}

enum rc app_stop(struct app *a, int patience_ms) {
    atomic_store(&a->stopping, true);
    enum rc rc = http_drain(a->http, patience_ms);
    repeats_tell(&a->refused, INT64_MAX);
    enum rc told = strangers_tell(a->strangers, conf_now(&a->site.conf));
    return rc == RC_OK ? told : rc;
}

void app_free(struct app *a) {
    http_free(MOVE(a->http));
    vigil_stop(&a->vigil);
    cmp_srv_free(MOVE(a->cmp));
    responder_free(&a->responder);
    recent_free(MOVE(a->recent));
    queue_free(MOVE(a->queue));
    strangers_free(MOVE(a->strangers));
    limits_free(MOVE(a->lookups));
    limits_free(MOVE(a->calls));
    published_free(&a->published);
    repeats_close(&a->refused);
    site_free(&a->site); /* the store's last lines are sealed by the signer's parent */
    signer_free(MOVE(a->signer));
    fs_fd_free(&a->claim);
}
