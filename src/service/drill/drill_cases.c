/* The letter's fourteen cases, a token each: what the demo shows and the tests expect. */
#include <stdio.h>
#include <string.h>

#include "service/drill/drill.h"
#include "service/drill/drill_csv.h"
#include "service/drill/drill_token.h"
#include "service/out_file.h"

const struct drill_case drill_cases[] = {
    {"v4-owed", "done", 0, "v4, được cấp bù"},
    {"v2-not-open", "not open yet", 11, "v2, chưa đến đợt"},
    {"other-ca", "not-old-issuer", 10, "CA khác cùng tên"},
    {"expiry-day-off", "expiry-differs", 10, "hết hạn lệch một ngày"},
    {"contract-not-longer", "contract-not-longer", 10, "hợp đồng không dài hơn"},
    {"issued-on-connection-day", "issued-on-connection-day", 10, "cấp đúng ngày 17/07/2019"},
    {"issued-later", "issued-after-connection", 10, "cấp sau ngày kết nối"},
    {"suspended", "suspended", 10, "đang tạm dừng"},
    {"revoked", "revoked", 10, "đã thu hồi"},
    {"beyond-new-ca", "beyond-new-ca", 10, "hợp đồng dài hơn CA mới"},
    {"unknown", "unknown-certificate", 10, "không có trong hồ sơ"},
    {"two-certificates", "choose, then done", 21, "hai chứng thư số trên một token"},
    {"half-way", "done", 0, "lần trước đứt giữa chừng"},
    {"already-done", "done", 0, "đã cấp bù rồi"},
};
const int drill_case_count = sizeof drill_cases / sizeof drill_cases[0];

static enum drill_kind kind_of(const char *name) {
    static const struct {
        const char *name;
        enum drill_kind kind;
    } kinds[] = {{"other-ca", DRILL_OTHER_CA},
                 {"expiry-day-off", DRILL_EXPIRY_OFF},
                 {"contract-not-longer", DRILL_NOT_LONGER},
                 {"issued-on-connection-day", DRILL_CONNECTION_DAY},
                 {"issued-later", DRILL_ISSUED_LATER},
                 {"suspended", DRILL_SUSPENDED},
                 {"revoked", DRILL_REVOKED},
                 {"beyond-new-ca", DRILL_BEYOND}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return DRILL_OWED;
}

/* A subscriber who is nothing but that case: everything else about it is fine. */
static struct drill_person person_of(const struct site *s, const struct drill_ca *ca, const struct drill_options *o,
                                     const char *name, int64_t number) {
    int64_t old_end = ca->cert.facts.not_after;
    struct drill_person p = drill_person_make(&s->campaign, &s->provinces, old_end, o->seed, number);

    p.not_before = day_start(s->campaign.connection_day - 365, s->campaign.utc_offset) + 9 * 3600;
    p.not_after = old_end;
    p.contract_from = s->campaign.connection_day - 365;
    p.contract_to = s->campaign.expiry_day + 287;
    p.device = strcmp(name, "v2-not-open") == 0 ? DEVICE_V2 : DEVICE_V4;
    drill_person_shape(&s->campaign, old_end, kind_of(name), &p);
    return p;
}

struct stage {
    const struct site *site;
    const struct drill_options *o;
    const struct drill_ca *ca;
    const struct p11_module *module;
    int64_t number; /* next person */
    struct buf csv;
};
static void stage_free(struct stage *st) {
    buf_free(&st->csv);
}

/* One certificate with its own key on the token in `s`. */
static enum rc put(struct stage *st, const struct p11_session *s, const char *name, uint8_t id) {
    struct drill_person p = person_of(st->site, st->ca, st->o, name, st->number++);
    struct p11_key key;
    AUTO(buf) der = {0};

    TRY(drill_token_key(s, st->o->key_bits, span_of(&id, 1), p.name, &key));
    TRY(drill_certificate(st->ca, &p, span_of(key.modulus, key.modulus_len), &der));
    TRY(drill_token_cert(s, buf_span(&der), span_of(&id, 1), p.name));
    return strcmp(name, "unknown") == 0 ? RC_OK : drill_csv_row(&p, buf_span(&der), &st->csv);
}

static enum rc case_make(struct stage *st, const struct drill_case *c) {
    AUTO(p11_session) s = {0};

    TRY(drill_token_make(st->module, c->name, st->o->pin, &s));
    TRY(put(st, &s, c->name, 1));
    return strcmp(c->name, "two-certificates") == 0 ? put(st, &s, c->name, 2) : RC_OK;
}

enum rc drill_cases_make(struct site *s, const struct drill_options *o) {
    AUTO(drill_ca) ca = {0};
    AUTO(p11_module) module = {0};
    AUTO(buf) header = {0};
    AUTO(out_file) out = {0};
    AUTO(stage) st = {.site = s, .o = o, .ca = &ca, .module = &module, .number = 1000000};

    TRY(drill_ca_open(s, &ca));
    TRY(p11_module_open(&module, o->token_module));
    TRY(drill_csv_header(&header));
    /* The header is any import file's: an earlier output looks like a list that took somebody days. */
    TRY(out_file_open(o->csv, (struct out_mark){0}, o->rules, &out));
    TRY(buf_add_span(&st.csv, buf_span(&header)));
    for (int i = 0; i < drill_case_count; i++) {
        TRY(case_make(&st, &drill_cases[i]));
        if (o->progress != NULL)
            o->progress(o->arg, i + 1, drill_case_count);
    }
    TRY(out_file_add(&out, buf_span(&st.csv)));
    return out_file_close(&out);
}
