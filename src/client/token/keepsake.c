/* One small JSON file for a token, named by what the token says of itself. */
#include "client/token/keepsake.h"

#include <string.h>

#include "base/hex.h"
#include "base/jsonw.h"
#include "client/net/json.h"
#include "client/token/journal.h"

#define FILE_LIMIT (4 * CERT_DER_MAX)

static enum rc path_of(const struct p11_token *t, char out[PATH_CAP]) {
    return journal_token_file(out, "keepsake", t->serial, t->model);
}

enum rc keepsake_put(const struct p11_token *t, const struct p11_cert *old) {
    char path[PATH_CAP], dir[PATH_CAP];
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_b64(&w, "id", span_of(old->id, old->id_len));
    jsonw_str(&w, "label", old->label);
    jsonw_b64(&w, "certificate", buf_span(&old->der));
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    TRY(path_of(t, path));
    return fs_write(path, buf_span(&w.out), 0600);
}

enum rc keepsake_get(const struct p11_token *t, struct p11_cert *out) {
    char path[PATH_CAP];
    AUTO(buf) text = {0};
    AUTO(buf) id = {0};
    AUTO(p11_cert) c = {0};
    AUTO_PTR(json) j = NULL;

    TRY(path_of(t, path));
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
    *out = c;
    c = (struct p11_cert){0};
    return RC_OK;
}

void keepsake_remove(const struct p11_token *t) {
    char path[PATH_CAP];

    if (path_of(t, path) == RC_OK)
        (void)fs_remove(path);
}
