/* THE table: every address of the server, what it takes and who answers. */
#pragma once

#include "server/router.h"

extern const struct route routes[];
extern const size_t routes_count;
