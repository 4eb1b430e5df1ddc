/* Proof of durability: counts what is synced to disk, so that each answer shows how often that was between it and its
   request. */
#pragma once

#include <stdint.h>

/* Where the count stands when a request begins. */
int64_t syncs_mark(void);
/* Syncs that both began and ended since then. */
int64_t syncs_since(int64_t mark);
