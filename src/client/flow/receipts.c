/* One file for each receipt, as it came (declared in client/flow/receipts.h). */
#include "client/flow/receipts.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "client/net/json.h"
#include "client/token/journal.h"
#include "pki/cms.h"

#define PREFIX "receipt-"
#define SUFFIX ".p7m"
#define SECRET ".secret"
#define FILES  4096 /* in the folder looked at */

void receipt_free(struct receipt *r) {
    buf_free(&r->document);
    *r = (struct receipt){0};
}

static bool is_serial(const char *text) {
    size_t len = strlen(text);
    return len > 0 && len < 44 && strspn(text, "0123456789ABCDEF") == len; /* it becomes a file name */
}

static enum rc read_text(const struct json *j, struct receipt *r) {
    TRY(text_set(r->old_serial, sizeof r->old_serial, json_text(j, "old_serial")));
    TRY(text_set(r->new_serial, sizeof r->new_serial, json_text(j, "new_serial")));
    TRY(text_set(r->tax_code, sizeof r->tax_code, json_text(j, "tax_code")));
    TRY(text_set(r->channel, sizeof r->channel, json_text(j, "channel")));
    TRY(text_set(r->contract_end, sizeof r->contract_end, json_text(j, "contract_end")));
    TRY(text_set(r->new_not_after, sizeof r->new_not_after, json_text(j, "new_not_after")));
    TRY(text_set(r->confirmed_at, sizeof r->confirmed_at, json_text(j, "confirmed_at")));
    const struct json *inside = json_member(j, "consent");
    TRY(text_set(r->consent_at, sizeof r->consent_at, json_text(inside, "at")));
    TRY(text_set(r->consent_text, sizeof r->consent_text, json_text(inside, "text")));
    if (!is_serial(r->old_serial) || !is_serial(r->new_serial))
        FAIL(RC_INPUT, "the receipt names no certificates");
    return RC_OK;
}

enum rc receipt_read(struct span document, const struct ca *ca, struct receipt *out) {
    AUTO(receipt) r = {0};
    AUTO_PTR(json) j = NULL;
    struct cms cms;
    if (document.len > RECEIPT_LIMIT)
        FAIL(RC_LIMIT, "a receipt of %zu bytes; at most %d", document.len, RECEIPT_LIMIT);
    TRY(cms_verify(document, ca, &cms));
    TRY(json_open(cms.content, &j));
    TRY(read_text(j, &r));
    TRY(buf_set(&r.document, document));
    receipt_free(out);
    *out = r;
    r = (struct receipt){0}; /* given away */
    return RC_OK;
}

enum rc receipt_given(const struct cmp_keep *keep, const struct ca *ca, struct receipt *out) {
    TRY(receipt_read(buf_span(&keep->receipt), ca, out));
    if (keep->secret.len == SECRET_TEXT / 2)
        hex_to(keep->secret.data, keep->secret.len, out->secret);
    return RC_OK;
}

static enum rc path_of(const char *serial, const char *suffix, char out[PATH_CAP]) {
    char dir[PATH_CAP], name[80];
    (void)snprintf(name, sizeof name, PREFIX "%s%s", serial, suffix);
    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    return fs_join(out, dir, name);
}

static enum rc put(const char *serial, const char *suffix, struct span content) {
    char path[PATH_CAP];
    TRY(path_of(serial, suffix, path));
    return fs_write(path, content, 0600);
}

void receipts_keep(const struct receipt *r) {
    enum rc rc = put(r->new_serial, SUFFIX, buf_span(&r->document));
    if (rc == RC_OK && r->secret[0] != '\0')
        rc = put(r->new_serial, SECRET, span_str(r->secret));
    (void)rc; /* a convenience */
}

void receipts_secret(const char *new_serial, char out[SECRET_TEXT]) {
    char path[PATH_CAP];
    AUTO(buf) text = {0};
    out[0] = '\0';
    if (!is_serial(new_serial) || path_of(new_serial, SECRET, path) != RC_OK ||
        fs_read(path, SECRET_TEXT - 1, &text) != RC_OK || strspn(buf_str(&text), "0123456789ABCDEF") != text.len)
        return;
    memcpy(out, buf_str(&text), text.len + 1);
}

static enum rc get_new(const char *serial, struct receipt *out) {
    char path[PATH_CAP];
    AUTO(buf) document = {0};
    AUTO(receipt) r = {0};
    TRY(path_of(serial, SUFFIX, path));
    TRY(fs_read(path, RECEIPT_LIMIT, &document));
    if (receipt_read(buf_span(&document), NULL, &r) != RC_OK || strcmp(r.new_serial, serial) != 0)
        FAIL(RC_NOT_FOUND, "%s is damaged", path); /* the server gives it again */
    receipt_free(out);
    *out = r;
    r = (struct receipt){0}; /* given away */
    return RC_OK;
}

static enum rc get(const char *serial, struct receipt *out) {
    char serials[RECEIPTS_MAX][48];
    int count = receipts_list(serials);
    for (int i = 0; i < count; i++)
        if (strcmp(serials[i], serial) == 0)
            return get_new(serial, out);
    for (int i = 0; i < count; i++) {
        AUTO(receipt) r = {0};
        if (get_new(serials[i], &r) != RC_OK || strcmp(r.old_serial, serial) != 0)
            continue;
        receipt_free(out);
        *out = r;
        r = (struct receipt){0}; /* given away */
        return RC_OK;
    }
    FAIL(RC_NOT_FOUND, "no receipt is kept here for %s", serial);
}

enum rc receipts_get(const char *serial, const struct ca *ca, struct receipt *out) {
    AUTO(receipt) r = {0};
    if (!is_serial(serial))
        FAIL(RC_NOT_FOUND, "no receipt is kept here under \"%.50s\"", serial);
    if (ca == NULL)
        return get(serial, out);
    TRY(get(serial, &r));
    return receipt_read(buf_span(&r.document), ca, out);
}

struct listing {
    char (*serials)[48];
    int count;
};

static void list_one(void *arg, const char *name) {
    struct listing *l = arg;
    char serial[48];
    size_t prefix = strlen(PREFIX), suffix = strlen(SUFFIX), len = strlen(name);
    if (l->count == RECEIPTS_MAX || len <= prefix + suffix || strncmp(name, PREFIX, prefix) != 0 ||
        strcmp(name + len - suffix, SUFFIX) != 0)
        return;
    enum rc rc = text_set_span(serial, sizeof serial, span_of(name + prefix, len - prefix - suffix));
    if (rc == RC_OK && is_serial(serial))
        memcpy(l->serials[l->count++], serial, sizeof serial);
}

int receipts_list(char serials[RECEIPTS_MAX][48]) {
    char dir[PATH_CAP];
    struct listing l = {.serials = serials};
    if (journal_folder(dir) == RC_OK)
        fs_each(dir, FILES, list_one, &l);
    return l.count;
}
