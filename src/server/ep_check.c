/* Check: what one certificate is owed, asked with the certificate or ("am I affected?") with tax code and serial. */
#include <string.h>

#include "pki/cert/cert_holder.h"
#include "pki/cert/oid.h"
#include "rules/serial_typed.h"
#include "server/answer.h"
#include "server/app.h"
#include "server/body.h"
#include "server/ep.h"
#include "service/issuing/recover.h"
#include "service/issuing/texts.h"

static const char *reason_at(int i) {
    return reason_name((enum reason)i);
}
static const char *channel_at(int i) {
    return channel_name((enum channel)i);
}

static const char *unfit_at(int i) {
    return unfit_name((enum unfit)i);
}
static const char *oddity_at(int i) {
    return oddity_name((enum oddity)i);
}

static void put_dates(struct jsonw *w, const struct verdict *v) {
    jsonw_instant(w, "old_not_after", v->old_not_after);
    jsonw_instant(w, "new_not_after", v->new_not_after);
    if (v->new_not_after == INSTANT_NONE)
        jsonw_null(w, "owed_days");
    else
        jsonw_int(w, "owed_days", v->owed_days);
}

/* Who is refused is owed nothing, so no state of a renewal applies, unless one was made before. */
static void put_state(struct jsonw *w, const struct screened *v) {
    bool none = v->verdict.kind == VERDICT_REFUSED && v->state == STATE_OWED;
    jsonw_str(w, "state", none ? NULL : state_name(v->state));
    jsonw_text(w, "new_serial", v->state >= STATE_ISSUED ? v->new_serial : "");
}

static enum rc put_verdict(struct jsonw *w, const struct request *q, const struct screened *v, int64_t now) {
    const struct site *s = &q->app->site;
    AUTO(buf) message = {0};

    TRY(text_verdict(q->lang, &s->campaign, v, &message));
    jsonw_text(w, "serial", v->serial);
    jsonw_str(w, "verdict", verdict_name(v->verdict.kind));
    jsonw_names(w, "reasons", v->verdict.reasons, REASON_COUNT, reason_at);
    jsonw_names(w, "unfit", v->unfit, UNFIT_COUNT, unfit_at);
    jsonw_names(w, "notes", v->odd, ODD_COUNT, oddity_at);
    put_dates(w, &v->verdict);
    jsonw_str(w, "device", v->device == DEVICE_NONE ? NULL : device_name(v->device));
    jsonw_bool(w, "open", v->opening.open);
    answer_day(w, "opens_on", v->opening.opens_on);
    jsonw_names(w, "channels", v->opening.channels, CHANNEL_COUNT, channel_at);
    put_state(w, v);
    if (v->wanted)
        jsonw_bool(w, "successor_wanted", true);
    jsonw_str(w, "message", buf_str(&message));
    jsonw_bool(w, "halted", v->opening.halted);
    jsonw_str(w, "old_certificate", s->campaign.old_certificate == OLD_REMOVE_ALLOWED ? "remove-allowed" : "keep");
    ep_client_put(w, q->app, now);
    jsonw_instant(w, "server_time", now);
    jsonw_b64(w, "issuer", buf_span(&s->new_ca_der));
    return RC_OK;
}

static const char *const tax_label[2] = {"Mã số thuế", "Tax code"};

/* The subscriber's data in the new certificate, which are those of the old one (R5.10): what to look through before
   consenting. The caller has sent them, so nothing is told that it does not know. */
static enum rc put_subject(struct jsonw *w, enum lang lang, struct span der) {
    const struct {
        struct span oid;
        const char *label[2];
    } lines[] = {{OID_CN, {"Tên đơn vị", "Name"}},          {OID_UID, {"Số giấy tờ", "Identity"}},
                 {OID_O, {"Tổ chức", "Organisation"}},      {OID_OU, {"Đơn vị", "Unit"}},
                 {OID_TITLE, {"Chức vụ", "Title"}},         {OID_L, {"Địa bàn", "Locality"}},
                 {OID_ST, {"Tỉnh, thành phố", "Province"}}, {OID_EMAIL, {"Thư điện tử", "E-mail"}}};
    struct cert cert;

    bool taken = cert_parse(der, &cert) == RC_OK; /* of what is not, no name is read */
    struct cert_holder holder = {0};
    if (taken)
        holder = cert_holder_of(cert.subject);
    jsonw_array(w, "subject");
    for (size_t i = 0; taken && i < sizeof lines / sizeof lines[0]; i++) {
        AUTO(buf) value = {0};
        enum rc rc = cert_name_get(cert.subject, lines[i].oid, &value);
        if (rc == RC_NOT_FOUND)
            continue;
        TRY(rc);
        bool tax = i == 1 && holder.tax_code[0] != '\0';
        jsonw_object(w, NULL);
        jsonw_str(w, "label", tax ? tax_label[lang] : lines[i].label[lang]);
        jsonw_span(w, "value", tax ? span_str(holder.tax_code) : buf_span(&value));
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
    return RC_OK;
}

enum rc ep_check_post(struct request *q, struct response *r) {
    int64_t now = conf_now(&q->app->site.conf);
    AUTO(check_body) body = {0};
    AUTO(jsonw) w = {0};
    struct screened v;

    TRY(check_body_parse(buf_span(&q->body), &body));
    TRY(recover_shown(&q->app->site, buf_span(&body.certificate), now));
    TRY(screen_certificate(&q->app->site, buf_span(&body.certificate), now, &v));
    TRY(text_set(r->old_serial, sizeof r->old_serial, v.serial));
    jsonw_object(&w, NULL);
    TRY(put_verdict(&w, q, &v, now));
    TRY(put_subject(&w, q->lang, buf_span(&body.certificate)));
    jsonw_close(&w, '}');
    return answer_json(r, &w);
}

enum rc ep_check_get(struct request *q, struct response *r) {
    int64_t now = conf_now(&q->app->site.conf);
    const char *tax_code = request_arg(q, "tax_code");
    char serial[SERIAL_READINGS][SERIAL_HEX];
    AUTO(jsonw) w = {0};
    struct screened v = {0};

    for (int i = 0; i < q->query_count; i++)
        if (strcmp(q->query[i].name, "tax_code") != 0 && strcmp(q->query[i].name, "serial") != 0)
            FAIL(RC_INPUT, "the query takes tax_code and serial only");
    if (!tax_code_valid(tax_code))
        FAIL(RC_INPUT, "tax_code: 9 to 14 digits, then nothing or a dash and 3 digits");
    int readings = serial_readings(request_arg(q, "serial"), serial);
    if (readings == 0)
        FAIL(RC_INPUT, "serial: the certificate's serial number, in hexadecimal or decimal digits");
    for (int i = 0; i < readings && (i == 0 || v.verdict.reasons == 1u << REASON_UNKNOWN_CERTIFICATE); i++)
        TRY(screen_serial(&q->app->site, tax_code, serial[i], now, &v));
    if (v.verdict.reasons == 1u << REASON_UNKNOWN_CERTIFICATE)
        screen_unknown(serial[0], &v); /* in the likelier reading */
    TRY(text_set(r->old_serial, sizeof r->old_serial, v.serial));
    jsonw_object(&w, NULL);
    TRY(put_verdict(&w, q, &v, now));
    jsonw_close(&w, '}');
    return answer_json(r, &w);
}
