/* One small file for each server's address in the state folder. */
#include "client/flow/programme.h"

#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/hex.h"
#include "base/jsonw.h"
#include "client/net/json.h"
#include "client/token/journal.h"

#define FILE_LIMIT 4096
#define NAME_BYTES 8 /* of the server's address's SHA-256 */

static enum rc path_of(const struct options *o, char out[PATH_CAP]) {
    char dir[PATH_CAP], name[40] = "programme-";
    struct sha256 hash = sha256_of(span_str(o->server == NULL ? "" : o->server));

    hex_to(hash.bytes, NAME_BYTES, name + strlen(name));
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    return fs_join(out, dir, name);
}

/* An empty text leaves what is known; so does one that does not fit. */
static void take(char *dst, size_t cap, const char *text) {
    if (text[0] != '\0' && strlen(text) < cap)
        memcpy(dst, text, strlen(text) + 1);
}

static enum rc kept_read(const struct options *o, struct programme *p) {
    AUTO(buf) text = {0};
    AUTO_PTR(json) j = NULL;
    char path[PATH_CAP];

    TRY(path_of(o, path));
    TRY(fs_read(path, FILE_LIMIT, &text));
    TRY(json_open(buf_span(&text), &j));
    take(p->hotline, sizeof p->hotline, json_text(j, "hotline"));
    take(p->issuer, sizeof p->issuer, json_text(j, "issuer_name"));
    take(p->branch, sizeof p->branch, json_text(j, "branch"));
    take(p->title, sizeof p->title, json_text(j, "programme"));
    take(p->letter, sizeof p->letter, json_text(j, "letter"));
    return RC_OK;
}

void programme_open(const struct options *o, struct programme *out) {
    *out = (struct programme){0};
    take(out->hotline, sizeof out->hotline, o->hotline == NULL ? "" : o->hotline);
    take(out->issuer, sizeof out->issuer, o->issuer == NULL ? "" : o->issuer);
    enum rc rc = kept_read(o, out);
    (void)rc; /* a file that is damaged is none */
}

static enum rc keep(const struct options *o, const struct programme *p) {
    AUTO(jsonw) w = {0};
    char path[PATH_CAP];

    TRY(path_of(o, path));
    jsonw_object(&w, NULL);
    jsonw_str(&w, "hotline", p->hotline);
    jsonw_str(&w, "issuer_name", p->issuer);
    jsonw_str(&w, "branch", p->branch);
    jsonw_str(&w, "programme", p->title);
    jsonw_str(&w, "letter", p->letter);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return fs_write(path, buf_span(&w.out), 0600);
}

void programme_learn(const struct options *o, const struct api_client *told, struct programme *p) {
    struct programme before = *p;

    take(p->hotline, sizeof p->hotline, told->hotline);
    take(p->issuer, sizeof p->issuer, told->issuer_name);
    take(p->branch, sizeof p->branch, told->branch);
    take(p->title, sizeof p->title, told->programme);
    take(p->letter, sizeof p->letter, told->letter);
    if (memcmp(&before, p, sizeof before) == 0)
        return;
    enum rc rc = keep(o, p);
    (void)rc; /* a convenience */
}
