/* The server's JSON API and its CMP address. */
#include "client/net/api.h"

#include <string.h>

#include "base/der.h"
#include "base/fs.h"
#include "base/hex.h"
#include "base/jsonw.h"
#include "client/net/json.h"
#include "rules/consent_text.h"
#include "rules/mark.h"

#define MODULE_NAME_MOST 64 /* as the server takes it */

void api_client_free(struct api_client *c) {
    buf_free(&c->issuer);
}

void api_check_free(struct api_check *c) {
    api_client_free(&c->client);
}

static enum rc client_read(const struct json *j, struct api_client *c) {
    TRY(text_set(c->minimum, sizeof c->minimum, json_text(j, "client_minimum")));
    TRY(text_set(c->latest, sizeof c->latest, json_text(j, "client_latest")));
    TRY(text_set(c->download, sizeof c->download, json_text(j, "client_download")));
    TRY(text_set(c->hotline, sizeof c->hotline, json_text(j, "hotline")));
    TRY(text_set(c->issuer_name, sizeof c->issuer_name, json_text(j, "issuer_name")));
    TRY(text_set(c->branch, sizeof c->branch, json_text(j, "branch")));
    TRY(text_set(c->programme, sizeof c->programme, json_text(j, "programme")));
    TRY(text_set(c->letter, sizeof c->letter, json_text(j, "letter")));
    c->devices_version = json_int(j, "devices_version");
    TRY(instant_parse(json_text(j, "server_time"), &c->server_time));
    return b64_from(span_str(json_text(j, "issuer")), &c->issuer);
}

/* A problem (RFC 9457) in words: "code: title detail (support code)". What has no code is a gateway's page or another
   server's: nobody of ours has refused anything. */
static enum rc problem_refuse(const struct http_answer *a, char code[API_CODE]) {
    AUTO_PTR(json) j = NULL;

    if (json_open(buf_span(&a->body), &j) != RC_OK || json_text(j, "code")[0] == '\0')
        FAIL(RC_NETWORK, "something that is not the server answered with status %ld", a->status);
    if (code != NULL)
        TRY(text_set(code, API_CODE, json_text(j, "code")));
    FAIL(RC_REFUSED, "%s: %s. %s (%s)", json_text(j, "code"), json_text(j, "title"), json_text(j, "detail"),
         json_text(j, "support_code"));
}

/* POSTs what `w` holds and opens the answer. */
static enum rc call(struct http *h, const char *path, struct jsonw *w, char code[API_CODE], struct json **out) {
    AUTO(http_answer) answer = {0};

    TRY(jsonw_end(w));
    TRY(http_post(h, path, "application/json", buf_span(&w->out), &answer));
    if (answer.status != 200)
        return problem_refuse(&answer, code);
    return json_open(buf_span(&answer.body), out);
}

static enum rc line_add(void *arg, const char *label, const char *value) {
    struct api_check *c = arg;

    if (c->subject_count == SUBJECT_LINES)
        FAIL(RC_LIMIT, "the server's answer has more than %d lines of subscriber data", SUBJECT_LINES);
    struct api_line *line = &c->subject[c->subject_count];
    TRY(text_set(line->label, sizeof line->label, label));
    TRY(text_set(line->value, sizeof line->value, value));
    c->subject_count++;
    return RC_OK;
}

static enum rc check_read(const struct json *j, struct api_check *c) {
    TRY(text_set(c->serial, sizeof c->serial, json_text(j, "serial")));
    TRY(text_set(c->new_serial, sizeof c->new_serial, json_text(j, "new_serial")));
    TRY(text_set(c->verdict, sizeof c->verdict, json_text(j, "verdict")));
    TRY(json_join(j, "reasons", ";", c->reasons, sizeof c->reasons));
    TRY(text_set(c->state, sizeof c->state, json_text(j, "state")));
    TRY(text_set(c->device, sizeof c->device, json_text(j, "device")));
    TRY(json_join(j, "channels", ";", c->channels, sizeof c->channels));
    TRY(text_set(c->opens_on, sizeof c->opens_on, json_text(j, "opens_on")));
    TRY(text_set(c->old_not_after, sizeof c->old_not_after, json_text(j, "old_not_after")));
    TRY(text_set(c->new_not_after, sizeof c->new_not_after, json_text(j, "new_not_after")));
    TRY(text_set(c->message, sizeof c->message, json_text(j, "message")));
    TRY(json_pairs(j, "subject", line_add, c));
    TRY(client_read(j, &c->client));
    c->owed_days = json_int(j, "owed_days");
    c->open = json_bool(j, "open");
    c->halted = json_bool(j, "halted");
    c->successor_wanted = json_bool(j, "successor_wanted");
    c->may_clean = strcmp(json_text(j, "old_certificate"), "remove-allowed") == 0;
    return RC_OK;
}

bool api_opens(const struct api_check *c, bool assisted) {
    bool open = c->channels[0] == '\0';

    for (const char *at = c->channels; *at != '\0'; at += strspn(at, ";")) {
        size_t len = strcspn(at, ";");
        bool self = span_eq(span_of(at, len), span_str("self"));
        open |= self != assisted;
        at += len;
    }
    return open;
}

