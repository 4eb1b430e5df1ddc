/* The names of devices, states, channels and of what certificates have that is odd or unfit, as files, answers and
 * reports write them (interfaces.md). */
#include "rules/facts.h"

#include <string.h>

#include "rules/names.h"

static const char *const devices[DEVICE_COUNT] = {"", "v1", "v2", "v3", "v4", "v5", "v6"};
static const char *const statuses[STATUS_COUNT] = {"active", "suspended", "revoked"};
static const char *const oddities[ODD_COUNT] = {"version",
                                                "serialNumber",
                                                "validity",
                                                "issuer",
                                                "subject",
                                                "subjectPublicKeyInfo",
                                                "extensions",
                                                "subjectKeyIdentifier",
                                                "keyUsage",
                                                "subjectAltName",
                                                "basicConstraints",
                                                "nameConstraints",
                                                "cRLDistributionPoints",
                                                "certificatePolicies",
                                                "authorityKeyIdentifier",
                                                "extKeyUsage",
                                                "authorityInfoAccess",
                                                "other-extension"};
static const char *const unfits[UNFIT_COUNT] = {"ca", "key-usage", "name", "key", "extension", "size", "form"};
static const char *const channels[CHANNEL_COUNT] = {"self", "am", "agent", "hotline"};

const char *device_name(enum device d) {
    return devices[d];
}

bool device_from(const char *name, enum device *d) {
    int i = names_find(devices, DEVICE_COUNT, name);
    if (i >= 0)
        *d = (enum device)i;
    return i >= 0;
}

const char *status_name(enum status s) {
    return statuses[s];
}

bool status_from(const char *name, enum status *s) {
    int i = names_find(statuses, STATUS_COUNT, name);
    if (i >= 0)
        *s = (enum status)i;
    return i >= 0;
}

const char *channel_name(enum channel c) {
    return channels[c];
}

bool channel_from(const char *name, enum channel *c) {
    int i = names_find(channels, CHANNEL_COUNT, name);
    if (i >= 0)
        *c = (enum channel)i;
    return i >= 0;
}

const char *oddity_name(enum oddity o) {
    return oddities[o];
}

const char *unfit_name(enum unfit u) {
    return unfits[u];
}

bool tax_code_valid(const char *text) {
    static const char digits[] = "0123456789";
    size_t n = strspn(text, digits);
    const char *rest = text + n;
    if (n < 9 || n > 14)
        return false;
    return rest[0] == '\0' || (rest[0] == '-' && strspn(rest + 1, digits) == 3 && rest[4] == '\0');
}
