/* Threads that work in the background of a server. */
#pragma once

#include <pthread.h>

#include "base/err.h"

/* Starts one without signals: those are for the main loop. `name`: at most 15 bytes, for who looks at the process. */
MUST enum rc thread_start(const char *name, void *(*run)(void *arg), void *arg, pthread_t *out);
