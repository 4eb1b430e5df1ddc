/* A command line for tests, written as one line: words with single blanks between; "''" is an empty word. */
#pragma once

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 40

struct words {
    char text[1024];
    char *argv[WORDS_MAX + 1];
    int argc;
};

static inline void words_split(struct words *w, const char *line) {
    char *rest = w->text;

    assert_true(strlen(line) < sizeof w->text);
    (void)snprintf(w->text, sizeof w->text, "%s", line);
    for (w->argc = 0; rest != NULL; w->argc++) {
        assert_true(w->argc < WORDS_MAX);
        w->argv[w->argc] = strsep(&rest, " ");
        if (strcmp(w->argv[w->argc], "''") == 0)
            w->argv[w->argc] += 2;
    }
    w->argv[w->argc] = NULL;
}
