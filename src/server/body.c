/* What may stand in each body: a table of members each. */
#include "server/body.h"

#include "base/support_code.h"
#include "rules/mark.h"
#include "server/json.h"

void check_body_free(struct check_body *b) {
    buf_free(&b->certificate);
}

enum rc check_body_parse(struct span text, struct check_body *out) {
    AUTO(check_body) b = {0};
    const struct json_field fields[] = {
        {.name = "certificate", .kind = FIELD_B64, .required = true, .out = &b.certificate, .cap = CERT_BODY_MAX}, {0}};

    TRY(json_read(text, fields));
    *out = b;
    b = (struct check_body){0};
    return RC_OK;
}

void after_body_free(struct after_body *b) {
    buf_free(&b->certificate);
}

enum rc after_body_parse(struct span text, bool with_marks, struct after_body *out) {
    AUTO(after_body) b = {0};
    struct json_field fields[] = {
        {.name = "certificate", .kind = FIELD_B64, .required = true, .out = &b.certificate, .cap = CERT_BODY_MAX},
        {.name = "secret", .kind = FIELD_TEXT, .out = b.secret, .cap = sizeof b.secret},
        {.name = "marks", .kind = FIELD_SET, .required = true, .out = &b.marks, .from = mark_from},
        {0}};

    if (!with_marks)
        fields[2] = (struct json_field){0};
    TRY(json_read(text, fields));
    *out = b;
    b = (struct after_body){0};
    return RC_OK;
}

void begin_body_free(struct begin_body *b) {
    buf_free(&b->certificate);
}

#define TEXT_FIELD(member, field)                                                                                      \
    { .name = (member), .kind = FIELD_TEXT, .out = (field), .cap = sizeof(field) }

/* Read out over the telephone, typed as people type: as it was given out again. What is none stays, to be unknown. */
static enum rc assist_tidy(struct begin_body *b) {
    char code[SUPPORT_CODE_TEXT];

    return support_code_parse(b->assist, code) == RC_OK ? text_set(b->assist, sizeof b->assist, code) : RC_OK;
}

enum rc begin_body_parse(struct span text, struct begin_body *out) {
    AUTO(begin_body) b = {0};
    char label[97] = ""; /* may come, and is not kept */
    const struct json_field consent[] = {
        TEXT_FIELD("text_id", b.consent_text), {.name = "given", .kind = FIELD_BOOL, .out = &b.consent_given}, {0}};
    const struct json_field unknown[] = {TEXT_FIELD("label", label),
                                         TEXT_FIELD("module", b.unknown.module),
                                         TEXT_FIELD("manufacturer", b.unknown.manufacturer),
                                         TEXT_FIELD("model", b.unknown.model),
                                         TEXT_FIELD("firmware", b.unknown.firmware),
                                         {0}};
    const struct json_field fields[] = {
        {.name = "certificate", .kind = FIELD_B64, .required = true, .out = &b.certificate, .cap = CERT_BODY_MAX},
        {.name = "unknown_token", .kind = FIELD_OBJECT, .fields = unknown, .out = &b.unknown.given},
        {.name = "consent", .kind = FIELD_OBJECT, .fields = consent},
        TEXT_FIELD("client_version", b.client_version),
        TEXT_FIELD("device_model", b.device_model),
        TEXT_FIELD("channel", b.channel),
        TEXT_FIELD("assist", b.assist),
        TEXT_FIELD("ticket", b.ticket),
        {0}};

    TRY(json_read(text, fields));
    TRY(assist_tidy(&b));
    *out = b;
    b = (struct begin_body){0};
    return RC_OK;
}
