/* The page's commands, one row each. */
#include "client/ui/ui_api.h"

#include <string.h>

#include "client/net/json.h"

static const struct {
    const char *name;
    enum ui_kind kind;
    const char *member; /* of the JSON body that has the text, NULL: none */
} COMMANDS[] = {
    {"lang", UI_LANG, "lang"},       {"mark", UI_MARK, "item"},   {"choose", UI_CHOOSE, "serial"},
    {"consent", UI_AGREE, "assist"}, {"pin", UI_PIN, NULL},       {"last", UI_LAST_TRY, NULL},
    {"retry", UI_RETRY, NULL},       {"cancel", UI_CANCEL, NULL}, {"restart", UI_RESTART, NULL},
    {"clean", UI_CLEAN, NULL},       {"proxy", UI_PROXY, NULL},
};

static enum rc pin_read(struct span body, struct ui_command *c) {
    if (body.len > 0 && memchr(body.ptr, 0, body.len) != NULL)
        FAIL(RC_INPUT, "a PIN or password has no NUL");
    return secret_from(&c->pin, body);
}

/* The address, the name and the password, a line each: no parser's copy of the password. */
static enum rc proxy_read(struct span body, struct ui_command *c) {
    struct span part[3] = {{0}};

    for (int i = 0; i < 3; i++) {
        const uint8_t *end = i == 2 || body.len == 0 ? NULL : memchr(body.ptr, '\n', body.len);
        size_t len = end == NULL ? body.len : (size_t)(end - body.ptr);
        part[i] = span_of(body.ptr, len);
        body = span_of(body.ptr + len + (end != NULL), body.len - len - (end != NULL));
    }
    TRY(text_set_span(c->text, sizeof c->text, part[0]));
    TRY(text_set_span(c->name, sizeof c->name, part[1]));
    return pin_read(part[2], c);
}

static enum rc text_read(struct span body, const char *member, struct ui_command *c) {
    AUTO_PTR(json) j = NULL;

    TRY(json_open(body, &j));
    TRY(text_set(c->text, sizeof c->text, json_text(j, member)));
    c->flag = json_bool(j, "done");
    return RC_OK;
}

enum rc ui_api_parse(const char *name, long seq, struct span body, struct ui_command *out) {
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
        if (strcmp(COMMANDS[i].name, name) != 0)
            continue;
        AUTO(ui_command) c = {.kind = COMMANDS[i].kind, .seq = seq};
        if (c.kind == UI_PIN)
            TRY(pin_read(body, &c));
        if (c.kind == UI_PROXY)
            TRY(proxy_read(body, &c));
        if (COMMANDS[i].member != NULL)
            TRY(text_read(body, COMMANDS[i].member, &c));
        *out = c;
        c = (struct ui_command){0};
        return RC_OK;
    }
    FAIL(RC_NOT_FOUND, "no such command");
}
