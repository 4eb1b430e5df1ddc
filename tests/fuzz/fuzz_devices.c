/* Fuzzes the content of a publication of token models (client): any bytes are refused, or give a list within its bounds
   that names no place of its own choosing. */
#include <stdlib.h>
#include <string.h>

#include "client/token/devices.h"
#include "fuzz.h"

static void ends(const char *text, size_t cap) {
    if (memchr(text, '\0', cap) == NULL)
        abort();
}

static void model_holds(const struct device_model *m) {
    ends(m->id, sizeof m->id);
    ends(m->label, sizeof m->label);
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        ends(m->files[p], sizeof m->files[p]);
        if (strchr(m->files[p], '/') != NULL || strchr(m->files[p], '\\') != NULL)
            abort();
    }
    if (m->write > WRITE_TEMPORARY_ID || m->full > FULL_DELETE_FIRST || m->old > DEVICE_OLD_KEEP ||
        m->code >= DEVICE_COUNT)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct known_devices k;
    struct p11_module m = {.path = "/usr/lib/a.so"};
    struct p11_token t = {.module = &m, .label = "label", .model = "model"};

    if (devices_read(span_of(data, size), &k) != RC_OK)
        return 0;
    if (k.version < 1 || k.devices.count < 0 || k.devices.count > DEVICE_MODELS)
        abort();
    for (int32_t i = 0; i < k.devices.count; i++)
        model_holds(&k.devices.model[i]);
    (void)devices_of_token(&k.devices, &t);
    return 0;
}
