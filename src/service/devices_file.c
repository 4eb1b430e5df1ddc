/* Reads devices.conf. */
#include "service/devices_file.h"

#include <stddef.h>

#define NAME(key, field)                                                                                               \
    { .name = (key), .kind = CONF_TEXT, .offset = offsetof(struct device_model, field), .cap = 96, .fallback = "" }

static const struct conf_key model_keys[] = {
    NAME("about", about), NAME("linux", module_linux), NAME("macos", module_macos), NAME("windows", module_windows),
    {.name = NULL},
};

static enum rc model_check(const void *element) {
    const struct device_model *m = element;
    enum device device;

    if (!device_from(m->id, &device))
        FAIL(RC_INPUT, "there is no device \"%s\": v1 to v6", m->id);
    return RC_OK;
}

static const struct conf_section sections[] = {
    {.name = "device",
     .keys = model_keys,
     .offset = offsetof(struct devices_file, model),
     .size = sizeof(struct device_model),
     .count_offset = offsetof(struct devices_file, count),
     .max = DEVICE_COUNT,
     .title_offset = offsetof(struct device_model, id),
     .title_cap = sizeof(((struct device_model *)0)->id),
     .check = model_check},
    {.name = NULL},
};

enum rc devices_file_load(const char *path, struct devices_file *out) {
    static const struct conf_key none[] = {{.name = NULL}};
    static const struct conf_layout layout = {.keys = none, .sections = sections};
    struct devices_file f = {0};

    TRY(conf_read(&layout, path, &f, NULL));
    *out = f;
    return RC_OK;
}
