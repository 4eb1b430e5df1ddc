/* Client versions: dotted numbers, compared number by number. */
#pragma once

#include <stdbool.h>

/* Is `version` before `least`? "" as `least` is before everything; a version that cannot be read is before every
   other. */
bool version_older(const char *version, const char *least);
