/* JSON reading by libjansson, which is only let near text that is not nested too deeply. */
#include "server/json.h"

#include <jansson.h>
#include <string.h>

#include "base/hex.h"

#define NAME_SHOWN 40 /* bytes of an unknown member's name that an error repeats */

static void root_free(json_t **root) {
    json_decref(*root);
}

/* libjansson reads nested values by recursion and goes 2048 deep: count before it does. */
static enum rc depth_check(struct span text) {
    int depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[') && ++depth > JSON_DEPTH)
            FAIL(RC_INPUT, "JSON nested deeper than %d levels", JSON_DEPTH);
        else if (!quoted && (c == '}' || c == ']'))
            depth--;
    }
    return RC_OK;
}

static const struct json_field *field_find(const struct json_field *fields, const char *name) {
    for (; fields->name != NULL; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

static enum rc unknown_check(const json_t *object, const struct json_field *fields) {
    for (void *i = json_object_iter((json_t *)(uintptr_t)object); i != NULL;
         i = json_object_iter_next((json_t *)(uintptr_t)object, i))
        if (field_find(fields, json_object_iter_key(i)) == NULL)
            FAIL(RC_INPUT, "member \"%.*s\" is not known here", NAME_SHOWN, json_object_iter_key(i));
    return RC_OK;
}

static enum rc text_read(const json_t *value, const struct json_field *f) {
    if (!json_is_string(value))
        FAIL(RC_INPUT, "member \"%s\" must be a text", f->name);
    if (text_set(f->out, f->cap, json_string_value(value)) != RC_OK)
        FAIL(RC_INPUT, "member \"%s\" is longer than %zu bytes", f->name, f->cap - 1);
    return RC_OK;
}

static enum rc b64_read(const json_t *value, const struct json_field *f) {
    struct buf *out = f->out;
    if (!json_is_string(value))
        FAIL(RC_INPUT, "member \"%s\" must be a text in base64", f->name);
    size_t len = json_string_length(value);
    if (len == 0 || len > (f->cap + 2) / 3 * 4)
        FAIL(RC_INPUT, "member \"%s\" must stand for 1 to %zu bytes", f->name, f->cap);
    if (b64_from(span_of(json_string_value(value), len), out) != RC_OK)
        FAIL(RC_INPUT, "member \"%s\" is no base64 (RFC 4648 section 4, padded, no line breaks)", f->name);
    if (out->len > f->cap)
        FAIL(RC_INPUT, "member \"%s\" must stand for 1 to %zu bytes", f->name, f->cap);
    return RC_OK;
}

static enum rc set_read(const json_t *value, const struct json_field *f) {
    uint32_t bits = 0;
    if (!json_is_array(value))
        FAIL(RC_INPUT, "member \"%s\" must be an array of names", f->name);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        int bit = name == NULL ? -1 : f->from(name);
        if (bit < 0)
            FAIL(RC_INPUT, "member \"%s\": number %zu is none of its names", f->name, i + 1);
        bits |= 1u << bit;
    }
    *(uint32_t *)f->out = bits;
    return RC_OK;
}

static enum rc object_read(const json_t *object, const struct json_field *fields);

static enum rc member_read(const json_t *value, const struct json_field *f) {
    switch (f->kind) {
    case FIELD_TEXT:
        return text_read(value, f);
    case FIELD_B64:
        return b64_read(value, f);
    case FIELD_OBJECT:
        if (!json_is_object(value))
            FAIL(RC_INPUT, "member \"%s\" must be an object", f->name);
        if (f->out != NULL)
            *(bool *)f->out = true;
        return object_read(value, f->fields);
    case FIELD_SET:
        return set_read(value, f);
    case FIELD_BOOL:
        if (!json_is_boolean(value))
            FAIL(RC_INPUT, "member \"%s\" must be true or false", f->name);
        *(bool *)f->out = json_is_true(value);
        return RC_OK;
    }
    FAIL(RC_BUG, "member \"%s\" has no kind", f->name);
}

static enum rc object_read(const json_t *object, const struct json_field *fields) {
    TRY(unknown_check(object, fields));
    for (const struct json_field *f = fields; f->name != NULL; f++) {
        const json_t *value = json_object_get(object, f->name);
        if (value != NULL && !json_is_null(value))
            TRY(member_read(value, f));
        else if (f->required)
            FAIL(RC_INPUT, "member \"%s\" is missing", f->name);
    }
    return RC_OK;
}

enum rc json_read(struct span text, const struct json_field *fields) {
    json_error_t why;

    TRY(depth_check(text));
    __attribute__((cleanup(root_free))) json_t *root =
        json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        FAIL(RC_INPUT, "no JSON: %s (line %d, column %d)", why.text, why.line, why.column);
    if (!json_is_object(root))
        FAIL(RC_INPUT, "the body must be one JSON object");
    return object_read(root, fields);
}
