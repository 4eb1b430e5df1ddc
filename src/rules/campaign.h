/* A campaign: one letter as data. service/site/campaign_file.c reads it from a file; nothing here is a constant in code
 * (R5). */
#pragma once

#include "rules/facts.h"

#define CAMPAIGN_PHASES 16
#define CAMPAIGN_GOALS  16

enum beyond_policy { BEYOND_HOLD, BEYOND_CUT }; /* R5.7 */
enum key_policy { KEY_SAME, KEY_NEW_ALLOWED };  /* R5.9: renewal, or re-key at the subscriber's wish */
enum connection_day_policy { CONNECTION_DAY_REFUSE, CONNECTION_DAY_ACCEPT }; /* R5.2 */
enum unattended_policy { UNATTENDED_ALLOW, UNATTENDED_REFUSE }; /* R5.10: a request that tells of no consent */
enum implicit_policy { IMPLICIT_REFUSE, IMPLICIT_ALLOW };       /* may a client leave certConf out? */
enum old_certificate_policy { OLD_KEEP, OLD_REMOVE_ALLOWED };   /* R5.11: may `clean` remove it from the token */

struct province_set { /* empty = all (R3.1) */
    uint64_t word[2];
};

/* Of the CA that issued what is made good (R2.1, R5.4): its subject key identifier; length 0 = whichever CA certificate
 * the installation names. */
struct issuer_key {
    uint8_t id[KEY_ID_MAX];
    uint8_t len;
};

/* R3: a phase opens devices and channels from a day on; nothing that is open closes when the next one starts (R5.5). */
struct phase {
    char id[16];
    char title[96];
    char clause[16];
    int32_t from;      /* first day */
    int32_t to;        /* last day, for goals, reports and gap warnings only */
    uint32_t devices;  /* bit (1 << enum device) */
    uint32_t channels; /* bit (1 << enum channel) */
    struct province_set provinces;
};

/* R3.5, R3.6: by the end of a day so many percent of those owed with these devices are done. */
struct goal {
    char id[16];
    char clause[16];
    int32_t by;
    uint32_t devices;
    int32_t percent;
};

struct campaign {
    char id[32];
    char title[160];
    char letter[96];
    struct issuer_key old_issuer;
    int32_t utc_offset;     /* seconds east of UTC (R5.1) */
    int32_t expiry_day;     /* R2.3 */
    int32_t connection_day; /* R1.2, R2.5 */
    enum connection_day_policy connection_day_policy;
    int32_t min_key_bits; /* RSA; EC is always ≥ 256 */
    int32_t backdate;     /* seconds a new certificate begins before now, for clocks that are behind */
    int32_t change_guard; /* percent of what is known that one import may change or refuse without being told */
    enum beyond_policy beyond;
    enum key_policy key;
    enum old_certificate_policy old_certificate;
    bool revoke_superseded; /* R5.11 */
    enum unattended_policy unattended;
    enum implicit_policy implicit_confirm;
    char ocsp_url[160]; /* of the new certificates; empty = extension left out */
    char crl_url[160];
    char hotline[32];
    char issuer_name[48];   /* the provider, by the name people know; empty = left out */
    char branch[64];        /* where a token is taken to; empty = left out */
    char province_file[64]; /* R3.1: beside the campaign file */
    struct phase phases[CAMPAIGN_PHASES];
    int32_t phase_count;
    struct goal goals[CAMPAIGN_GOALS];
    int32_t goal_count;
    /* Not in the file: the new CA certificate's own validity, filled in from it by service/site/campaign_file.c (R5.7).
     */
    int64_t new_ca_not_before;
    int64_t new_ca_not_after;
};

bool province_in(const struct province_set *set, uint8_t province);
void province_put(struct province_set *set, uint8_t province);
