/* Keeps and renews the list of token models. One file holds the newest publication, the CA it is believed by, and how
   far the server's clock is from this machine's: so it can be judged again before anything is asked of the server. */
#include "client/token/catalogue.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "base/hex.h"
#include "base/jsonw.h"
#include "client/net/json.h"
#include "client/token/journal.h"

#define FILE_LIMIT (2 * PUBLICATION_LIMIT)
#define NAME_BYTES 8 /* of the server's address's SHA-256 */

struct kept {
    struct buf publication, issuer;
    int64_t clock; /* seconds the server's clock is ahead */
};

static void kept_free(struct kept *k) {
    buf_free(&k->publication);
    buf_free(&k->issuer);
}

static enum rc path_of(const char *server, char out[PATH_CAP]) {
    char dir[PATH_CAP], name[32] = "devices-";
    struct sha256 hash = sha256_of(span_str(server));

    hex_to(hash.bytes, NAME_BYTES, name + strlen(name));
    TRY(journal_folder(dir));
    return fs_join(out, dir, name);
}

static enum rc kept_read(const char *path, struct kept *out) {
    AUTO(buf) text = {0};
    AUTO_PTR(json) j = NULL;

    TRY(fs_read(path, FILE_LIMIT, &text));
    TRY(json_open(buf_span(&text), &j));
    out->clock = json_int(j, "clock");
    TRY(b64_from(span_str(json_text(j, "issuer")), &out->issuer));
    return b64_from(span_str(json_text(j, "publication")), &out->publication);
}

static enum rc kept_write(const char *path, const struct kept *k) {
    AUTO(jsonw) w = {0};
    char dir[PATH_CAP];

    jsonw_object(&w, NULL);
    jsonw_int(&w, "clock", k->clock);
    jsonw_b64(&w, "issuer", buf_span(&k->issuer));
    jsonw_b64(&w, "publication", buf_span(&k->publication));
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    return fs_write(path, buf_span(&w.out), 0600);
}

/* A file that is damaged, or another CA's, is none. One that expired is not used, but nothing older is taken either. */
static void kept_take(struct catalogue *c, struct span anchor) {
    AUTO(kept) k = {0};
    static struct known_devices known;

    if (c->path[0] == '\0' || kept_read(c->path, &k) != RC_OK)
        return;
    struct span ca = anchor.len > 0 ? anchor : buf_span(&k.issuer);
    enum rc rc = devices_open(buf_span(&k.publication), ca, (int64_t)time(NULL) + k.clock, &known);
    if (rc != RC_OK && rc != RC_REFUSED)
        return;
    c->seen = known.version;
    if (rc == RC_OK)
        c->known = known;
}

enum rc catalogue_open(const char *server, struct span anchor, struct catalogue *out) {
    *out = (struct catalogue){0};
    TRY(devices_builtin(&out->known));
    if (path_of(server, out->path) != RC_OK)
        out->path[0] = '\0'; /* nowhere to keep one */
    kept_take(out, anchor);
    return RC_OK;
}

static enum rc refresh(struct catalogue *c, struct http *h, struct span anchor, const struct api_client *told) {
    AUTO(kept) k = {.clock = told->server_time - (int64_t)time(NULL)};
    static struct known_devices known;

    TRY(api_devices(h, &k.publication));
    TRY(devices_open(buf_span(&k.publication), anchor, told->server_time, &known));
    if (known.version <= c->seen)
        FAIL(RC_REFUSED, "the list of token models is version %lld, older than version %lld seen before",
             (long long)known.version, (long long)c->seen);
    TRY(buf_add_span(&k.issuer, anchor));
    if (c->path[0] != '\0') /* first kept, then used: what was used once is remembered */
        TRY(kept_write(c->path, &k));
    c->seen = known.version;
    c->known = known;
    return RC_OK;
}

bool catalogue_refresh(struct catalogue *c, struct http *h, struct span anchor, const struct api_client *told) {
    if (c->asked || told->devices_version <= c->seen)
        return false;
    c->asked = true;
    enum rc rc = refresh(c, h, anchor, told);
    if (rc != RC_OK)
        (void)snprintf(c->refused, sizeof c->refused, "%s", err_text());
    return rc == RC_OK;
}
