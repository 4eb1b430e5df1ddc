/* The server's answers by libjansson. `struct json` is never defined: it is a json_t under another name. */
#include "client/net/json.h"

#include <jansson.h>
#include <string.h>

#include "base/utf8.h"

static const json_t *inside(const struct json *j, const char *key) {
    return json_object_get((const json_t *)(const void *)j, key);
}

/* No string of the server's goes to a terminal with control characters in it. */
static enum rc strings_tame(json_t *value) {
    const char *text = json_string_value(value);
    AUTO(buf) tame = {0};
    const char *key;
    json_t *inner;
    size_t i;

    json_array_foreach(value, i, inner) {
        TRY(strings_tame(inner));
    }
    json_object_foreach(value, key, inner) {
        TRY(strings_tame(inner));
    }
    if (text == NULL || utf8_printable(span_str(text)))
        return RC_OK;
    TRY(buf_add_str(&tame, text));
    utf8_tame((char *)tame.data);
    if (json_string_set(value, buf_str(&tame)) != 0)
        FAIL(RC_LIMIT, "out of memory");
    return RC_OK;
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
    enum rc rc = strings_tame(root);
    if (rc == RC_OK)
        *out = (struct json *)root;
    else
        json_decref(root);
    return rc;
}

void json_free(struct json *j) {
    json_decref((json_t *)j);
}

const struct json *json_member(const struct json *j, const char *key) {
    return (const struct json *)(const void *)inside(j, key);
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
            FAIL(RC_INPUT, "\"%s\" holds something that is no text", key);
        if (i > 0)
            TRY(buf_add_str(&text, mark));
        TRY(buf_add_str(&text, item));
    }
    return text_set(dst, cap, buf_str(&text));
}

const struct json *json_object_at(const struct json *j, const char *key) {
    const json_t *value = inside(j, key);
    return json_is_object(value) ? (const struct json *)(const void *)value : NULL;
}

enum rc json_each(const struct json *j, const char *key, enum rc (*each)(void *arg, const struct json *item),
                  void *arg) {
    const json_t *list = inside(j, key);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_object(item))
            FAIL(RC_INPUT, "\"%s\" holds something that is no object", key);
        TRY(each(arg, (const struct json *)(const void *)item));
    }
    return RC_OK;
}

struct pairs {
    enum rc (*each)(void *arg, const char *label, const char *value);
    void *arg;
};

static enum rc pair_hand_on(void *arg, const struct json *item) {
    const struct pairs *p = arg;
    return p->each(p->arg, json_text(item, "label"), json_text(item, "value"));
}

enum rc json_pairs(const struct json *j, const char *key,
                   enum rc (*each)(void *arg, const char *label, const char *value), void *arg) {
    struct pairs p = {each, arg};

    return json_each(j, key, pair_hand_on, &p);
}
