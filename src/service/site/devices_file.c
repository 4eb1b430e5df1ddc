/* Reads devices.conf, and writes it as the JSON that capbu reads. */
#include "service/site/devices_file.h"

#include <stddef.h>

#include "base/jsonw.h"
#include "service/site/conf_reader.h"

static bool take_code(const char *word, void *field) {
    enum device *code = field;
    return *code == DEVICE_NONE && device_from(word, code);
}

static bool take_quirk(const char *word, void *field) {
    return device_quirk_from(word, field);
}

#define TEXT(key, field)                                                                                               \
    {                                                                                                                  \
        .name = key, .kind = CONF_TEXT, .offset = offsetof(struct device_model, field),                                \
        .cap = sizeof(((struct device_model *)0)->field), .fallback = ""                                               \
    }
#define CHOICE(key, field, names, usual)                                                                               \
    {                                                                                                                  \
        .name = key, .kind = CONF_CHOICE, .offset = offsetof(struct device_model, field), .choices = names,            \
        .fallback = usual                                                                                              \
    }
#define WORDS(key, field, take)                                                                                        \
    { .name = key, .kind = CONF_WORDS, .offset = offsetof(struct device_model, field), .word = take, .fallback = "" }

static const struct conf_key model_keys[] = {
    WORDS("code", code, take_code),
    TEXT("about", about),
    TEXT("linux", files[PLATFORM_LINUX]),
    TEXT("macos", files[PLATFORM_MACOS]),
    TEXT("windows", files[PLATFORM_WINDOWS]),
    TEXT("module", module),
    TEXT("label", label),
    TEXT("manufacturer", manufacturer),
    TEXT("model", model),
    TEXT("firmware", firmware),
    CHOICE("write", write, device_write_names, "same-id"),
    CHOICE("when_full", full, device_full_names, "stop"),
    CHOICE("old_certificate", old, device_old_names, "campaign"),
    WORDS("quirks", quirks, take_quirk),
    {.name = NULL},
};

static enum rc model_check(const void *element) {
    const char *fault = device_model_fault(element);

    if (fault != NULL)
        FAIL(RC_INPUT, "%s", fault);
    return RC_OK;
}

static enum rc file_check(const void *file, const char **key) {
    const char *fault = devices_fault(file);

    *key = NULL;
    if (fault != NULL)
        FAIL(RC_INPUT, "%s", fault);
    return RC_OK;
}

#define FOLDERS(key, platform)                                                                                         \
    {                                                                                                                  \
        .name = key, .kind = CONF_TEXT, .offset = offsetof(struct devices, folders[platform]), .cap = DEVICE_FOLDERS,  \
        .fallback = ""                                                                                                 \
    }

static const struct conf_key file_keys[] = {
    FOLDERS("linux_folders", PLATFORM_LINUX),
    FOLDERS("macos_folders", PLATFORM_MACOS),
    FOLDERS("windows_folders", PLATFORM_WINDOWS),
    {.name = NULL},
};

static const struct conf_section sections[] = {
    {.name = "device",
     .keys = model_keys,
     .offset = offsetof(struct devices, model),
     .size = sizeof(struct device_model),
     .count_offset = offsetof(struct devices, count),
     .max = DEVICE_MODELS,
     .title_offset = offsetof(struct device_model, id),
     .title_cap = DEVICE_ID_CAP,
     .check = model_check},
    {.name = NULL},
};

enum rc devices_file_load(const char *path, struct devices *out, struct buf *text) {
    static const struct conf_layout layout = {.keys = file_keys, .sections = sections, .check = file_check};
    struct devices d = {0};

    TRY(conf_read(&layout, path, &d, text));
    *out = d;
    return RC_OK;
}

enum rc devices_file_check(const char *path) {
    struct devices d;

    return devices_file_load(path, &d, NULL);
}

static void put_list(struct jsonw *w, const char *key, const char *list) {
    const char *item;

    jsonw_array(w, key);
    for (size_t len; (len = device_next(&list, &item)) > 0;)
        jsonw_span(w, NULL, span_of(item, len));
    jsonw_close(w, ']');
}

static void put_recognise(struct jsonw *w, const struct device_model *m) {
    jsonw_object(w, "recognise");
    jsonw_str(w, "module", m->module);
    jsonw_str(w, "label", m->label);
    jsonw_str(w, "manufacturer", m->manufacturer);
    jsonw_str(w, "model", m->model);
    jsonw_str(w, "firmware", m->firmware);
    jsonw_close(w, '}');
}

static void put_model(struct jsonw *w, const struct device_model *m) {
    jsonw_object(w, NULL);
    jsonw_str(w, "id", m->id);
    jsonw_str(w, "code", m->code == DEVICE_NONE ? NULL : device_name(m->code));
    jsonw_str(w, "about", m->about);
    jsonw_object(w, "files");
    for (int p = 0; p < PLATFORM_COUNT; p++)
        put_list(w, platform_name((enum platform)p), m->files[p]);
    jsonw_close(w, '}');
    put_recognise(w, m);
    jsonw_str(w, "write", device_write_names[m->write]);
    jsonw_str(w, "when_full", device_full_names[m->full]);
    jsonw_str(w, "old_certificate", device_old_names[m->old]);
    jsonw_array(w, "quirks");
    for (int bit = 0; device_quirk_name(bit) != NULL; bit++)
        if ((m->quirks >> bit & 1) != 0)
            jsonw_str(w, NULL, device_quirk_name(bit));
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

void devices_file_write(struct jsonw *w, const struct devices *d) {
    jsonw_object(w, "folders");
    for (int p = 0; p < PLATFORM_COUNT; p++)
        put_list(w, platform_name((enum platform)p), d->folders[p]);
    jsonw_close(w, '}');
    jsonw_array(w, "devices");
    for (int32_t i = 0; i < d->count; i++)
        put_model(w, &d->model[i]);
    jsonw_close(w, ']');
}
