/* A drill's subscribers: made up, reproducible from seed and number, in the letter's proportions (R3.2–R3.4, R5.8).
 * Pure. */
#pragma once

#include "rules/campaign.h"
#include "service/site/provinces.h"

/* What is the matter with one: most are owed, some of every other kind exist. */
enum drill_kind {
    DRILL_OWED,
    DRILL_OTHER_CA,
    DRILL_EXPIRY_OFF,
    DRILL_CONNECTION_DAY,
    DRILL_ISSUED_LATER,
    DRILL_NOT_LONGER,
    DRILL_SUSPENDED,
    DRILL_REVOKED,
    DRILL_BEYOND
};

struct drill_person {
    enum drill_kind kind;
    enum device device;
    const struct province *province; /* of the list given */
    char contract[40], tax_code[24], name[160], token_serial[32], email[64], phone[24], am[24];
    uint8_t serial[16]; /* of the old certificate: a fixed prefix and a counter, as the real ones */
    int64_t not_before, not_after;
    int32_t contract_from, contract_to; /* days */
    uint64_t key_seed;
};

/* `old_end`: notAfter of the old CA certificate. */
struct drill_person drill_person_make(const struct campaign *c, const struct provinces *provinces, int64_t old_end,
                                      uint64_t seed, int64_t number);

/* The next of a reproducible sequence (splitmix64). */
uint64_t drill_next(uint64_t *state);

/* Sets what makes a person of that kind: dates and status follow from the campaign, never from constants. */
void drill_person_shape(const struct campaign *c, int64_t old_end, enum drill_kind kind, struct drill_person *p);
