/* The campaign file (conf/campaign.conf): a letter as data, read into struct campaign, every fault with file and line.
 */
#pragma once

#include "base/digest.h"
#include "rules/campaign.h"
#include "service/conf_reader.h"

#define CAMPAIGN_FILE_LIMIT CONF_FILE_LIMIT

/* *out on success only; its new CA's bounds are 0 until campaign_file_bind. RC_INPUT, RC_LIMIT with "name:line: …". */
MUST enum rc campaign_file_parse(const char *name, struct span text, struct campaign *out);

/* The same from a file; `hash` gets the SHA-256 of its bytes, to be kept with every decision. Also RC_NOT_FOUND, RC_IO.
 */
MUST enum rc campaign_file_load(const char *path, struct campaign *out, struct sha256 *hash);

/* Joins the campaign to its two CA certificates: the old one must be the one the file means (R5.4: by key; an empty
   `old_ski` leaves that out, for a drill whose CA is a look-alike), and the new one's validity is filled in (R5.7).
   RC_INPUT: another old CA, or a new one that gives nobody a day. */
MUST enum rc campaign_file_bind(struct campaign *c, struct span old_ski, int64_t new_not_before, int64_t new_not_after);

/* What is allowed but deserves a look: days in no phase (R5.5), phases and goals after the end, devices never opened.
 */
#define CAMPAIGN_WARNINGS 24
struct campaign_warnings {
    char text[CAMPAIGN_WARNINGS][192];
    int32_t count;
    int32_t left_out; /* more than fit */
};
void campaign_file_warn(const struct campaign *c, struct campaign_warnings *out);
