/* Fuzzes the campaign file (service, base, rules): any bytes are refused or give a campaign whose warnings and openings
 * can be worked out. */
#include <stdlib.h>

#include "fuzz.h"
#include "rules/rollout.h"
#include "service/site/campaign_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct phase_switches planned = {0};
    struct campaign c;
    struct campaign_warnings w;
    if (campaign_file_parse("fuzz", span_of(data, size), NULL, &c) != RC_OK)
        return 0;
    if (c.phase_count < 1 || c.phase_count > CAMPAIGN_PHASES || c.connection_day >= c.expiry_day)
        abort();
    campaign_file_warn(&c, &w);
    for (int d = DEVICE_V1; d < DEVICE_COUNT; d++) {
        struct opening o = rollout_check(&c, &planned, (enum device)d, 1, c.expiry_day);
        if (o.open != (o.channels != 0))
            abort();
    }
    return 0;
}
