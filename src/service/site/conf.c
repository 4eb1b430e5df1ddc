/* Reads capbud.conf of an installation into struct conf, and tells the time of its clock. */
#include "service/site/conf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pki/key/key.h"
#include "service/site/conf_reader.h"

struct file { /* as written; what needs a second look is taken apart afterwards */
    struct conf conf;
    char listen[160];
    int32_t clock_offset;
};

#define PLACE(field) offsetof(struct file, field)
#define PATH_KEY(n, f, v)                                                                                              \
    { .name = (n), .kind = CONF_TEXT, .offset = PLACE(conf.f), .cap = PATH_CAP, .fallback = (v) }
#define COUNT_KEY(n, lo, hi, v)                                                                                        \
    { .name = #n, .kind = CONF_INT, .offset = PLACE(conf.n), .min = (lo), .max = (hi), .fallback = (v) }

#define TEXT_KEY(n, f)                                                                                                 \
    { .name = (n), .kind = CONF_TEXT, .offset = PLACE(conf.f), .cap = sizeof(((struct conf *)0)->f), .fallback = "" }

static const struct conf_key keys[] = {
    {.name = "listen",
     .kind = CONF_TEXT,
     .offset = PLACE(listen),
     .cap = sizeof(((struct file *)0)->listen),
     .min = 1,
     .fallback = "127.0.0.1:8443"},
    PATH_KEY("database", database, "capbu.db"),
    PATH_KEY("old_ca", old_ca, "old-ca.pem"),
    PATH_KEY("new_ca", new_ca, "new-ca.pem"),
    PATH_KEY("ca_key", ca_key, "new-ca.key"),
    PATH_KEY("ca_pin_file", ca_pin_file, ""),
    PATH_KEY("cmp_cert", cmp_cert, "cmp.pem"),
    PATH_KEY("cmp_key", cmp_key, "cmp.key"),
    PATH_KEY("cmp_pin_file", cmp_pin_file, ""),
    PATH_KEY("seal_key", seal_key, "seal.key"),
    {.name = "signed_journal",
     .kind = CONF_TEXT,
     .offset = PLACE(conf.signed_journal),
     .cap = PATH_CAP,
     .min = 1,
     .fallback = "signed.journal"},
    PATH_KEY("tls", tls, "tls.pem"),
    PATH_KEY("campaign", campaign, "campaign.conf"),
    PATH_KEY("devices", devices, "devices.conf"),
    PATH_KEY("devices_cert", devices_cert, "devices.pem"),
    PATH_KEY("devices_key", devices_key, "devices.key"),
    PATH_KEY("devices_pin_file", devices_pin_file, ""),
    {.name = "clock_offset",
     .kind = CONF_INT,
     .offset = PLACE(clock_offset),
     .min = INT32_MIN,
     .max = INT32_MAX,
     .fallback = "0"},
    {.name = "drill", .kind = CONF_BOOL, .offset = PLACE(conf.drill), .fallback = "false"},
    COUNT_KEY(signers, 1, 64, "2"),
    PATH_KEY("signer_socket", signer_socket, ""),
    TEXT_KEY("signer_peer", signer_peer),
    COUNT_KEY(max_connections, 1, 100000, "1024"),
    COUNT_KEY(max_body, 4096, 16 * 1024 * 1024, "131072"),
    COUNT_KEY(requests_per_minute, 1, 1000000, "1200"),
    COUNT_KEY(max_active, 1, 100000, "2048"),
    TEXT_KEY("client_min_version", client_min_version),
    TEXT_KEY("client_latest_version", client_latest_version),
    TEXT_KEY("client_download", client_download),
    {.name = NULL}};

/* Where a key stands, so that a fault found after the reading names its line too. 1 when it is not in the file. */
static int line_of(const char *text, const char *key) {
    size_t len = strlen(key);
    int line = 1;
    for (const char *at = text; at != NULL && *at != '\0'; line++) {
        at += strspn(at, " \t");
        if (strncmp(at, key, len) == 0 && (at[len] == ' ' || at[len] == '\t' || at[len] == '='))
            return line;
        at = strchr(at, '\n');
        at = at == NULL ? NULL : at + 1;
    }
    return 1;
}

struct source {
    const char *path;
    const char *text;
};

static enum rc fault(const struct source *s, const char *key, const char *what) {
    FAIL(RC_INPUT, "%s:%d: %s: %s", s->path, line_of(s->text, key), key, what);
}

const char *conf_listen(const char *listen, struct conf *out) {
    const char *colon = strrchr(listen, ':');
    if (colon == NULL || colon == listen || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return "must be HOST:PORT, for example \"127.0.0.1:8443\"";
    errno = 0;
    long port = strtol(colon + 1, NULL, 10);
    if (colon[1] == '\0' || errno != 0 || port > 65535)
        return "the port must be a number from 0 (any free one) to 65535";
    struct span host = span_of(listen, (size_t)(colon - listen));
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = span_of(host.ptr + 1, host.len - 2);
    if (text_set_span(out->listen_host, sizeof out->listen_host, host) != RC_OK)
        return "the host name is too long";
    out->listen_port = (int)port;
    return NULL;
}

static enum rc take_listen(const struct source *s, const struct file *f, struct conf *out) {
    const char *what = conf_listen(f->listen, out);
    return what == NULL ? RC_OK : fault(s, "listen", what);
}

/* user:password@ in a URI, or the key word. */
static bool has_password(const char *dsn) {
    const char *authority = strstr(dsn, "://");
    if (strstr(dsn, "password=") != NULL)
        return true;
    if (authority == NULL)
        return false;
    authority += 3;
    size_t user = strcspn(authority, ":@/?");
    return authority[user] == ':' && authority[user + strcspn(authority + user, "@/?")] == '@';
}

/* Secrets come from files of their own, which have their own mode and never land in a backup of the configuration. */
static enum rc check_secrets(const struct source *s, const struct conf *c) {
    const struct {
        const char *key, *value, *advice;
    } refs[] = {{"ca_key", c->ca_key,
                 "a PIN does not stand in the configuration: put it into a file and name that in ca_pin_file"},
                {"cmp_key", c->cmp_key,
                 "a PIN does not stand in the configuration: put it into a file and name that in cmp_pin_file"},
                {"devices_key", c->devices_key,
                 "a PIN does not stand in the configuration: put it into a file and name that in devices_pin_file"}};

    for (size_t i = 0; i < sizeof refs / sizeof refs[0]; i++)
        if (key_on_token(refs[i].value) && (strstr(refs[i].value, "pin-value") || strstr(refs[i].value, "pin-source")))
            return fault(s, refs[i].key, refs[i].advice);
    if (!db_is_file(c->database) && has_password(c->database))
        return fault(s, "database",
                     "a password does not stand in the configuration: use passfile=FILE (libpq's "
                     "password file)");
    return RC_OK;
}

static enum rc absolute(const char *dir, char path[PATH_CAP]) {
    if (path[0] == '/' || path[0] == '\0' || key_on_token(path))
        return RC_OK;
    char joined[PATH_CAP];
    TRY(fs_join(joined, dir, path));
    return text_set(path, PATH_CAP, joined);
}

/* Where the files' names stand in the configuration; each is PATH_CAP long. */
static const size_t file_places[] = {
    offsetof(struct conf, old_ca),           offsetof(struct conf, new_ca),        offsetof(struct conf, ca_key),
    offsetof(struct conf, ca_pin_file),      offsetof(struct conf, cmp_cert),      offsetof(struct conf, cmp_key),
    offsetof(struct conf, cmp_pin_file),     offsetof(struct conf, tls),           offsetof(struct conf, campaign),
    offsetof(struct conf, devices),          offsetof(struct conf, devices_cert),  offsetof(struct conf, devices_key),
    offsetof(struct conf, devices_pin_file), offsetof(struct conf, signer_socket), offsetof(struct conf, seal_key),
    offsetof(struct conf, signed_journal)};

#define FILE_PLACES (sizeof file_places / sizeof file_places[0])

const char *conf_file(const struct conf *c, size_t place) {
    return place < FILE_PLACES ? (const char *)c + file_places[place] : NULL;
}

static enum rc take_paths(struct conf *c) {
    for (size_t i = 0; i < FILE_PLACES; i++)
        TRY(absolute(c->dir, (char *)c + file_places[i]));
    return !db_is_file(c->database) ? RC_OK : absolute(c->dir, c->database);
}

static enum rc take_dir(const char *dir, char out[PATH_CAP]) {
    char real[PATH_MAX];
    if (realpath(dir, real) == NULL)
        FAIL(errno == ENOENT || errno == ENOTDIR ? RC_NOT_FOUND : RC_IO, "%s: %s; make one with capbuctl init", dir,
             strerror(errno));
    return text_set(out, PATH_CAP, real);
}

static enum rc check_versions(const struct source *s, const struct conf *c) {
    if (c->client_min_version[0] != '\0' && !semver_ok(c->client_min_version))
        return fault(s, "client_min_version", "must be a version such as \"0.1.0\"");
    if (c->client_latest_version[0] != '\0' && !semver_ok(c->client_latest_version))
        return fault(s, "client_latest_version", "must be a version such as \"0.1.0\"");
    if (semver_older(c->client_latest_version, c->client_min_version) && c->client_latest_version[0] != '\0')
        return fault(s, "client_latest_version", "is older than client_min_version: nobody could be served");
    return RC_OK;
}

static enum rc check_clock(const struct source *s, const struct conf *c) {
    if (!c->drill && c->clock_offset != 0)
        return fault(s, "clock_offset", "only a drill has a clock of its own: leave it out, or say drill = true");
    return RC_OK;
}

enum rc conf_load(const char *dir, struct conf *out) {
    static const struct conf_layout layout = {.keys = keys};
    struct file f = {0};
    char path[PATH_CAP];
    AUTO(buf) text = {0};
    TRY(take_dir(dir, f.conf.dir));
    TRY(fs_join(path, f.conf.dir, CONF_NAME));
    TRY(conf_read(&layout, path, &f, &text));
    struct source s = {path, buf_str(&text)};
    f.conf.clock_offset = f.clock_offset;
    TRY(take_listen(&s, &f, &f.conf));
    TRY(check_secrets(&s, &f.conf));
    TRY(check_clock(&s, &f.conf));
    TRY(check_versions(&s, &f.conf));
    TRY(take_paths(&f.conf));
    *out = f.conf;
    return RC_OK;
}

int64_t conf_now_ms(const struct conf *c) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return ((int64_t)t.tv_sec + c->clock_offset) * 1000 + t.tv_nsec / 1000000;
}

int64_t conf_now(const struct conf *c) {
    return conf_now_ms(c) / 1000;
}
