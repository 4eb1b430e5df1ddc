/* capbuctl init: builds the whole folder under another name and its database in one transaction, so that a failure
   leaves nothing behind and the same command may be given again. */
#include "service/site/setup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "pki/journal/signed_journal.h"
#include "pki/key/key.h"
#include "service/site/campaign_file.h"
#include "service/site/sealer.h"
#include "service/site/setup_ca.h"
#include "store/audit.h"
#include "store/control.h"

#define DRILL_HOUR (9 * 3600)

/* Files of conf/, embedded by tools/embed.c. */
extern const unsigned char conf_campaign[], conf_devices[], conf_provinces[];
extern const size_t conf_campaign_len, conf_devices_len, conf_provinces_len;

static enum rc options_check(const struct setup *o) {
    if (!o->drill && (o->old_ca == NULL || o->ca_cert == NULL || o->ca_key == NULL))
        FAIL(RC_USAGE, "without --drill, --old-ca, --ca-cert and --ca-key must be given");
    if (!o->drill && o->campaign == NULL) /* else a real programme would silently be that of 2020 */
        FAIL(RC_USAGE, "without --drill, --campaign must be given: the letter of this programme, campaign.conf(5)");
    if (!o->drill && o->clock != INSTANT_NONE)
        FAIL(RC_USAGE, "--clock goes with --drill only: a real programme runs by the machine's clock");
    if ((o->ca_cert == NULL) != (o->ca_key == NULL))
        FAIL(RC_USAGE, "--ca-cert and --ca-key go together");
    const char *fault = o->listen == NULL ? NULL : conf_listen(o->listen, &(struct conf){0});
    if (fault != NULL)
        FAIL(RC_USAGE, "--listen: %s", fault);
    return RC_OK;
}

/* An absent or empty folder may become an installation. */
static enum rc dir_check(const char *dir) {
    DIR *d = opendir(dir);
    bool used = false;

    if (d == NULL && errno == ENOENT)
        return RC_OK;
    if (d == NULL)
        FAIL(RC_IO, "%s: %s", dir, strerror(errno));
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        used |= strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    if (used)
        FAIL(RC_EXISTS, "%s is in use: choose another --dir, or remove it yourself", dir);
    return RC_OK;
}

/* A path of the command line stands in the configuration by its absolute name; PKCS#11 URIs stay as they are. */
static enum rc path_line(struct buf *out, const char *key, const char *path) {
    char *real = key_on_token(path) ? strdup(path) : realpath(path, NULL);

    if (real == NULL)
        FAIL(RC_NOT_FOUND, "%s: %s", path, strerror(errno));
    enum rc rc = buf_printf(out, "%s = \"%s\"\n", key, real);
    free(real);
    return rc;
}

static enum rc conf_text(const struct setup *o, int64_t offset, struct buf *out) {
    TRY(buf_printf(out, "# This installation. Every key and its default: capbud.conf(5).\nlisten = \"%s\"\n",
                   o->listen != NULL ? o->listen : "127.0.0.1:8443"));
    if (o->database != NULL)
        TRY(buf_printf(out, "database = \"%s\"\n", o->database));
    if (o->ca_key != NULL)
        TRY(path_line(out, "ca_key", o->ca_key));
    if (o->ca_pin_file != NULL)
        TRY(path_line(out, "ca_pin_file", o->ca_pin_file));
    if (o->drill)
        TRY(buf_printf(out, "drill = true\nclock_offset = %lld\n", (long long)offset));
    return RC_OK;
}

static enum rc file_put(const char *dir, const char *name, struct span text, mode_t mode) {
    char path[PATH_CAP];

    TRY(fs_join(path, dir, name));
    return fs_write_new(path, text, mode);
}

/* The list of provinces from beside the campaign file that was given. One that was written before lists were files, or
   stands alone, means ours. */
static enum rc provinces_read(const char *campaign, const struct campaign *c, struct buf *text) {
    struct provinces p;
    char path[PATH_CAP];

