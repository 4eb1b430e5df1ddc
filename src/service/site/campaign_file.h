/* The campaign file (conf/campaign.conf): a letter as data, read into struct campaign, every fault with file and line.
 */
#pragma once

#include "base/digest.h"
#include "rules/campaign.h"
#include "service/site/conf_reader.h"

#define CAMPAIGN_FILE_LIMIT CONF_FILE_LIMIT

/* *out on success only; its new CA's bounds are 0 until site_open has that certificate. RC_INPUT, RC_LIMIT with
 * "name:line: …". */
MUST enum rc campaign_file_parse(const char *name, struct span text, struct campaign *out);

/* The same from a file; `hash` gets the SHA-256 of its bytes, to be kept with every decision. Also RC_NOT_FOUND, RC_IO.
 */
MUST enum rc campaign_file_load(const char *path, struct campaign *out, struct sha256 *hash);

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
