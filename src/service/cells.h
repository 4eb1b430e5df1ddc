/* Cells of our CSV files that may be empty. */
#pragma once

#include "base/day.h"

void cell_instant(int64_t instant, char out[INSTANT_TEXT]); /* "" for INSTANT_NONE */
