/* Makes and removes the bench's installation. */
#include "place.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/intake/import.h"
#include "service/site/sealer.h"
#include "service/site/setup.h"
#include "service/site/signer_conf.h"

#define DRILL_CLOCK 1584237600 /* 2020-03-15T02:00:00Z */
#define READERS     4          /* as server/app.c */

static enum rc signer_start(struct place *p) {
    const struct signer_config cfg = signer_conf(&p->site);
    return signer_open(&cfg, &p->signer);
}

static enum rc store_start(struct place *p) {
    TRY(site_open_store(&p->site, READERS));
    store_link(p->site.store, &p->linker, NULL);
    return RC_OK;
}

enum rc place_open(struct place *p) {
    const char *tmp = getenv("TMPDIR");
    *p = (struct place){0};
    TRY(fs_join(p->root, tmp == NULL ? "/tmp" : tmp, "capbu-bench-XXXXXX"));
    if (mkdtemp(p->root) == NULL)
        FAIL(RC_IO, "%s: %s", p->root, strerror(errno));
    TRY(fs_join(p->dir, p->root, "site"));
    TRY(setup_run(&(struct setup){.dir = p->dir, .drill = true, .clock = DRILL_CLOCK, .listen = "127.0.0.1:0"}));
    TRY(site_open(p->dir, &p->site));
    TRY(signer_start(p));
    TRY(responder_open(&p->site.conf, &p->responder));
    TRY(recent_new(&p->recent));
    p->core = (struct reissue){&p->site, p->signer, &p->responder, p->recent};
    p->linker = sealing_by(p->signer);
    return store_start(p);
}

enum rc place_visit(struct place *p, const char *dir) {
    *p = (struct place){0};
    TRY(text_set(p->dir, sizeof p->dir, dir));
    TRY(site_open(dir, &p->site));
    TRY(site_open_store(&p->site, 1));
    store_link(p->site.store, sealer_linker(p->site.sealer, SEALER_GOES_ON), NULL);
    return RC_OK;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)st, (void)type, (void)at;
    return remove(path);
}

void place_free(struct place *p) {
    site_free(&p->site);
    signer_free(MOVE(p->signer));
    responder_free(&p->responder);
    recent_free(MOVE(p->recent));
    if (p->root[0] != '\0')
        (void)nftw(p->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void place_path(const struct place *p, const char *name, char out[PATH_CAP]) {
    if (fs_join(out, p->dir, name) != RC_OK)
        out[0] = '\0';
}

/* The old one's files are removed: a full disk is no fair place to measure. */
enum rc place_fresh_store(struct place *p, const char *name) {
    static const char *const with[] = {"", "-wal", "-shm"};
    char path[PATH_CAP + 8];
    store_free(MOVE(p->site.store));
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", p->site.conf.database, with[i]);
        (void)unlink(path);
    }
    signer_free(MOVE(p->signer));
    TRY(signer_start(p));
    p->core.signer = p->signer;
    p->linker = sealing_by(p->signer);
    place_path(p, name, p->site.conf.database);
    TRY(store_make(p->site.conf.database, 0, NULL, NULL, sealer_linker(p->site.sealer, SEALER_BEGINS)));
    return store_start(p);
}

enum rc place_import(struct place *p, const char *csv, int64_t rows) {
    struct import_counts counts;
    TRY(import_file(&p->site, csv, &(struct import_options){0}, &counts));
    if (counts.added != rows || counts.refused != 0)
        FAIL(RC_BUG, "%" PRId64 " of %" PRId64 " rows were imported", counts.added, rows);
    return RC_OK;
}
