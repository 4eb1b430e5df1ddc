/* A CA of the letter's profile and keys in memory, for targets that sign. */
#pragma once

#include "fuzz.h"
#include "lib/tmp.h"
#include "pki/ca/mint.h"

#define NOW  1584237600 /* 2020-03-15T02:00:00Z */
#define YEAR (365 * 86400)

static inline struct key *make_key(void) {
    AUTO(tmp) t = {0};
    char path[PATH_CAP];
    struct key *made = NULL;
    require(tmp_make(&t, NULL, "fuzz") == RC_OK);
    require(fs_join(path, t.dir, "key") == RC_OK && key_make_file(path, 0, &made) == RC_OK);
    return made;
}

static inline struct buf make_ca(struct key *key, const char *locality) {
    struct buf der = {0};
    struct mint_ca ca = {"Viettel-CA", "Viettel Group", locality, "VN", NOW - YEAR, NOW + 3L * YEAR, false};
    require(mint_ca(&ca, key, &der) == RC_OK);
    return der;
}
