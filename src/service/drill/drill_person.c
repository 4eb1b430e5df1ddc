/* Makes up subscribers. */
#include "service/drill/drill_person.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"

#define YEAR     365
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

uint64_t drill_next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t bound) {
    return (uint32_t)((drill_next(state) >> 32) * bound >> 32);
}

struct weight {
    int value;
    uint32_t per_mille;
};

/* Takes a value by weight; the last one takes what is left. */
static int pick(uint64_t *state, const struct weight *w, size_t count) {
    uint32_t at = below(state, 1000);

    for (size_t i = 0; i + 1 < count; i++) {
        if (at < w[i].per_mille)
            return w[i].value;
        at -= w[i].per_mille;
    }
    return w[count - 1].value;
}

/* v2 and v5 are 82.7 % (R3.3), the other versions 9 % (R3.4), so v4 is 8.3 % (R5.8). */
static const struct weight DEVICES[] = {{DEVICE_V2, 412}, {DEVICE_V5, 415}, {DEVICE_V4, 83},
                                        {DEVICE_V1, 30},  {DEVICE_V3, 30},  {DEVICE_V6, 30}};

static const struct weight KINDS[] = {{DRILL_OTHER_CA, 8},     {DRILL_EXPIRY_OFF, 10}, {DRILL_CONNECTION_DAY, 3},
                                      {DRILL_ISSUED_LATER, 9}, {DRILL_NOT_LONGER, 20}, {DRILL_SUSPENDED, 10},
                                      {DRILL_REVOKED, 10},     {DRILL_BEYOND, 5},      {DRILL_OWED, 925}};

/* Two of five live in the cities, as far as the list has some; the others anywhere. */
static const struct province *province_pick(uint64_t *state, const struct provinces *p) {
    const struct province *cities[PROVINCES];
    uint32_t count = 0;

    for (int32_t i = 0; i < p->count; i++)
        if (p->of[i].city)
            cities[count++] = &p->of[i];
    if (count > 0 && below(state, 100) < 40)
        return cities[below(state, count)];
    return &p->of[below(state, (uint32_t)p->count)];
}

static void name_make(uint64_t *state, char *out, size_t cap) {
    static const char *const kinds[] = {"CÔNG TY TNHH", "CÔNG TY CỔ PHẦN", "DOANH NGHIỆP TƯ NHÂN", "HỢP TÁC XÃ"};
    static const char *const trades[] = {"THƯƠNG MẠI", "XÂY DỰNG", "VẬN TẢI", "DỆT MAY",   "THỦY SẢN",
                                         "CƠ KHÍ",     "NỘI THẤT", "DU LỊCH", "PHÂN PHỐI", "CÔNG NGHỆ"};
    static const char *const names[] = {"HOÀNG ANH", "MINH ĐỨC", "THÀNH CÔNG", "PHƯƠNG NAM", "ĐẠI PHÁT",
                                        "TÂN TIẾN",  "HẢI ÂU",   "SAO MAI",    "VIỆT HƯNG",  "LỘC VỪNG"};

    (void)snprintf(out, cap, "%s %s %s %u", kinds[below(state, COUNT(kinds))], trades[below(state, COUNT(trades))],
                   names[below(state, COUNT(names))], (unsigned)below(state, 10000));
}

/* Issued in the two years before the connection day, for a contract that runs past the old CA's end (R2.3–R2.5). */
static void dates_make(const struct campaign *c, int64_t old_end, uint64_t *state, struct drill_person *p) {
    int32_t issued = c->connection_day - 1 - (int32_t)below(state, 2 * YEAR);

    p->contract_from = issued;
    p->contract_to = c->expiry_day + 1 + (int32_t)below(state, 3 * YEAR);
    p->not_before = day_start(issued, c->utc_offset) + 8 * 3600 + below(state, 9 * 3600);
    p->not_after = old_end;
}

void drill_person_shape(const struct campaign *c, int64_t old_end, enum drill_kind kind, struct drill_person *p) {
    p->kind = kind;
    switch (kind) {
    case DRILL_EXPIRY_OFF: /* R2.3: one day off */
        p->not_after = old_end - DAY_SECONDS;
        break;
    case DRILL_CONNECTION_DAY: /* R5.2 */
        p->contract_from = c->connection_day;
        p->not_before = day_start(c->connection_day, c->utc_offset) + 10 * 3600;
        break;
    case DRILL_ISSUED_LATER: /* R2.6 */
        p->contract_from = c->connection_day + 30;
        p->not_before = day_start(c->connection_day + 30, c->utc_offset) + 10 * 3600;
        break;
    case DRILL_NOT_LONGER: /* R2.4 */
        p->contract_to = c->expiry_day;
        break;
    case DRILL_BEYOND: /* R5.7 */
        p->contract_to = day_of(c->new_ca_not_after, c->utc_offset) + 90;
        break;
    case DRILL_OWED:
    case DRILL_OTHER_CA:
    case DRILL_SUSPENDED:
    case DRILL_REVOKED:
        break;
    }
}

struct drill_person drill_person_make(const struct campaign *c, const struct provinces *provinces, int64_t old_end,
                                      uint64_t seed, int64_t number) {
    static const uint8_t prefix[8] = {0x54, 0x04, 0xff, 0xfe, 0xb7, 0x03, 0x3f, 0xb3};
    uint64_t state = seed * 0x2545f4914f6cdd1du + (uint64_t)number;
    struct drill_person p = {0};
    uint64_t counter = (seed << 40) + (uint64_t)number + 1;

    p.device = (enum device)pick(&state, DEVICES, COUNT(DEVICES));
    p.province = province_pick(&state, provinces);
    name_make(&state, p.name, sizeof p.name);
    dates_make(c, old_end, &state, &p);
    drill_person_shape(c, old_end, (enum drill_kind)pick(&state, KINDS, COUNT(KINDS)), &p);
    memcpy(p.serial, prefix, sizeof prefix);
    for (int i = 0; i < 8; i++)
        p.serial[15 - i] = (uint8_t)(counter >> (8 * i));
    (void)snprintf(p.contract, sizeof p.contract, "HD-%02u-%08lld", (unsigned)p.province->code, (long long)number + 1);
    (void)snprintf(p.tax_code, sizeof p.tax_code, "%010llu", 100000000ull + drill_next(&state) % 9000000000ull);
    (void)snprintf(p.token_serial, sizeof p.token_serial, "D%010lld", (long long)number + 1);
    (void)snprintf(p.email, sizeof p.email, "ketoan%lld@drill.example", (long long)number + 1);
    (void)snprintf(p.phone, sizeof p.phone, "09%08u", (unsigned)below(&state, 100000000));
    (void)snprintf(p.am, sizeof p.am, "AM%02u%02u", (unsigned)p.province->code, (unsigned)below(&state, 20));
    p.key_seed = drill_next(&state);
    return p;
}
