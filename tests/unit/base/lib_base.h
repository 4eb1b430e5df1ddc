/* What every test of base begins with. */
#pragma once

#include "lib/must.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
