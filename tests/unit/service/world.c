/* Makes the installation and its people (declared in world.h). */
#include "unit/service/world.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "service/site/sealer.h"
#include "store/audit.h"

struct world w;

int world_setup(void **state) {
    (void)state;
    world_open(&w, true);
    return 0;
}

int world_teardown(void **state) {
    (void)state;
    world_free(&w);
    return 0;
}

void world_path(const struct world *in, const char *name, char out[PATH_CAP]) {
    MUST_OK(fs_join(out, in->pki.dir, name));
}

void world_write(const struct world *in, const char *name, const char *text) {
    char path[PATH_CAP];
    world_path(in, name, path);
    MUST_OK(fs_write(path, span_str(text), 0600));
}

void world_read(const struct world *in, const char *name, struct buf *out) {
    char path[PATH_CAP];
    world_path(in, name, path);
    buf_clear(out);
    MUST_OK(fs_read(path, 1 << 24, out));
}

static void write_conf(const struct world *in) {
    AUTO(buf) text = {0};
    char campaign[PATH_CAP];
    const char *folder = getenv("CAPBU_CONF"), *postgres = getenv("CAPBU_TEST_PG");
    assert_non_null(folder);
    MUST_OK(fs_join(campaign, folder, "campaign.conf"));
    MUST_OK(buf_printf(&text,
                       "listen = \"127.0.0.1:0\"\nold_ca = \"old.pem\"\nnew_ca = \"new.pem\"\nca_key = \"new.key\"\n"
                       "drill = true\nclock_offset = %ld\ncampaign = \"%s\"\n",
                       (long)(DRILL_NOW - time(NULL)), campaign));
    if (postgres != NULL) /* under with-pg: the same test on the other back end */
        MUST_OK(buf_printf(&text, "database = \"%s\"\n", postgres));
    world_write(in, CONF_NAME, buf_str(&text));
}

/* The responder's, as capbuctl init makes it. */
static void make_responder(const struct world *in) {
    char path[PATH_CAP];
    AUTO_PTR(key) key = NULL;
    AUTO(buf) der = {0};
    world_path(in, "cmp.key", path);
    MUST_OK(key_make_file(path, 0, &key));
    MUST_OK(mint_cmp(in->pki.new_key, ca_cert(in->pki.new_ca), key, NEW_CA_FROM, NEW_CA_TO, &der));
    pki_world_put(&in->pki, "cmp.pem", buf_span(&der));
}

/* A program has one signer and forks before it has threads; here a second one is forked. A sanitizer's locks are taken
   while a thread starts: not any more when it has answered. */
static void let_settle(struct signer *s) {
    const struct signer_request nothing = {0};
    AUTO(buf) signature = {0};
    MUST_FAIL(RC_REFUSED, signer_sign(s, &nothing, &signature));
}

void world_make_key(const struct world *in, char path[PATH_CAP]) {
    world_path(in, "seal.key", path);
    MUST_OK(seal_make(path));
}

void world_make_store(const char *key, const char *dsn) {
    AUTO_PTR(sealer) s = NULL;
    MUST_OK(sealer_new(key, "no-journal", &s));
    MUST_OK(store_make(dsn, 0, NULL, NULL, sealer_linker(s, SEALER_BEGINS)));
}

void world_open(struct world *in, bool new_key_allowed) {
    char key[PATH_CAP], seal[PATH_CAP];
    *in = (struct world){0};
    pki_world_open(&in->pki);
    write_conf(in);
    make_responder(in);
    world_make_key(in, seal);
    world_path(in, "new.key", key);
    struct signer_config cfg = {.key_ref = key,
                                .seal_file = seal,
                                .ca_der = buf_span(&in->pki.new_der),
                                .old_ca_der = buf_span(&in->pki.old_der),
                                .helpers = 2, /* one answers while the other is kept busy by who asked */
                                .terms = pki_world_terms()};
    cfg.terms.new_key_allowed = new_key_allowed;
    cfg.terms.clock_offset += 365 * (int64_t)DAY_SECONDS; /* tests say what day it is */
    MUST_OK(signer_open(&cfg, &in->signer));              /* before the store's thread */
    let_settle(in->signer);
    cfg.old_ca_der = cfg.ca_der;
    MUST_OK(signer_open(&cfg, &in->refusing));
    MUST_OK(site_open(in->pki.dir, &in->site));
    world_make_store(seal, in->site.conf.database);
    MUST_OK(site_open_store(&in->site, 4));
    in->linker = sealing_by(in->signer);
    store_link(in->site.store, &in->linker, NULL);
    MUST_OK(responder_open(&in->site.conf, &in->responder));
    in->core = (struct reissue){&in->site, in->signer, &in->responder};
}

void world_free(struct world *in) {
    responder_free(&in->responder);
    site_free(&in->site);
    signer_free(in->signer);
    signer_free(in->refusing);
    pki_world_free(&in->pki);
}

static const char *or_else(const char *value, const char *usual) {
    return value == NULL ? usual : value;
}

