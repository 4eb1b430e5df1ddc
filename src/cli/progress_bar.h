/* A progress bar on stderr when that is a terminal, nothing otherwise. */
#pragma once

#include <stdint.h>

/* Shaped for the services' progress hooks; `arg` is a label. Redraws when the percentage changes; ends the line at 100
 * %. */
void progress_bar(void *arg, long long done, long long total);
void progress_bar64(void *arg, int64_t done, int64_t total);