    TRY(campaign_file_provinces(campaign, c, path));
    enum rc rc = fs_read(path, PROVINCE_FILE_LIMIT, text);
    if (rc == RC_NOT_FOUND && strcmp(c->province_file, CAMPAIGN_PROVINCES_NAME) == 0)
        return buf_add(text, conf_provinces, conf_provinces_len);
    TRY(rc);
    return provinces_parse(path, buf_span(text), &p); /* read again as DIR's: here a fault is named by this path */
}

/* The campaign, and beside it the list of provinces that it names. */
static enum rc campaign_put(const struct setup *o, const char *dir) {
    struct campaign c;
    AUTO(buf) text = {0};
    AUTO(buf) provinces = {0};

    if (o->campaign == NULL) {
        TRY(file_put(dir, "campaign.conf", span_of(conf_campaign, conf_campaign_len), 0644));
        return file_put(dir, CAMPAIGN_PROVINCES_NAME, span_of(conf_provinces, conf_provinces_len), 0644);
    }
    TRY(fs_read(o->campaign, CAMPAIGN_FILE_LIMIT, &text));
    TRY(campaign_file_parse(o->campaign, buf_span(&text), NULL, &c));
    TRY(provinces_read(o->campaign, &c, &provinces));
    TRY(file_put(dir, "campaign.conf", buf_span(&text), 0644));
    return file_put(dir, c.province_file, buf_span(&provinces), 0644);
}

struct first_line {
    bool drill;
    const char *campaign_hash;
    const char *made, *dir; /* the folder's two names; NULL: the database lies in it, and goes with it */
};

static enum rc take_place(const char *made, const char *dir) {
    if (rename(made, dir) != 0)
        FAIL(RC_IO, "%s: %s", dir, strerror(errno));
    return RC_OK;
}

/* The database's first facts. A database that has them belongs to another installation. Last of all the folder gets its
   name, within the transaction: neither is there without the other. */
static enum rc first_write(struct tx *tx, void *arg) {
    const struct first_line *first = arg;
    char before[128];
    AUTO(jsonw) w = {0};

    if (meta_get(tx->db, "campaign_hash", before, sizeof before) == RC_OK)
        FAIL(RC_EXISTS, "the database is in use by another installation");
    jsonw_object(&w, NULL);
    jsonw_bool(&w, "drill", first->drill);
    jsonw_str(&w, "campaign", first->campaign_hash);
    jsonw_str(&w, "version", CAPBU_VERSION);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    TRY(meta_put(tx, "campaign_hash", first->campaign_hash));
    TRY(audit_put(tx, &(struct audit_event){.kind = "init", .actor = "capbuctl", .detail = buf_str(&w.out)}));
    return first->made == NULL ? RC_OK : take_place(first->made, first->dir);
}

/* Opens what was built as the programs will, makes the database, and gives the folder its name. */
static enum rc database_make(const char *made, const char *dir) {
    char hash[2 * SHA256_LEN + 1];
    const struct seal *seal;
    AUTO(site) s = {0};

    TRY(site_open(made, &s));
    TRY(sealer_key(s.sealer, &seal)); /* while it is still there by this name */
    bool elsewhere = strncmp(s.conf.database, s.conf.dir, strlen(s.conf.dir)) != 0;
    sha256_hex(s.campaign_hash, hash);
    struct first_line first = {s.conf.drill, hash, elsewhere ? made : NULL, dir};
    enum rc rc =
        store_make(s.conf.database, conf_now(&s.conf), first_write, &first, sealer_linker(s.sealer, SEALER_BEGINS));
    if (rc != RC_OK && elsewhere)
        (void)rename(dir, made); /* when the commit itself failed: for undo() */
    TRY(rc);
    return elsewhere ? RC_OK : take_place(made, dir);
}

/* A drill without --clock begins at nine in the morning of the campaign's first day: there its CAs are valid and
 * something is open. */
static enum rc clock_choose(const struct setup *o, const char *dir, int64_t machine, int64_t *offset) {
    char path[PATH_CAP];
    struct campaign c;
    struct provinces provinces;
    struct sha256 hash;
    int64_t clock = o->clock;

