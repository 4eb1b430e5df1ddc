/* One small JSON file for a key, named by its public half, with what the token says of itself in it. */
#include "client/token/keepsake.h"

#include <string.h>

#include "base/hex.h"
#include "base/jsonw.h"
#include "client/net/json.h"
#include "client/token/journal.h"

#define PREFIX      "keepsake"
#define FILE_LIMIT  (4 * CERT_DER_MAX)
#define FILES_LIMIT 4096 /* files in the folder looked at */

static enum rc path_of(const struct cert *c, char out[PATH_CAP]) {
    return journal_key_file(out, PREFIX, c->modulus, c->point);
}

/* Where earlier versions put it. */
static enum rc path_before(const struct p11_token *t, char out[PATH_CAP]) {
    return journal_token_file(out, PREFIX, t->serial, t->model);
}

enum rc keepsake_put(const struct p11_token *t, const struct p11_cert *old) {
    char path[PATH_CAP], dir[PATH_CAP];
    AUTO(jsonw) w = {0};
    struct cert c;

    TRY(cert_parse(buf_span(&old->der), &c));
    jsonw_object(&w, NULL);
    jsonw_str(&w, "serial", t->serial);
    jsonw_str(&w, "model", t->model);
    jsonw_b64(&w, "id", span_of(old->id, old->id_len));
    jsonw_str(&w, "label", old->label);
    jsonw_b64(&w, "certificate", buf_span(&old->der));
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    TRY(path_of(&c, path));
    return fs_write(path, buf_span(&w.out), 0600);
}

/* *same: it says that it is of this token. */
static enum rc read_one(const char *path, const struct p11_token *t, struct p11_cert *out, bool *same) {
    AUTO(buf) text = {0};
    AUTO(buf) id = {0};
    AUTO(p11_cert) c = {0};
    AUTO_PTR(json) j = NULL;
    char before[PATH_CAP];

    TRY(path_before(t, before));
    TRY(fs_read(path, FILE_LIMIT, &text));
    TRY(json_open(buf_span(&text), &j));
    TRY(b64_from(span_str(json_text(j, "id")), &id));
    TRY(b64_from(span_str(json_text(j, "certificate")), &c.der));
    TRY(text_set(c.label, sizeof c.label, json_text(j, "label")));
    if (id.len > sizeof c.id)
        FAIL(RC_INPUT, "%s: the CKA_ID is too long", path);
    if (id.len > 0)
        memcpy(c.id, id.data, id.len);
    c.id_len = id.len;
    *same = strcmp(path, before) == 0 ||
            (strcmp(json_text(j, "serial"), t->serial) == 0 && strcmp(json_text(j, "model"), t->model) == 0);
    *out = c;
    c = (struct p11_cert){0};
    return RC_OK;
}

struct search {
    const struct p11_token *t;
    const struct p11_key *keys;
    size_t key_count;
    void (*take)(void *arg, struct p11_cert *kept);
    void *arg;
};

/* Of a key that is there; of a token that shows no public half, by its name. */
static bool fits(const struct search *s, const struct cert *c, bool same) {
    bool told = false;

    for (size_t i = 0; i < s->key_count; i++) {
        if (p11_key_is(&s->keys[i], c->modulus, c->point))
            return true;
        told |= s->keys[i].modulus_len > 0 || s->keys[i].point_len > 0;
    }
    return same && !told;
}

static void look(void *arg, const char *name) {
    struct search *s = arg;
    char dir[PATH_CAP], path[PATH_CAP];
    AUTO(p11_cert) kept = {0};
    struct cert c;
    bool same = false;

    if (strncmp(name, PREFIX "-", strlen(PREFIX) + 1) != 0 || journal_folder(dir) != RC_OK ||
        fs_join(path, dir, name) != RC_OK || read_one(path, s->t, &kept, &same) != RC_OK)
        return;
    if (cert_parse(buf_span(&kept.der), &c) == RC_OK && fits(s, &c, same))
        s->take(s->arg, &kept);
}

void keepsake_each(const struct p11_token *t, const struct p11_key *keys, size_t key_count,
                   void (*take)(void *arg, struct p11_cert *kept), void *arg) {
    struct search s = {t, keys, key_count, take, arg};
    char dir[PATH_CAP];

    if (journal_folder(dir) == RC_OK)
        fs_each(dir, FILES_LIMIT, look, &s);
}

void keepsake_remove(const struct p11_token *t, const struct cert *old) {
    char path[PATH_CAP];
    AUTO(p11_cert) kept = {0};
    struct cert c;
    bool same = false;

    if (path_of(old, path) == RC_OK)
        (void)fs_remove(path);
    if (path_before(t, path) == RC_OK && read_one(path, t, &kept, &same) == RC_OK &&
        cert_parse(buf_span(&kept.der), &c) == RC_OK && cert_same_key(&c, old))
        (void)fs_remove(path);
}
