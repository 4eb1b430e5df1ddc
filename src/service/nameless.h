/* Files without a name, which go with their descriptor whatever happens. */
#pragma once

#include <stdio.h>

#include "base/fs.h"

/* For reading and writing, in folder `dir`. RC_IO. */
MUST enum rc nameless_open(const char *dir, FILE **out);
