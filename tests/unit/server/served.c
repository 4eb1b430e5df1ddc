/* A whole installation that serves over TLS, with real signers, store and CMP; and calls to it. */
#include "served.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "pki/journal/signed_journal.h"

struct app app;
struct world inst;
static char anchor[PATH_CAP];

static void write_cmp(void) {
    AUTO_PTR(key) k = NULL;
    AUTO(buf) der = {0};
    char path[PATH_CAP];

    world_path(&inst, "cmp.key", path);
    MUST_OK(key_make_file(path, 0, &k));
    MUST_OK(mint_cmp(inst.pki.new_key, ca_cert(inst.pki.new_ca), k, DRILL_NOW - 60, NEW_CA_TO, &der));
    pki_world_put(&inst.pki, "cmp.pem", buf_span(&der));
}

static void write_conf(void) {
    AUTO(buf) text = {0};

    MUST_OK(buf_printf(&text,
                       "listen = \"127.0.0.1:0\"\nold_ca = \"old.pem\"\nnew_ca = \"new.pem\"\nca_key = \"new.key\"\n"
                       "drill = true\nclock_offset = %ld\ncampaign = \"%s/campaign.conf\"\ndevices = "
                       "\"%s/devices.conf\"\nmax_active = 1\n"
                       "client_min_version = \"0.2\"\nrequests_per_minute = 400\n",
                       (long)(DRILL_NOW - time(NULL)), getenv("CAPBU_CONF"), getenv("CAPBU_CONF")));
    world_write(&inst, CONF_NAME, buf_str(&text));
}

static void make_journal(const char *seal_path) {
    char path[PATH_CAP];
    AUTO_PTR(seal) seal = NULL;
    AUTO_PTR(journal_book) none = NULL;

    world_path(&inst, "signed.journal", path);
    MUST_OK(seal_open(seal_path, &seal));
    MUST_OK(journal_book_new(&none));
    MUST_OK(signed_journal_make(path, seal, none));
}

int served_open(void) {
    char database[PATH_CAP], seal[PATH_CAP];

    pki_world_open(&inst.pki);
    write_cmp();
    write_conf();
    world_path(&inst, "tls.pem", anchor);
    https_make_tls(anchor);
    world_path(&inst, "capbu.db", database);
    world_make_key(&inst, seal);
    world_make_store(seal, database);
    make_journal(seal);
    MUST_OK(app_prepare(inst.pki.dir, &app));
    MUST_OK(app_start(&app));
    inst.site = app.site;
    return 0;
}

int served_close(void **state) {
    (void)state;
    enum rc rc = app_stop(&app, 3000);
    assert_true(rc == RC_OK || rc == RC_NETWORK); /* a test has killed who seals */
    app_free(&app);
    pki_world_free(&inst.pki);
    return 0;
}

static struct https_call judge(struct https_call c, long status) {
    https_check(&c);
    if (c.status != status)
        fail_msg("%s %s: status %ld, not %ld: %s", c.method, c.path, c.status, status, buf_str(&c.body));
    return c;
}

struct https_call ask(struct https_call c, long status) {
    https_run(http_port(app.http), anchor, &c);
    return judge(c, status);
}

void has(const struct https_call *c, const char *part) {
    if (strstr(buf_str(&c->body), part) == NULL)
        fail_msg("%s %s: %s lacks %s", c->method, c->path, buf_str(&c->body), part);
}

void lacks(const struct https_call *c, const char *part) {
    if (strstr(buf_str(&c->body), part) != NULL)
        fail_msg("%s %s: %s has %s", c->method, c->path, buf_str(&c->body), part);
}

struct https_call post_any(const char *path, struct span certificate, const char *more) {
    AUTO(buf) text = {0};

    MUST_OK(buf_add_str(&text, "{\"certificate\":\""));
    MUST_OK(b64_to(certificate, &text));
    MUST_OK(buf_printf(&text, "\"%s}", more));
    struct https_call c = {.path = path, .method = "POST", .data = buf_span(&text)};
    https_run(http_port(app.http), anchor, &c);
    return c;
}

struct https_call post(const char *path, struct span certificate, const char *more, long status) {
    return judge(post_any(path, certificate, more), status);
}

void post_refused(const char *path, struct span certificate, const char *more, long status, const char *code) {
    char part[96];
    AUTO(https_call) c = post(path, certificate, more, status);
    snprintf(part, sizeof part, "\"code\":\"%s\"", code);
    has(&c, part);
}
