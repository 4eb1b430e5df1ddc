/* Names, checks and recognition of token models. */
#include "rules/device.h"

#include <string.h>

#include "rules/names.h"

static const char *const platforms[PLATFORM_COUNT] = {"linux", "macos", "windows"};
static const char *const quirks[] = {"general-error-is-full"};
#define QUIRKS ((int)(sizeof quirks / sizeof quirks[0]))

const char *const device_write_names[] = {"same-id", "temporary-id", NULL};
const char *const device_full_names[] = {"stop", "delete-first", NULL};
const char *const device_old_names[] = {"campaign", "keep", NULL};

const char *platform_name(enum platform p) {
    return platforms[p];
}

int device_choice(const char *const *names, const char *name) {
    int count = 0;

    while (names[count] != NULL)
        count++;
    return names_find(names, count, name);
}

const char *device_quirk_name(int bit) {
    return bit < QUIRKS ? quirks[bit] : NULL;
}

bool device_quirk_from(const char *name, uint32_t *set) {
    int bit = names_find(quirks, QUIRKS, name);

    if (bit < 0 || (*set >> bit & 1) != 0)
        return false;
    *set |= (uint32_t)1 << bit;
    return true;
}

size_t device_next(const char **list, const char **item) {
    *list += strspn(*list, ";");
    *item = *list;
    size_t len = strcspn(*list, ";");
    *list += len;
    return len;
}

static bool id_fits(const char *id) {
    return id[0] != '\0' && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(id);
}

/* No folder in it, and no way out of one. */
static bool bare_name(const char *name, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (strchr("/\\:", name[i]) != NULL || (unsigned char)name[i] < 0x20)
            return false;
    return name[0] != '.';
}

const char *device_model_fault(const struct device_model *m) {
    bool driver = m->module[0] != '\0';

    if (!id_fits(m->id))
        return "its name must be of lower-case letters, digits, - and .";
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const char *list = m->files[p], *item;
        for (size_t len; (len = device_next(&list, &item)) > 0; driver = true)
            if (!bare_name(item, len))
                return "a driver is a file name without a folder";
    }
    return driver ? NULL : "it names no driver: by which file, or pattern in module, is it known?";
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ASCII letters without case. */
static bool same(const char *item, size_t len, const char *name) {
    if (strlen(name) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(item[i]) != lower(name[i]))
            return false;
    return true;
}

/* "C:\\Windows", and "%SystemRoot%/System32" of these two variables, which Windows itself sets. Not "\\\\host\\share",
   nor "/x" or "c:x", which depend on the current drive; and a variable elsewhere could bring what is refused here. */
static bool local_on_windows(const char *folder, size_t len) {
    size_t head = strcspn(folder, "/\\;");
    bool drive = head == 2 && len > 2 && lower(folder[0]) >= 'a' && lower(folder[0]) <= 'z' && folder[1] == ':';

    if (memchr(folder + head, '%', len - head) != NULL)
        return false;
    return drive || same(folder, head, "%SystemRoot%") || same(folder, head, "%ProgramFiles%");
}

/* On a disk of this computer, as far as its name tells, and nowhere "..": a list of models never has a driver loaded
   over the network. */
static bool local(enum platform p, const char *folder, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)folder[i] < 0x20 || (folder[i] == '.' && i + 1 < len && folder[i + 1] == '.'))
            return false;
    if (p == PLATFORM_WINDOWS)
        return local_on_windows(folder, len);
    return folder[0] == '/' && (len == 1 || folder[1] != '/');
}

const char *devices_fault(const struct devices *d) {
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const char *list = d->folders[p], *item;
        for (size_t len; (len = device_next(&list, &item)) > 0;)
            if (!local((enum platform)p, item, len))
                return "a folder must be absolute and of this computer, without ..";
    }
    for (int32_t i = 0; i < d->count; i++)
        for (int32_t k = 0; k < i; k++)
            if (strcmp(d->model[i].id, d->model[k].id) == 0)
                return "two devices have the same name";
    return d->count > 0 ? NULL : "it names no device, so that every capbu would lose its drivers";
}

/* The last * takes one byte more whenever the rest does not fit: earlier ones never need another look. */
bool device_pattern_fits(const char *pattern, const char *text) {
    const char *star = NULL, *from = NULL;

    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            from = text;
        } else if (*pattern == '?' || (*pattern != '\0' && lower(*pattern) == lower(*text))) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool is_driver(const struct device_model *m, enum platform p, const char *module) {
    const char *list = m->files[p], *item;

    if (m->module[0] != '\0')
        return device_pattern_fits(m->module, module);
    for (size_t len; (len = device_next(&list, &item)) > 0;)
        if (same(item, len, module))
            return true;
    return false;
}

static bool fits(const char *pattern, const char *text) {
    return pattern[0] == '\0' || device_pattern_fits(pattern, text);
}

const struct device_model *devices_match(const struct devices *d, enum platform p, const struct device_facts *f) {
    for (int32_t i = 0; i < d->count; i++) {
        const struct device_model *m = &d->model[i];
        if (is_driver(m, p, f->module) && fits(m->label, f->label) && fits(m->manufacturer, f->manufacturer) &&
            fits(m->model, f->model) && fits(m->firmware, f->firmware))
            return m;
    }
    return NULL;
}
