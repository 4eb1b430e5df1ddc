/* Objects as files of (type, length, value); the token's state as four lines of text. */
#include "lib/mock_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/os.h"

#define PREFIX      "object-"
#define FILE_LIMIT  65536
#define FOLDER_MOST 1000

static enum rc path_of(const char *name, char out[PATH_CAP]) {
    const char *folder = os_env("MOCK_TOKEN");

    if (folder == NULL)
        FAIL(RC_USAGE, "MOCK_TOKEN names no folder");
    return fs_join(out, folder, name);
}

bool mock_plugged(void) {
    const char *folder = os_env("MOCK_TOKEN");

    return folder != NULL && fs_exists(folder);
}

static enum rc object_path(CK_OBJECT_HANDLE handle, char out[PATH_CAP]) {
    char name[32];

    (void)snprintf(name, sizeof name, PREFIX "%05lu", handle);
    return path_of(name, out);
}

void mock_object_free(struct mock_object *o) {
    buf_free(&o->bytes);
    *o = (struct mock_object){0};
}

struct handles {
    CK_OBJECT_HANDLE *at;
    size_t count;
};

/* A file that was being written when its writer died has a longer name, and is no object. */
static void take_name(void *arg, const char *name) {
    struct handles *h = arg;
    char *end = NULL;

    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || h->count == MOCK_OBJECTS)
        return;
    CK_OBJECT_HANDLE handle = strtoul(name + strlen(PREFIX), &end, 10);
    if (*end == 0 && handle > 0)
        h->at[h->count++] = handle;
}

static int ascending(const void *a, const void *b) {
    CK_OBJECT_HANDLE x = *(const CK_OBJECT_HANDLE *)a, y = *(const CK_OBJECT_HANDLE *)b;

    return (x > y) - (x < y);
}

size_t mock_handles(CK_OBJECT_HANDLE out[MOCK_OBJECTS]) {
    struct handles h = {out, 0};
    const char *folder = os_env("MOCK_TOKEN");

    if (folder != NULL)
        fs_each(folder, FOLDER_MOST, take_name, &h);
    qsort(out, h.count, sizeof *out, ascending);
    return h.count;
}

static uint32_t little(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static enum rc add_little(struct buf *b, uint32_t value) {
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};

    return buf_add(b, bytes, sizeof bytes);
}

/* Sets the views into o->bytes. */
static bool parse(struct mock_object *o) {
    const uint8_t *at = o->bytes.data, *end = at + o->bytes.len;

    for (o->count = 0; end - at >= 8 && o->count < MOCK_ATTRIBUTES; o->count++) {
        size_t len = little(at + 4);
        if (len > (size_t)(end - at) - 8)
            return false;
        o->at[o->count] = (struct mock_attribute){little(at), span_of(at + 8, len)};
        at += 8 + len;
    }
    return at == end;
}

CK_RV mock_read(CK_OBJECT_HANDLE handle, struct mock_object *out) {
    char path[PATH_CAP];
    struct mock_object o = {.handle = handle};

    if (!mock_plugged())
        return CKR_DEVICE_REMOVED;
    if (object_path(handle, path) != RC_OK || fs_read(path, FILE_LIMIT, &o.bytes) != RC_OK || !parse(&o)) {
        mock_object_free(&o);
        return CKR_OBJECT_HANDLE_INVALID;
    }
    mock_object_free(out);
    *out = o;
    return CKR_OK;
}

bool mock_number(CK_ATTRIBUTE_TYPE type) {
    return type == CKA_CLASS || type == CKA_KEY_TYPE || type == CKA_CERTIFICATE_TYPE || type == CKA_MODULUS_BITS ||
           type == CKA_CERTIFICATE_CATEGORY || type == CKA_VALUE_LEN || type == CKA_KEY_GEN_MECHANISM;
}

static enum rc add_attribute(struct buf *b, const CK_ATTRIBUTE *a) {
    CK_ULONG number = 0;

    TRY(add_little(b, (uint32_t)a->type));
    if (!mock_number(a->type)) {
        TRY(add_little(b, (uint32_t)a->ulValueLen));
        return buf_add(b, a->pValue, a->ulValueLen);
    }
    if (a->ulValueLen != sizeof number)
        FAIL(RC_INPUT, "a number of another size");
    memcpy(&number, a->pValue, sizeof number);
    TRY(add_little(b, 4));
    return add_little(b, (uint32_t)number);
}

static bool changed(CK_ATTRIBUTE_TYPE type, const CK_ATTRIBUTE *changes, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++)
        if (changes[i].type == type)
            return true;
    return false;
}

