/* The language by name, by command line and by Accept-Language, whose weights of "vi" and "en" alone count. */
#include "base/lang.h"

#include <string.h>
#include <strings.h>

#include "base/os.h"

#define WEIGHT_FULL 1000
#define WEIGHT_NONE (-1)

const char *lang_name(enum lang lang) {
    return lang == LANG_EN ? "en" : "vi";
}

bool lang_from(const char *name, enum lang *out) {
    if (strcmp(name, "vi") != 0 && strcmp(name, "en") != 0)
        return false;
    *out = name[0] == 'v' ? LANG_VI : LANG_EN;
    return true;
}

enum lang lang_of_line(int argc, char **argv) {
    const char *env = os_env("CAPBU_LANG");
    enum lang lang = LANG_VI;

    if (env != NULL)
        (void)lang_from(env, &lang);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--lang=", 7) == 0)
            (void)lang_from(argv[i] + 7, &lang);
        else if (strcmp(argv[i - 1], "--lang") == 0)
            (void)lang_from(argv[i], &lang);
    return lang;
}

/* ";q=0.8" in thousandths; no weight is a full one, nonsense is none at all. */
static int weight_of(const char *item, size_t len) {
    static const int digit_worth[] = {100, 10, 1};
    const char *q = memchr(item, ';', len);
    int weight;

    if (q == NULL)
        return WEIGHT_FULL;
    for (q++; q < item + len && *q == ' '; q++)
        continue;
    if (item + len - q < 3 || strncasecmp(q, "q=", 2) != 0 || (q[2] != '0' && q[2] != '1'))
        return WEIGHT_NONE;
    weight = q[2] == '1' ? WEIGHT_FULL : 0;
    for (int i = 0; i < 3 && q + 4 + i < item + len && q[4 + i] >= '0' && q[4 + i] <= '9' && weight < WEIGHT_FULL; i++)
        weight += (q[4 + i] - '0') * digit_worth[i];
    return weight;
}

static bool names(const char *item, size_t len, const char *language) {
    return len >= 2 && strncasecmp(item, language, 2) == 0 && (len == 2 || strchr("-; ", item[2]) != NULL);
}

enum lang lang_from_header(const char *accept) {
    int vi = WEIGHT_NONE, en = WEIGHT_NONE;

    for (const char *item = accept; *item != '\0';) {
        item += strspn(item, ", \t");
        size_t len = strcspn(item, ",");
        int weight = weight_of(item, len);
        if (names(item, len, "vi") && weight > vi)
            vi = weight;
        else if (names(item, len, "en") && weight > en)
            en = weight;
        item += len;
    }
    return en > 0 && en > vi ? LANG_EN : LANG_VI;
}

const char *lang_of_piece(const struct lang_piece *table, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++)
        if (strstr(text, table[i].piece) != NULL)
            return table[i].vi;
    return NULL;
}
