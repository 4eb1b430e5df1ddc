/* Turns the text of one configuration value into its typed field, and says what would be right when it is wrong. */
#include "service/site/conf_value.h"

#include <string.h>

#include "base/day.h"

#define WORD_CAP 72 /* a key identifier in hex is the longest */

static enum rc set_text(const struct conf_key *key, const char *value, char *field) {
    size_t len = strlen(value);
    if (len < (size_t)key->min)
        FAIL(RC_INPUT, "%s must not be empty", key->name);
    if (len >= key->cap)
        FAIL(RC_INPUT, "%s is longer than %zu bytes", key->name, key->cap - 1);
    return text_set(field, key->cap, value);
}

/* Decimal only: no blanks, no plus sign, no octal. */
static bool decimal(const char *text, int32_t *value) {
    bool negative = *text == '-';
    int64_t n = 0;
    text += negative;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 10 || text[digits] != '\0' || (digits > 1 && *text == '0'))
        return false;
    for (; *text != '\0'; text++)
        n = n * 10 + (*text - '0');
    n = negative ? -n : n;
    if (n < INT32_MIN || n > INT32_MAX)
        return false;
    *value = (int32_t)n;
    return true;
}

static enum rc set_int(const struct conf_key *key, const char *value, int32_t *field) {
    int32_t n = 0;
    if (!decimal(value, &n) || n < key->min || n > key->max)
        FAIL(RC_INPUT, "%s must be a whole number from %d to %d, not \"%.40s\"", key->name, key->min, key->max, value);
    *field = n;
    return RC_OK;
}

static enum rc set_bool(const struct conf_key *key, const char *value, bool *field) {
    bool yes = strcmp(value, "true") == 0;
    if (!yes && strcmp(value, "false") != 0)
        FAIL(RC_INPUT, "%s must be true or false, not \"%.40s\"", key->name, value);
    *field = yes;
    return RC_OK;
}

static enum rc set_day(const struct conf_key *key, const char *value, int32_t *field) {
    int32_t day = 0;
    if (day_parse(value, &day) != RC_OK)
        FAIL(RC_INPUT, "%s must be a day as YYYY-MM-DD, not \"%.40s\"", key->name, value);
    *field = day;
    return RC_OK;
}

static enum rc set_choice(const struct conf_key *key, const char *value, void *field) {
    AUTO(buf) all = {0};
    for (int32_t i = 0; key->choices[i] != NULL; i++) {
        if (strcmp(key->choices[i], value) == 0) {
            memcpy(field, &i, sizeof i); /* an enum of ours is as wide: checked below */
            return RC_OK;
        }
        TRY(buf_printf(&all, "%s%s", i == 0 ? "" : ", ", key->choices[i]));
    }
    FAIL(RC_INPUT, "%s must be one of %s, not \"%.40s\"", key->name, buf_str(&all), value);
}
_Static_assert(sizeof(enum conf_kind) == sizeof(int32_t), "choices are stored as int32_t");

static enum rc set_words(const struct conf_key *key, const char *value, void *field) {
    char word[WORD_CAP];
    for (;;) {
        value += strspn(value, " \t,");
        if (*value == '\0')
            return RC_OK;
        size_t len = strcspn(value, " \t,");
        if (text_set_span(word, sizeof word, span_of(value, len)) != RC_OK || !key->word(word, field))
            FAIL(RC_INPUT, "%s: \"%.*s\" is not allowed, or stands there twice", key->name,
                 (int)(len < WORD_CAP ? len : WORD_CAP), value);
        value += len;
    }
}

enum rc conf_value_set(const struct conf_key *key, const char *value, void *base) {
    void *field = (char *)base + key->offset;
    switch (key->kind) {
    case CONF_TEXT:
        return set_text(key, value, field);
    case CONF_INT:
        return set_int(key, value, field);
    case CONF_BOOL:
        return set_bool(key, value, field);
    case CONF_DAY:
        return set_day(key, value, field);
    case CONF_CHOICE:
        return set_choice(key, value, field);
    case CONF_WORDS:
        return set_words(key, value, field);
    }
    FAIL(RC_BUG, "%s: no such kind of key", key->name);
}