static enum rc put(const struct mock_object *old, const CK_ATTRIBUTE *changes, CK_ULONG count,
                   CK_OBJECT_HANDLE handle) {
    AUTO(buf) bytes = {0};
    char path[PATH_CAP];

    for (size_t i = 0; old != NULL && i < old->count; i++) {
        if (changed(old->at[i].type, changes, count))
            continue;
        TRY(add_little(&bytes, (uint32_t)old->at[i].type));
        TRY(add_little(&bytes, (uint32_t)old->at[i].value.len));
        TRY(buf_add_span(&bytes, old->at[i].value));
    }
    for (CK_ULONG i = 0; i < count; i++)
        TRY(add_attribute(&bytes, &changes[i]));
    TRY(object_path(handle, path));
    return fs_write(path, buf_span(&bytes), 0600);
}

CK_RV mock_write(const struct mock_object *old, const CK_ATTRIBUTE *changes, CK_ULONG count, CK_OBJECT_HANDLE *handle) {
    CK_OBJECT_HANDLE all[MOCK_OBJECTS];
    size_t taken = mock_handles(all);

    if (!mock_plugged())
        return CKR_DEVICE_REMOVED;
    if (count + (old == NULL ? 0 : old->count) > MOCK_ATTRIBUTES)
        return CKR_TEMPLATE_INCONSISTENT;
    if (old == NULL && taken == MOCK_OBJECTS)
        return CKR_DEVICE_MEMORY;
    CK_OBJECT_HANDLE mine = old != NULL ? old->handle : taken == 0 ? 1 : all[taken - 1] + 1;
    enum rc rc = put(old, changes, count, mine);
    if (rc == RC_OK)
        *handle = mine;
    return rc == RC_OK ? CKR_OK : rc == RC_INPUT ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_DEVICE_ERROR;
}

CK_RV mock_destroy(CK_OBJECT_HANDLE handle) {
    char path[PATH_CAP];

    if (!mock_plugged())
        return CKR_DEVICE_REMOVED;
    return object_path(handle, path) == RC_OK && fs_remove(path) ? CKR_OK : CKR_OBJECT_HANDLE_INVALID;
}

const struct mock_attribute *mock_find(const struct mock_object *o, CK_ATTRIBUTE_TYPE type) {
    for (size_t i = 0; i < o->count; i++)
        if (o->at[i].type == type)
            return &o->at[i];
    return NULL;
}

CK_ULONG mock_ulong(const struct mock_object *o, CK_ATTRIBUTE_TYPE type, CK_ULONG none) {
    const struct mock_attribute *a = mock_find(o, type);

    return a == NULL || a->value.len != 4 ? none : little(a->value.ptr);
}

bool mock_true(const struct mock_object *o, CK_ATTRIBUTE_TYPE type) {
    const struct mock_attribute *a = mock_find(o, type);

    return a != NULL && a->value.len == 1 && a->value.ptr[0] != CK_FALSE;
}

bool mock_matches(const struct mock_object *o, const CK_ATTRIBUTE *wanted) {
    const struct mock_attribute *a = mock_find(o, wanted->type);
    CK_ULONG number = 0;

    if (a == NULL)
        return false;
    if (!mock_number(wanted->type))
        return span_eq(a->value, span_of(wanted->pValue, wanted->ulValueLen));
    if (wanted->ulValueLen != sizeof number)
        return false;
    memcpy(&number, wanted->pValue, sizeof number);
    return mock_ulong(o, wanted->type, ~number) == number;
}

CK_RV mock_state_get(struct mock_state *out) {
    AUTO(buf) text = {0};
    char path[PATH_CAP], *line[4] = {0};
    struct mock_state s = {.so_pin = "-", .pin = "-", .tries = MOCK_TRIES};

    if (!mock_plugged())
        return CKR_TOKEN_NOT_PRESENT;
    *out = s;
    if (path_of("state", path) != RC_OK || fs_read(path, 1024, &text) != RC_OK)
        return CKR_OK; /* a blank token */
    line[0] = (char *)text.data;
    for (int i = 0; i < 4; i++) {
        char *end = strchr(line[i], '\n');
        if (end == NULL)
            return CKR_DEVICE_ERROR;
        *end = 0;
        if (i < 3)
            line[i + 1] = end + 1;
    }
    if (text_set(s.label, sizeof s.label, line[0]) != RC_OK || text_set(s.so_pin, sizeof s.so_pin, line[1]) != RC_OK ||
        text_set(s.pin, sizeof s.pin, line[2]) != RC_OK)
        return CKR_DEVICE_ERROR;
    s.tries = (unsigned)strtoul(line[3], NULL, 10);
    *out = s;
    return CKR_OK;
}

CK_RV mock_state_put(const struct mock_state *s) {
    AUTO(buf) text = {0};
    char path[PATH_CAP];

    if (!mock_plugged())
        return CKR_DEVICE_REMOVED;
    bool put = path_of("state", path) == RC_OK &&
               buf_printf(&text, "%s\n%s\n%s\n%u\n", s->label, s->so_pin, s->pin, s->tries) == RC_OK &&
               fs_write(path, buf_span(&text), 0600) == RC_OK;
    return put ? CKR_OK : CKR_DEVICE_ERROR;
}