void world_mint(const struct world *in, const struct person *p, struct buf *der) {
    struct mint_subscriber sub = {.serial = {0x54, 0x04, 0xff, 0xfe},
                                  .serial_len = 8,
                                  .tax_code = or_else(p->tax_code, "0100109106"),
                                  .name = or_else(p->name, "CÔNG TY MẪU"),
                                  .province = "HÀ NỘI",
                                  .not_before = p->not_before == 0 ? SUB_FROM : p->not_before,
                                  .not_after = p->not_after == 0 ? OLD_CA_TO : p->not_after,
                                  .spki = buf_span(&in->pki.sub_spki)};
    for (int i = 0; i < 4; i++)
        sub.serial[4 + i] = (uint8_t)(p->number >> (24 - 8 * i));
    struct key *key = p->by_new_ca || p->forged ? in->pki.new_key : in->pki.old_key;
    MUST_OK(mint_subscriber(&sub, key, ca_cert(p->by_new_ca ? in->pki.new_ca : in->pki.old_ca), der));
}

static void put_row(const struct person *p, struct span der, struct buf *csv) {
    MUST_OK(buf_printf(csv, "HD-%u,%s,%s,%s,%s,%s,%s,", (unsigned)p->number, or_else(p->tax_code, "0100109106"),
                       or_else(p->name, "CÔNG TY MẪU"), or_else(p->province, "01"), or_else(p->device, "v4"),
                       or_else(p->contract_to, "2021-07-01"), or_else(p->status, "active")));
    MUST_OK(b64_to(der, csv));
    MUST_OK(buf_add_char(csv, '\n'));
}

void world_row(const struct world *in, const struct person *p, struct buf *csv) {
    AUTO(buf) der = {0};
    world_mint(in, p, &der);
    put_row(p, buf_span(&der), csv);
}

void world_import(struct world *in, const char *csv, struct import_counts expected) {
    char path[PATH_CAP];
    struct import_counts got = {0};
    struct import_options options = {0};
    world_write(in, "people.csv", csv);
    world_path(in, "people.csv", path);
    MUST_OK(import_file(&in->site, path, &options, &got));
    assert_int_equal(got.rows, expected.rows);
    assert_int_equal(got.added, expected.added);
    assert_int_equal(got.changed, expected.changed);
    assert_int_equal(got.same, expected.same);
    assert_int_equal(got.refused, expected.refused);
}

void world_add(struct world *in, const struct person *p, struct buf *der) {
    AUTO(buf) csv = {0};
    world_mint(in, p, der);
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    put_row(p, buf_span(der), &csv);
    world_import(in, buf_str(&csv), (struct import_counts){.rows = 1, .added = 1});
}

void world_set_status(struct world *in, const struct person *p, const char *status) {
    struct person changed = *p;
    AUTO(buf) csv = {0};
    changed.status = status;
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    world_row(in, &changed, &csv);
    world_import(in, buf_str(&csv), (struct import_counts){.rows = 1, .changed = 1});
}

struct counting {
    const char *text;
    int64_t count;
};

static enum rc count_line(void *arg, const struct audit_line *l) {
    struct counting *c = arg;
    AUTO(buf) line = {0};
    TRY(audit_format(l, &line));
    c->count += strstr(buf_str(&line), c->text) != NULL;
    return RC_OK;
}

static enum rc count_lines(struct db *db, void *arg) {
    return audit_each(db, count_line, arg);
}

int64_t world_audit_count(struct world *in, const char *text) {
    struct counting c = {text, 0};
    MUST_OK(store_read(in->site.store, count_lines, &c));
    return c.count;
}

static enum rc verify_body(struct db *db, void *arg) {
    struct audit_end end;
    TRY(audit_verify(db, &end));
    *(int64_t *)arg = end.seq;
    return RC_OK;
}

enum rc world_audit_verify(struct world *in, int64_t *lines) {
    return store_read(in->site.store, verify_body, lines);
}

struct finding {
    char serial[2 * SERIAL_MAX + 2];
    struct cert_row row;
};

static enum rc find_body(struct db *db, void *arg) {
    struct finding *f = arg;
    return certs_by_serial(db, f->serial, &f->row);
}

void world_row_of(struct world *in, const struct person *p, struct cert_row *out) {
    struct finding f = {0};
    (void)snprintf(f.serial, sizeof f.serial, "5404FFFE%08X", (unsigned)p->number);
    MUST_OK(store_read(in->site.store, find_body, &f));
    *out = f.row;
}

int64_t world_id(struct world *in, const struct person *p) {
    AUTO(cert_row) row = {0};
    world_row_of(in, p, &row);
    return row.id;
}

enum rc world_reissue(struct reissue *core, struct reissue_request *req, struct cmp_answer *answer) {
    AUTO(buf) kur = {0};
    struct cert c;
    if (cert_parse(req->kur.signer, &c) == RC_OK) /* a new key is the old CA's: any other */
        req->kur.core = pki_world_kur(&w.pki, req->kur.signer, req->kur.new_spki.len > 0 ? w.pki.old_key : NULL, &kur);
    return reissue_run(core, req, answer);
}

void world_reserve_only(const struct buf *der) {
    AUTO(cmp_answer) answer = {0};
    struct reissue dying = {&w.site, w.refusing, &w.responder};
    struct reissue_request req = {.kur.signer = buf_span(der), .now_ms = DRILL_NOW * INT64_C(1000)};
    MUST_OK(world_reissue(&dying, &req, &answer));
    assert_false(answer.granted);
    assert_string_equal(answer.code, "not-signed");
}
