/* Screening: the verdict of one certificate or of all of them, from what is stored, the rules and this instant. */
#pragma once

#include "rules/eligibility.h"
#include "rules/progress.h"
#include "rules/rollout.h"
#include "service/site/conf.h"
#include "store/control.h"
#include "store/issue.h"

enum state { STATE_OWED, STATE_RESERVED, STATE_ISSUED, STATE_CONFIRMED }; /* interfaces.md, check */
const char *state_name(enum state s);

/* One certificate judged. */
struct screened {
    struct verdict verdict;
    struct opening opening; /* on the day of `now` */
    enum state state;
    enum issuer issuer;
    uint32_t odd, unfit; /* of the certificate, as rules/facts.h has them */
    enum device device;
    uint8_t province;
    int32_t phase;                                /* rollout_phase_of, -1 none */
    enum channel channel;                         /* of the reservation; meaningless while owed */
    int64_t reserved_at, issued_at, confirmed_at; /* INSTANT_NONE: not yet */
    char serial[2 * SERIAL_MAX + 2];
    char new_serial[2 * SERIAL_MAX + 2]; /* "" until reserved */
    char holder[65];                     /* who helped, "" nobody */
    uint32_t marks;                      /* bits of rules/mark.h: who was told of the new one */
    bool wanted;                         /* it was signed and is not stored: who has the new one may show it */
};

/* Judges a stored row (NULL: not stored) that has or has not been issued for. `cert` was parsed and identified. Pure.
 */
void screen_judge(const struct site *s, const struct cert *cert, const struct cert_row *row,
                  const struct issued_row *issued, const struct phase_switches *switches, int64_t now,
                  struct screened *out);

/* As screen_judge, for a certificate nobody imported under that serial: not even its dates are known. */
void screen_unknown(const char *serial, struct screened *out);

/* What the store holds about one certificate; zero-initialise. */
struct screen_records {
    bool known; /* `row` is this very certificate, byte for byte */
    bool has_issued;
    struct cert_row row;
    struct issued_row issued;
    struct phase_switches switches;
};
void screen_records_free(struct screen_records *r);
MUST enum rc screen_load(struct db *db, const struct campaign *c, const struct cert *cert, struct screen_records *out);
void screen_records_judge(const struct site *s, const struct cert *cert, const struct screen_records *r, int64_t now,
                          struct screened *out);

/* The same with the look-ups: by certificate DER (foreign and unknown ones give a verdict too; RC_INPUT: no
   certificate), or by tax code and serial as serial_read gives it (no match: REASON_UNKNOWN_CERTIFICATE). */
MUST enum rc screen_certificate(struct site *s, struct span der, int64_t now, struct screened *out);
MUST enum rc screen_serial(struct site *s, const char *tax_code, const char *serial, int64_t now, struct screened *out);

/* Every stored certificate in import order, judged by `threads` workers with signatures verified anew; `each` is called
   in order, on the caller's thread. */
MUST enum rc screen_all(struct site *s, int64_t now, int threads,
                        enum rc (*each)(void *arg, const struct cert_row *row, const struct screened *v), void *arg);

/* The screen CSV of interfaces.md: its header line, and one line of it appended. */
#define SCREEN_CSV_HEADER                                                                                              \
    "serial,tax_code,province,device,verdict,reasons,old_not_after,new_not_after,owed_days,phase\n"
MUST enum rc screen_csv_row(const struct campaign *c, const struct cert_row *row, const struct screened *v,
                            struct buf *out);
