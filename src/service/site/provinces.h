/* The provinces and cities of a campaign (R3.1), by their two-digit code: the file that campaign.conf names in
   `provinces`. Which there are is the campaign's to say: 63 in 2020, 34 since July 2025. */
#pragma once

#include "base/buf.h"

#define PROVINCES           99 /* codes 01 to 99 */
#define PROVINCE_NAME       64
#define PROVINCE_FILE_LIMIT (64 * 1024) /* bytes in a file */

struct province {
    uint8_t code;
    bool city; /* centrally run */
    char name[PROVINCE_NAME];
};

struct provinces { /* in the order of the file */
    struct province of[PROVINCES];
    int32_t count;
};

/* CSV: `code` and `name`, and `kind` (thanh-pho or tinh) where the file has it. `name` stands for the file in what is
   said. *out on success only. RC_INPUT, RC_LIMIT with "name:line: …". */
MUST enum rc provinces_parse(const char *name, struct span text, struct provinces *out);

const char *province_name(const struct provinces *p, uint8_t code); /* NULL when there is none */
bool province_code(const char *text, uint8_t *code);                /* exactly two digits, 01 to 99 */
/* The same, and in the list. */
bool province_from(const struct provinces *p, const char *text, uint8_t *code);
