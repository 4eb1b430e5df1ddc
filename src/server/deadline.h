/* Cuts off connections that are too slow: each has an instant by which it must have done its part. A byte now and then
   keeps a connection from being silent, but not from being late. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/own.h"

#define DEADLINE_NONE    INT64_MAX
#define DEADLINE_TICK_MS 200 /* how late a cut may be */

struct deadlines; /* all of a server, with the thread that watches over them; thread-safe */
struct deadline;  /* one connection's */

MUST enum rc deadlines_new(struct deadlines **out);
void deadlines_free(struct deadlines *d); /* every deadline must have been removed */
OWN(deadlines)

/* Watches over the socket: past the instant it is shut down in both directions, not closed. NULL: out of memory. The
   deadline must be removed before the socket is closed. */
struct deadline *deadline_add(struct deadlines *d, int fd, int64_t at_ms);
void deadline_set(struct deadlines *d, struct deadline *one, int64_t at_ms); /* of os_clock_ms; or DEADLINE_NONE */
void deadline_remove(struct deadlines *d, struct deadline *one);
