/* Reads and writes the consent in a request (declared in pki/cmp/cmp_consent.h). */
#include "pki/cmp/cmp_consent.h"

#include <string.h>

#include "base/day.h"
#include "base/utf8.h"
#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"

/* Texts go into records and logs: they fit, and hold nothing that could not be read. */
static enum rc text(struct span value, char *out, size_t cap) {
    if (!utf8_valid(value))
        FAIL(RC_INPUT, "it is not UTF-8");
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
            FAIL(RC_INPUT, "it has a control character");
    if (value.len >= cap)
        FAIL(RC_INPUT, "it has %zu bytes, at most %zu are taken", value.len, cap - 1);
    return text_set_span(out, cap, value);
}

static enum rc required(struct der *d, char *out, size_t cap) {
    struct der_item item;
    TRY(der_take(d, DER_UTF8_STRING, &item));
    return text(item.value, out, cap);
}

static enum rc optional(struct der *d, int n, char *out, size_t cap) {
    struct der_item item;
    if (!der_next_is(d, (uint8_t)DER_CONTEXT(n)))
        return RC_OK;
    TRY(der_any(d, &item));
    return text(item.value, out, cap);
}

static enum rc sequence(struct der *d, struct cmp_consent *c) {
    TRY(cert_at("text", required(d, c->text_id, sizeof c->text_id)));
    TRY(cert_at("language", required(d, c->lang, sizeof c->lang)));
    TRY(cert_at("time", der_time(d, &c->at)));
    TRY(cert_at("client", optional(d, 0, c->client_version, sizeof c->client_version)));
    TRY(cert_at("device", optional(d, 1, c->device_model, sizeof c->device_model)));
    TRY(cert_at("ticket", optional(d, 2, c->ticket, sizeof c->ticket)));
    TRY(cert_at("assist", optional(d, 3, c->assist, sizeof c->assist)));
    if (strcmp(c->lang, "vi") != 0 && strcmp(c->lang, "en") != 0)
        FAIL(RC_INPUT, "the language is vi or en");
    return der_end(d);
}

static enum rc read_value(struct span value, struct cmp_consent *c) {
    struct der d = der_open(value), in;
    if (der_next_is(&d, DER_INTEGER)) {
        TRY(der_small(&d, &c->number));
        if (c->number < 1)
            FAIL(RC_INPUT, "a text's number is positive");
        TRY(text_set(c->lang, sizeof c->lang, "vi"));
        return der_end(&d);
    }
    TRY(der_enter(&d, DER_SEQUENCE, &in));
    TRY(sequence(&in, c));
    return der_end(&d);
}

enum rc cmp_consent_get(const struct cmp_msg *m, struct cmp_consent *out) {
    struct cmp_consent c = {.at = INSTANT_NONE};
    struct span value;
    enum rc rc = cmp_msg_info(m, OID_CONSENT, &value);
    if (rc == RC_OK) {
        TRY(cert_at("consent", read_value(value, &c)));
        c.given = true;
    } else if (rc != RC_NOT_FOUND) {
        return rc;
    }
    *out = c;
    return RC_OK;
}

static void put_optional(struct derw *w, int n, const char *value) {
    if (value[0] != '\0')
        derw_put(w, (uint8_t)DER_CONTEXT(n), span_str(value));
}

enum rc cmp_consent_write(const struct cmp_consent *c, struct buf *out) {
    AUTO(derw) w = {0};
    derw_open(&w, DER_SEQUENCE);
    derw_put(&w, DER_UTF8_STRING, span_str(c->text_id));
    derw_put(&w, DER_UTF8_STRING, span_str(c->lang));
    derw_time(&w, c->at);
    put_optional(&w, 0, c->client_version);
    put_optional(&w, 1, c->device_model);
    put_optional(&w, 2, c->ticket);
    put_optional(&w, 3, c->assist);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_add_span(out, buf_span(&w.out));
}
