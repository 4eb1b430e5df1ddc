/* Accept-Language: the weights of "vi" and "en", whatever stands around them. */
#include "server/lang.h"

#include <string.h>
#include <strings.h>

#define WEIGHT_FULL 1000
#define WEIGHT_NONE (-1)

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
