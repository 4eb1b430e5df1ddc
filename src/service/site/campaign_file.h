/* The campaign file (conf/campaign.conf): a letter as data, read into struct campaign, every fault with file and line.
 */
#pragma once

#include "base/digest.h"
#include "base/fs.h"
#include "rules/campaign.h"
#include "service/site/conf_reader.h"
#include "service/site/provinces.h"

#define CAMPAIGN_FILE_LIMIT     CONF_FILE_LIMIT
#define CAMPAIGN_PROVINCES_NAME "provinces.csv" /* where the campaign names no other */

/* *out on success only; its new CA's bounds are 0 until site_open has that certificate. Phases may name provinces of
 * `known` only, any code when it is NULL. One thread at a time. RC_INPUT, RC_LIMIT with "name:line: …". */
MUST enum rc campaign_file_parse(const char *name, struct span text, const struct provinces *known,
                                 struct campaign *out);

/* The same from a file, and the provinces from the file that it names; `hash` gets the SHA-256 of the bytes of both,
 * the campaign's first, to be kept with every decision. Also RC_NOT_FOUND, RC_IO. */
MUST enum rc campaign_file_load(const char *path, struct campaign *out, struct provinces *provinces,
                                struct sha256 *hash);

/* The path of the list of provinces that the campaign file `path` names. */
MUST enum rc campaign_file_provinces(const char *path, const struct campaign *c, char out[PATH_CAP]);

/* Is this the key of the old CA that the file names (R5.4)? True when it names none. */
bool campaign_file_means(const struct campaign *c, struct span old_ski);

/* What is allowed but deserves a look: days in no phase (R5.5), phases and goals after the end, devices never
   opened, a new CA that gives nobody a day, what people have to do themselves.
 */
#define CAMPAIGN_WARNINGS 24
struct campaign_warnings {
    char text[CAMPAIGN_WARNINGS][192];
    int32_t count;
    int32_t left_out; /* more than fit */
};
void campaign_file_warn(const struct campaign *c, struct campaign_warnings *out);
