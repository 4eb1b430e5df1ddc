/* Compares versions such as 1.9 and 1.10.2. */
#include "server/version.h"

#include <ctype.h>
#include <stdlib.h>

/* The next number and the dot behind it; 0 when there is none, so that 1 and 1.0 are the same. */
static long number_next(const char **at) {
    char *end;

    if (!isdigit((unsigned char)**at)) {
        *at = "";
        return 0;
    }
    long n = strtol(*at, &end, 10);
    *at = *end == '.' ? end + 1 : end;
    return n;
}

bool version_older(const char *version, const char *least) {
    if (!isdigit((unsigned char)version[0]))
        return least[0] != '\0';
    while (*least != '\0') {
        long wanted = number_next(&least), given = number_next(&version);
        if (given != wanted)
            return given < wanted;
    }
    return false;
}
