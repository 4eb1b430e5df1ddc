/* Looks through C sources for what a failure may say, and counts what a reader of Vietnamese would not understand. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "base/fs.h"

/* Joins the string literals from `at` to the first comma or semicolon outside of them. */
static inline void spoken_literals(const char *at, char out[1024]) {
    size_t len = 0;
    for (bool inside = false; *at != '\0' && (inside || (*at != ',' && *at != ';')); at++) {
        if (*at == '\\' && inside) {
            at++;
            continue;
        }
        if (*at == '"')
            inside = !inside;
        else if (inside && len < 1023)
            out[len++] = *at;
    }
    out[len] = '\0';
}

/* A text that only passes on another one ("%s: %s"), or is all codes, needs no translation. */
static inline bool spoken_speaks(const char *text) {
    int letters = 0;
    if (strncmp(text, "C_Login: ", 9) == 0)
        text += 9;
    for (const char *c = text; *c != '\0'; c++)
        letters += *c >= 'a' && *c <= 'z' && (c == text || c[-1] != '%');
    return letters > 6 && strstr(text, "pkcs11:") == NULL;
}

struct spoken {
    bool (*knows)(const char *text);
    const char *where; /* translations are added */
    int found, missing;
};

/* Every text that follows `opening` and so many commas. */
static inline void spoken_after(struct spoken *s, const char *path, const char *opening, int commas) {
    AUTO(buf) source = {0};
    MUST_OK(fs_read(path, 1 << 20, &source));
    for (const char *at = strstr(buf_str(&source), opening); at != NULL; at = strstr(at + 1, opening)) {
        char text[1024];
        const char *comma = at;
        for (int i = 0; i < commas && comma != NULL; i++)
            comma = strchr(comma + 1, ',');
        if (comma == NULL)
            continue;
        spoken_literals(comma + 1, text);
        if (!spoken_speaks(text))
            continue;
        s->found++;
        s->missing += !s->knows(text);
        if (!s->knows(text))
            print_error("%s: no translation of \"%s\" in %s\n", fs_base_name(path), text, s->where);
    }
}

static inline void spoken_look(struct spoken *s, const char *path) {
    static const char *const openings[] = {"FAIL(", "err_in(", "err_set(", "ossl_fail("};
    for (size_t k = 0; k < sizeof openings / sizeof openings[0]; k++)
        spoken_after(s, path, openings[k], 1);
}
