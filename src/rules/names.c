/* Finds a word's place in a table of names: how every _from of the rules reads. */
#include "rules/names.h"

#include <string.h>

int names_find(const char *const *names, int count, const char *name) {
    for (int i = 0; i < count; i++) {
        if (names[i][0] != '\0' && strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}