    TRY(fs_join(path, dir, "campaign.conf"));
    TRY(campaign_file_load(path, &c, &provinces, &hash));
    if (clock == INSTANT_NONE && o->drill && c.phase_count > 0)
        clock = day_start(c.phases[0].from, c.utc_offset) + DRILL_HOUR;
    *offset = clock == INSTANT_NONE ? 0 : clock - machine;
    return RC_OK;
}

/* The seal, and the journal that it seals: an empty one, as the database is. */
static enum rc seal_put(const char *dir) {
    char path[PATH_CAP], journal[PATH_CAP];
    AUTO_PTR(seal) seal = NULL;
    AUTO_PTR(journal_book) none = NULL;

    TRY(fs_join(path, dir, SETUP_SEAL_KEY));
    TRY(fs_join(journal, dir, SETUP_JOURNAL));
    TRY(seal_make(path));
    TRY(seal_open(path, &seal));
    TRY(journal_book_new(&none));
    return signed_journal_make(journal, seal, none);
}

static enum rc build(const struct setup *o, const char *made, const char *dir) {
    int64_t machine = (int64_t)time(NULL), offset = 0;
    AUTO(buf) conf = {0};

    TRY(campaign_put(o, made));
    TRY(clock_choose(o, made, machine, &offset));
    TRY(conf_text(o, offset, &conf));
    TRY(file_put(made, CONF_NAME, buf_span(&conf), 0644));
    TRY(file_put(made, "devices.conf", span_of(conf_devices, conf_devices_len), 0644));
    TRY(setup_ca_make(o, made, machine + offset));
    TRY(seal_put(made));
    return database_make(made, dir);
}

/* Removes a folder of ours that holds files only, and never what a link in its place points to. */
static void undo(const char *dir) {
    AUTO_FD fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (d == NULL)
        return;
    fd = -1; /* the stream's now */
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            (void)unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    (void)rmdir(dir);
}

/* DIR without slashes at its end, so that a name can be put behind it, and the folder it lies in. */
static enum rc parent_make(const char *dir, char out[PATH_CAP], char up[PATH_CAP]) {
    TRY(text_set(out, PATH_CAP, dir));
    for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--)
        out[n - 1] = '\0';
    TRY(text_set(up, PATH_CAP, out));
    char *slash = strrchr(up, '/');
    if (slash == NULL)
        return text_set(up, PATH_CAP, ".");
    if (slash == up)
        return text_set(up, PATH_CAP, "/");
    *slash = '\0';
    return fs_mkdir(up, 0755);
}

#define UNFINISHED ".init-unfinished-" /* and the process: no name that a person would give an installation */

struct beside {
    const char *up, *base;
};

/* One that has just made its folder does not hold the lock yet. */
static bool lives(const char *pid) {
    long number = strtol(pid, NULL, 10);
    return number > 0 && (kill((pid_t)number, 0) == 0 || errno == EPERM);
}

/* What an init that was killed left under another name: its process is gone and its lock is free. */
static void leftover_take(void *arg, const char *name) {
    const struct beside *b = arg;
    size_t len = strlen(b->base), mark = strlen(UNFINISHED);
    char path[PATH_CAP];
    AUTO_FD lock = -1;

    if (strncmp(name, b->base, len) != 0 || strncmp(name + len, UNFINISHED, mark) != 0)
        return;
    if (!lives(name + len + mark) && fs_join(path, b->up, name) == RC_OK && fs_lock(path, &lock) == RC_OK)
        undo(path);
}

enum rc setup_run(const struct setup *o) {
    char dir[PATH_CAP], up[PATH_CAP], made[PATH_CAP];
    AUTO(buf) name = {0};
    AUTO_FD lock = -1;

    TRY(options_check(o));
    TRY(dir_check(o->dir));
    TRY(parent_make(o->dir, dir, up));
    struct beside b = {up, fs_base_name(dir)};
    fs_each(up, INT_MAX, leftover_take, &b);
    TRY(buf_printf(&name, "%s" UNFINISHED "%ld", dir, (long)getpid()));
    TRY(text_set(made, sizeof made, buf_str(&name)));
    TRY(fs_mkdir(made, 0700));
    TRY(fs_lock(made, &lock));
    enum rc rc = build(o, made, dir);
    if (rc != RC_OK)
        undo(made);
    return rc;
}
