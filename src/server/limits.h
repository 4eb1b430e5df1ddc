/* How often one address may call: a token bucket each, in a table that never grows. */
#pragma once

#include "server/http/exchange.h"

#define LIMITS_SETS 512 /* sets of LIMITS_WAYS: 4096 addresses are told apart at a time */
#define LIMITS_WAYS 8

struct limits; /* thread-safe */

/* A bucket holds `per_minute` calls when full and fills up at that rate. */
MUST enum rc limits_new(int per_minute, struct limits **out);
void limits_free(struct limits *l);
OWN(limits)

/* Takes one call of this address at `now_ms` (a clock that never goes back). 0: go; else seconds until the next one. */
int limits_take(struct limits *l, const uint8_t addr[PEER_LEN], int64_t now_ms);
