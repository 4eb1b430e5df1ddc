/* The server's answers by libjansson. `struct json` is never defined: it is a json_t under another name. */
#include "client/json.h"

#include <jansson.h>
#include <string.h>

static const json_t *inside(const struct json *j, const char *key) {
    return json_object_get((const json_t *)(const void *)j, key);
}

enum rc json_open(struct span text, struct json **out) {
    json_error_t why;
    json_t *root = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);

    if (root == NULL)
        FAIL(RC_INPUT, "the server's answer is no JSON: %s", why.text);
    if (!json_is_object(root)) {
        json_decref(root);
        FAIL(RC_INPUT, "the server's answer is no JSON object");
    }
    *out = (struct json *)root;
    return RC_OK;
}

void json_free(struct json *j) {
    json_decref((json_t *)j);
}

const char *json_text(const struct json *j, const char *key) {
    const char *value = json_string_value(inside(j, key));
    return value == NULL ? "" : value;
}

int64_t json_int(const struct json *j, const char *key) {
    return json_integer_value(inside(j, key));
}

bool json_bool(const struct json *j, const char *key) {
    return json_is_true(inside(j, key));
}

enum rc json_join(const struct json *j, const char *key, const char *mark, char *dst, size_t cap) {
    AUTO(buf) text = {0};
    const json_t *list = inside(j, key);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (item == NULL)
            FAIL(RC_INPUT, "the server's answer: \"%s\" holds something that is no text", key);
        if (i > 0)
            TRY(buf_add_str(&text, mark));
        TRY(buf_add_str(&text, item));
    }
    return text_set(dst, cap, buf_str(&text));
}

enum rc json_pairs(const struct json *j, const char *key,
                   enum rc (*each)(void *arg, const char *label, const char *value), void *arg) {
    const json_t *list = inside(j, key);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const struct json *pair = (const struct json *)(const void *)json_array_get(list, i);
        TRY(each(arg, json_text(pair, "label"), json_text(pair, "value")));
    }
    return RC_OK;
}
