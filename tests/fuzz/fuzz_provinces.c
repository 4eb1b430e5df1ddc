/* Fuzzes the list of provinces (service, base): any bytes are refused or give a list that can be looked up in. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "service/site/provinces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct provinces p;
    if (provinces_parse("fuzz", span_of(data, size), &p) != RC_OK)
        return 0;
    if (p.count < 1 || p.count > PROVINCES)
        abort();
    for (int32_t i = 0; i < p.count; i++)
        if (p.of[i].name[0] == '\0' || strlen(p.of[i].name) >= PROVINCE_NAME ||
            province_name(&p, p.of[i].code) != p.of[i].name)
            abort();
    return 0;
}