enum rc api_check_run(struct http *h, struct span certificate, struct api_check *out) {
    AUTO(jsonw) w = {0};
    AUTO(api_check) c = {0};
    AUTO_PTR(json) j = NULL;

    jsonw_object(&w, NULL);
    jsonw_b64(&w, "certificate", certificate);
    jsonw_close(&w, '}');
    TRY(call(h, "/api/v1/check", &w, NULL, &j));
    if (check_read(j, &c) != RC_OK)
        return err_in(RC_NETWORK, "the server's answer cannot be used");
    *out = c;
    c = (struct api_check){0};
    return RC_OK;
}

enum rc api_client_run(struct http *h, struct api_client *out) {
    AUTO(http_answer) answer = {0};
    AUTO(api_client) c = {0};
    AUTO_PTR(json) j = NULL;

    TRY(http_get(h, "/api/v1/client", &answer));
    if (answer.status != 200)
        return problem_refuse(&answer, NULL);
    TRY(json_open(buf_span(&answer.body), &j));
    TRY(client_read(j, &c));
    *out = c;
    c = (struct api_client){0};
    return RC_OK;
}

enum rc api_devices(struct http *h, struct buf *out) {
    AUTO(http_answer) answer = {0};

    TRY(http_get(h, "/api/v1/devices", &answer));
    if (answer.status != 200)
        return problem_refuse(&answer, NULL);
    return buf_add_span(out, buf_span(&answer.body));
}

/* The driver's file name; one of a length that the server does not take is left out: nobody is refused for it. */
static struct span short_name(const char *path) {
    struct span name = span_str(fs_base_name(path));
    return name.len > MODULE_NAME_MOST ? span_str("") : name;
}

static void begin_write(struct jsonw *w, const struct api_begin *b) {
    jsonw_object(w, NULL);
    jsonw_b64(w, "certificate", b->certificate);
    jsonw_object(w, "consent");
    jsonw_str(w, "text_id", CONSENT_NOW);
    jsonw_bool(w, "given", true);
    jsonw_close(w, '}');
    jsonw_str(w, "client_version", CAPBU_VERSION);
    jsonw_str(w, "device_model", b->device_model);
    if (b->unknown != NULL) {
        jsonw_object(w, "unknown_token");
        jsonw_span(w, "module", short_name(b->unknown->module->path));
        jsonw_str(w, "manufacturer", b->unknown->manufacturer);
        jsonw_str(w, "model", b->unknown->model);
        jsonw_str(w, "firmware", b->unknown->firmware);
        jsonw_close(w, '}');
    }
    jsonw_str(w, "channel", b->assist == NULL ? "self" : "am");
    if (b->assist != NULL)
        jsonw_str(w, "assist", b->assist);
    if (b->ticket[0] != '\0')
        jsonw_str(w, "ticket", b->ticket);
    jsonw_close(w, '}');
}

enum rc api_begin_run(struct http *h, struct api_begin *b, char code[API_CODE]) {
    AUTO(jsonw) w = {0};
    AUTO_PTR(json) j = NULL;

    begin_write(&w, b);
    TRY(call(h, "/api/v1/begin", &w, code, &j));
    TRY(text_set(b->ticket, sizeof b->ticket, json_text(j, "ticket")));
    b->go = json_bool(j, "go");
    b->position = json_int(j, "position");
    b->wait_seconds = json_int(j, "wait_seconds");
    b->about_seconds = json_int(j, "about_seconds");
    return RC_OK;
}

enum rc api_receipt(struct http *h, struct span certificate, const char *secret, struct buf *out) {
    AUTO(jsonw) w = {0};
    AUTO(http_answer) a = {0};

    jsonw_object(&w, NULL);
    jsonw_b64(&w, "certificate", certificate);
    jsonw_str(&w, "secret", secret);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    TRY(http_post(h, "/api/v1/receipt", "application/json", buf_span(&w.out), &a));
    if (a.status == 404)
        FAIL(RC_NOT_FOUND, "the server has no receipt for that certificate");
    if (a.status != 200)
        return problem_refuse(&a, NULL);
    return buf_add_span(out, buf_span(&a.body));
}

enum rc api_marks(struct http *h, struct span certificate, const char *secret, unsigned marks) {
    AUTO(jsonw) w = {0};
    AUTO_PTR(json) j = NULL;

    jsonw_object(&w, NULL);
    jsonw_b64(&w, "certificate", certificate);
    jsonw_str(&w, "secret", secret);
    jsonw_array(&w, "marks");
    for (int i = 0; i < MARK_COUNT; i++)
        if ((marks >> i & 1) != 0)
            jsonw_str(&w, NULL, mark_name(i));
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    return call(h, "/api/v1/marks", &w, NULL, &j);
}

enum rc api_cmp(struct http *h, struct span message, struct buf *answer) {
    AUTO(http_answer) a = {0};

    TRY(http_post(h, "/.well-known/cmp", "application/pkixcmp", message, &a));
    bool is_message = a.body.len > 0 && a.body.data[0] == DER_SEQUENCE; /* with whichever status (RFC 9811 3.1) */
    if (a.status != 200 && !is_message)
        return problem_refuse(&a, NULL);
    return buf_add_span(answer, buf_span(&a.body));
}
