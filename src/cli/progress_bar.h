/* A progress bar on stderr when that is a terminal, nothing otherwise. */
#pragma once

#include <stdint.h>

/* Shaped for the services' progress hooks; `arg` is the enum tell of its label. Redraws when the percentage changes,
   and ends the line at 100 %. */
void progress_bar(void *arg, int64_t done, int64_t total);
