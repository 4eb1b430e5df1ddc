/* Sets of provinces: the empty set stands for all (R3.1). */
#include "rules/campaign.h"

#define WORD_BITS 64

bool province_in(const struct province_set *set, uint8_t province) {
    if (set->word[0] == 0 && set->word[1] == 0)
        return true;
    if (province >= 2 * WORD_BITS)
        return false;
    return (set->word[province / WORD_BITS] >> (province % WORD_BITS) & 1) != 0;
}

void province_put(struct province_set *set, uint8_t province) {
    if (province < 2 * WORD_BITS)
        set->word[province / WORD_BITS] |= UINT64_C(1) << (province % WORD_BITS);
}
