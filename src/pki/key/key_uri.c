/* Reads RFC 7512 URIs: path attributes by ';', query attributes by '&', percent-encoded values. */
#include "pki/key/key_uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/os.h"

#define SCHEME    "pkcs11:"
#define VALUE_CAP PATH_CAP

/* Percent-decodes; the value may hold any byte, `id` does. */
static enum rc decode(struct span in, uint8_t out[VALUE_CAP], size_t *len) {
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        if (n == VALUE_CAP - 1)
            FAIL(RC_USAGE, "a value of more than %d bytes", VALUE_CAP - 1);
        out[n] = in.ptr[i];
        if (in.ptr[i] == '%') {
            char pair[3] = {0};
            size_t one = 1;
            memcpy(pair, in.ptr + i + 1, in.len - i - 1 < 2 ? in.len - i - 1 : 2);
            if (hex_from(pair, out + n, &one) != RC_OK || one != 1)
                FAIL(RC_USAGE, "%% is not followed by two hexadecimal digits");
            i += 2;
        }
        n++;
    }
    *len = n;
    return RC_OK;
}

static enum rc put_text(char *dst, size_t cap, struct span value) {
    if (dst[0] != '\0')
        FAIL(RC_USAGE, "it is given twice");
    return text_set_span(dst, cap, value) == RC_OK ? RC_OK : err_set(RC_USAGE, "its value is too long or holds a NUL");
}

static enum rc put_id(struct key_uri *u, struct span value) {
    if (u->id_len != 0 || value.len == 0 || value.len > sizeof u->id)
        FAIL(RC_USAGE, "it is given once, with 1 to %d bytes", CKA_ID_MAX);
    memcpy(u->id, value.ptr, value.len);
    u->id_len = value.len;
    return RC_OK;
}

static enum rc put_pin_file(struct key_uri *u, struct span value) {
    static const char scheme[] = "file:";
    size_t skip = value.len >= sizeof scheme - 1 && memcmp(value.ptr, scheme, sizeof scheme - 1) == 0 ? 5 : 0;
    if (value.len - skip > 2 && memcmp(value.ptr + skip, "//", 2) == 0) /* file:///path */
        skip += 2;
    if (skip == 0 && value.len > 0 && value.ptr[0] == '|')
        FAIL(RC_USAGE, "a program is not run to get a PIN: name a file");
    return put_text(u->pin_file, sizeof u->pin_file, span_of(value.ptr + skip, value.len - skip));
}

static enum rc put_path(struct key_uri *u, const char *name, struct span value) {
    const struct {
        const char *name;
        char *dst;
        size_t cap;
    } texts[] = {{"token", u->token, sizeof u->token},
                 {"serial", u->serial, sizeof u->serial},
                 {"manufacturer", u->manufacturer, sizeof u->manufacturer},
                 {"model", u->model, sizeof u->model},
                 {"object", u->object, sizeof u->object}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(name, texts[i].name) == 0)
            return put_text(texts[i].dst, texts[i].cap, value);
    if (strcmp(name, "id") == 0)
        return put_id(u, value);
    if (strcmp(name, "type") != 0)
        FAIL(RC_USAGE, "it is not known before a ?: token, serial, manufacturer, model, object, id and type are");
    return span_eq_str(value, "private") ? RC_OK : err_set(RC_USAGE, "only type=private names a private key");
}

static enum rc put_query(struct key_uri *u, const char *name, struct span value) {
    if (strcmp(name, "module-path") == 0)
        return put_text(u->module, sizeof u->module, value);
    if (strcmp(name, "pin-source") == 0)
        return put_pin_file(u, value);
    if (strcmp(name, "pin-value") == 0)
        FAIL(RC_USAGE, "a PIN in a URI shows in argv and logs: put it into a file and name that with --ca-pin-file or "
                       "pin-source=file:…");
    FAIL(RC_USAGE, "it is not known behind a ?: module-path and pin-source are, with & between");
}

/* One "name=value". The decoded value is wiped: it could be a PIN that somebody wrote there. */
static enum rc attribute(struct key_uri *u, struct span text, bool query) {
    char name[32];
    uint8_t value[VALUE_CAP];
    size_t len = 0;
    const uint8_t *equals = memchr(text.ptr, '=', text.len);
    if (equals == NULL || text_set_span(name, sizeof name, span_of(text.ptr, (size_t)(equals - text.ptr))) != RC_OK)
        FAIL(RC_USAGE, "pkcs11: URI: an attribute is not name=value");
    struct span raw = span_of(equals + 1, text.len - (size_t)(equals + 1 - text.ptr));
    enum rc rc = decode(raw, value, &len);
    if (rc == RC_OK)
        rc = (query ? put_query : put_path)(u, name, span_of(value, len));
    os_wipe(value, sizeof value);
    return rc == RC_OK ? RC_OK : err_in(rc, "pkcs11: URI, %s", name);
}

static enum rc attributes(struct key_uri *u, struct span text, char separator) {
    while (text.len > 0) {
        const uint8_t *end = memchr(text.ptr, separator, text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        if (len > 0)
            TRY(attribute(u, span_of(text.ptr, len), separator == '&'));
        size_t skip = len + (end != NULL);
        text = span_of(text.ptr + skip, text.len - skip);
    }
    return RC_OK;
}

enum rc key_uri_parse(const char *text, struct key_uri *out) {
    struct key_uri u = {0};
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
        FAIL(RC_USAGE, "a key on a token is named by a URI that begins with " SCHEME " (RFC 7512)");
    text += strlen(SCHEME);
    const char *query = strchr(text, '?');
    size_t path = query == NULL ? strlen(text) : (size_t)(query - text);
    TRY(attributes(&u, span_of(text, path), ';'));
    if (query != NULL)
        TRY(attributes(&u, span_str(query + 1), '&'));
    if (u.module[0] == '\0') {
        const char *env = os_env("PKCS11_MODULE_PATH");
        if (env == NULL || env[0] == '\0')
            FAIL(RC_USAGE, "pkcs11: URI: no module-path=…, and PKCS11_MODULE_PATH is not set");
        TRY(text_set(u.module, sizeof u.module, env));
    }
    *out = u;
    return RC_OK;
}

static bool fits(const char *wanted, const char *is) {
    return wanted[0] == '\0' || strcmp(wanted, is) == 0;
}

bool key_uri_fits(const struct key_uri *u, const struct p11_token *t) {
    return t->initialized && fits(u->token, t->label) && fits(u->serial, t->serial) &&
           fits(u->manufacturer, t->manufacturer) && fits(u->model, t->model);
}
