/* Token drivers by name and folder. A wrong driver "sees no token" while its sister does: all that exist are tried. */
#include "client/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/os.h"

/* Makers' own modules first, OpenSC for every other card last. SoftHSM is a drill's token. */
static const char *const NAMES[] = {
    "viettel-ca_v6.so", "viettel-ca_v5.so",   "viettel-ca_v4.so",
    "viettel-ca_v3.so", "viettel-ca_v2.so",   "viettel-ca_v1.so",
    "viettel-ca.so",    "libcastle.so.1.0.0", "libshuttle_p11v220.so.1.0.0",
    "opensc-pkcs11.so", "libsofthsm2.so",
};

static const char *const FOLDERS[] = {
    "/usr/lib", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/softhsm", "/usr/lib64", "/opt/viettel-ca",
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static enum rc place_add(struct places *p, struct span path) {
    if (p->count == PLACES_MAX)
        FAIL(RC_LIMIT, "more than %d token drivers", PLACES_MAX);
    TRY(text_set_span(p->path[p->count], PATH_CAP, path));
    p->count++;
    return RC_OK;
}

static enum rc from_list(struct places *p, const char *list) {
    while (*list != '\0') {
        size_t len = strcspn(list, ":");
        if (len > 0)
            TRY(place_add(p, span_of(list, len)));
        list += len + (list[len] == ':');
    }
    return RC_OK;
}

/* The first folder that has it: the same driver installed twice is one driver. */
static enum rc from_folders(struct places *p, const char *name) {
    for (size_t i = 0; i < COUNT(FOLDERS); i++) {
        char path[PATH_CAP];
        TRY(fs_join(path, FOLDERS[i], name));
        if (fs_exists(path))
            return place_add(p, span_str(path));
    }
    return RC_OK;
}

enum rc places_find(const struct options *o, struct places *out) {
    const char *list = os_env("CAPBU_MODULES");

    out->count = 0;
    for (int i = 0; i < o->module_count; i++)
        TRY(place_add(out, span_str(o->modules[i])));
    if (out->count == 0 && list != NULL)
        TRY(from_list(out, list));
    if (out->count == 0 && list == NULL)
        for (size_t i = 0; i < COUNT(NAMES); i++)
            TRY(from_folders(out, NAMES[i]));
    if (out->count == 0)
        FAIL(RC_NOT_FOUND, "no token driver is installed");
    return RC_OK;
}
