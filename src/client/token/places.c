/* Token drivers by name and folder. A wrong driver "sees no token" while its sister does: all that exist are tried. */
#include "client/token/places.h"

#include <string.h>

#include "base/os.h"

static enum rc place_add(struct places *p, struct span path) {
    if (p->count == PLACES_MAX)
        FAIL(RC_LIMIT, "more than %d token drivers", PLACES_MAX);
    TRY(text_set_span(p->path[p->count], PATH_CAP, path));
    p->count++;
    return RC_OK;
}

static enum rc from_list(struct places *p, const char *list) {
    while (*list != '\0') {
        size_t len = strcspn(list, (char[]){FS_LIST_MARK, 0});
        if (len > 0)
            TRY(place_add(p, span_of(list, len)));
        list += len + (list[len] == FS_LIST_MARK);
    }
    return RC_OK;
}

static bool there(const struct places *p, const char *path) {
    for (int i = 0; i < p->count; i++)
        if (strcmp(p->path[i], path) == 0)
            return true;
    return false;
}

/* The first folder that has it: the same driver installed twice is one driver. */
static enum rc from_folders(struct places *p, const char *folders, struct span file) {
    const char *item;
    char folder[PATH_CAP], whole[PATH_CAP], name[DEVICE_FILES_CAP], path[PATH_CAP];

    TRY(text_set_span(name, sizeof name, file));
    for (size_t len; (len = device_next(&folders, &item)) > 0;) {
        TRY(text_set_span(folder, sizeof folder, span_of(item, len)));
        TRY(fs_expand(folder, whole));
        TRY(fs_join(path, whole, name));
        if (fs_exists(path))
            return there(p, path) ? RC_OK : place_add(p, span_str(path));
    }
    return RC_OK;
}

static enum rc from_models(struct places *p, const struct devices *known) {
    for (int32_t i = 0; i < known->count; i++) {
        const char *files = known->model[i].files[PLATFORM_HERE], *item;
        for (size_t len; (len = device_next(&files, &item)) > 0;)
            TRY(from_folders(p, known->folders[PLATFORM_HERE], span_of(item, len)));
    }
    return RC_OK;
}

enum rc places_find(const struct options *o, const struct devices *known, struct places *out) {
    const char *list = os_env("CAPBU_MODULES");

    out->count = 0;
    for (int i = 0; i < o->module_count; i++)
        TRY(place_add(out, span_str(o->modules[i])));
    if (out->count == 0 && list != NULL)
        TRY(from_list(out, list));
    if (out->count == 0 && list == NULL)
        TRY(from_models(out, known));
    if (out->count == 0)
        FAIL(RC_NOT_FOUND, "no token driver is installed");
    return RC_OK;
}
