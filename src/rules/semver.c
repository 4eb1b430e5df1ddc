/* Reads and compares versions. */
#include "rules/semver.h"

#include <string.h>

#define DIGITS       "0123456789"
#define ALNUM        DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"
#define NUMBER_CHARS 9

struct semver {
    long number[3];
    const char *pre; /* behind the '-', NULL: none */
    size_t pre_len;
};

/* Decimal without a leading zero, in at most NUMBER_CHARS digits. */
static bool number_read(const char **at, long *out) {
    size_t len = strspn(*at, DIGITS);
    long n = 0;

    if (len == 0 || len > NUMBER_CHARS || (len > 1 && **at == '0'))
        return false;
    for (size_t i = 0; i < len; i++)
        n = n * 10 + (*(*at)++ - '0');
    *out = n;
    return true;
}

static bool is_number(const char *text, size_t len) {
    return strspn(text, DIGITS) >= len;
}

/* Identifiers parted by dots; numeric ones without leading zeros where `ordered`. */
static bool identifiers_read(const char **at, bool ordered) {
    for (;;) {
        size_t len = strspn(*at, ALNUM);
        if (len == 0 || (ordered && len > 1 && **at == '0' && is_number(*at, len)))
            return false;
        *at += len;
        if (**at != '.')
            return true;
        (*at)++;
    }
}

static bool semver_read(const char *text, struct semver *out) {
    struct semver v = {0};

    if (strlen(text) >= SEMVER_CAP)
        return false;
    for (int i = 0;; i++, text++) {
        if (!number_read(&text, &v.number[i]))
            return false;
        if (*text != '.')
            break;
        if (i == 2)
            return false;
    }
    if (*text == '-') {
        v.pre = ++text;
        if (!identifiers_read(&text, true))
            return false;
        v.pre_len = (size_t)(text - v.pre);
    }
    if (*text == '+' && (text++, !identifiers_read(&text, false)))
        return false;
    *out = v;
    return *text == '\0';
}

bool semver_ok(const char *text) {
    struct semver v;
    return semver_read(text, &v);
}

/* <0, 0, >0. Numbers by value and before words, words by their bytes (SemVer 11.4). */
static int identifier_compare(const char *a, size_t a_len, const char *b, size_t b_len) {
    bool a_number = is_number(a, a_len), b_number = is_number(b, b_len);

    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a_len != b_len)
        return a_len < b_len ? -1 : 1;
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static int pre_compare(const struct semver *a, const struct semver *b) {
    const char *x = a->pre, *y = b->pre;

    if (x == NULL || y == NULL) /* a pre-release comes before its release */
        return (x == NULL) - (y == NULL);
    const char *x_end = x + a->pre_len, *y_end = y + b->pre_len;
    for (;;) {
        size_t x_len = strspn(x, ALNUM), y_len = strspn(y, ALNUM);
        int order = identifier_compare(x, x_len, y, y_len);
        x += x_len;
        y += y_len;
        if (order != 0 || x == x_end || y == y_end)
            return order != 0 ? order : (x != x_end) - (y != y_end);
        x++;
        y++;
    }
}

static int semver_compare(const struct semver *a, const struct semver *b) {
    for (int i = 0; i < 3; i++)
        if (a->number[i] != b->number[i])
            return a->number[i] < b->number[i] ? -1 : 1;
    return pre_compare(a, b);
}

bool semver_older(const char *version, const char *least) {
    struct semver a, b;

    if (!semver_read(least, &b))
        return false;
    return !semver_read(version, &a) || semver_compare(&a, &b) < 0;
}
