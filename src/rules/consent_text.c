/* The consent texts (declared in rules/consent_text.h). A text that was ever shown is not changed: a new one gets a
 * name, and its number by standing last. */
#include "rules/consent_text.h"

#include <stddef.h>
#include <string.h>

static const struct text {
    const char *id, *vi, *en;
} texts[] = {
    {"data-confirmed-1", "Tôi đã kiểm tra: thông tin trên đúng, và tôi đồng ý nhận chứng thư số mới.",
     "I have checked: the data above are right, and I agree to get the new certificate."},
};

const char *consent_text_id(int64_t number) {
    size_t count = sizeof texts / sizeof texts[0];
    return number >= 1 && number <= (int64_t)count ? texts[number - 1].id : NULL;
}

const char *consent_text(const char *id, const char *lang) {
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i].id, id) == 0)
            return strcmp(lang, "en") == 0 ? texts[i].en : texts[i].vi;
    return NULL;
}
