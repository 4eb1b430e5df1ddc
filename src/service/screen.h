/* Screening: the verdict of one certificate or of all of them, from what is stored, the rules and this instant. */
#pragma once

#include "rules/eligibility.h"
#include "rules/progress.h"
#include "rules/rollout.h"
#include "service/conf.h"
#include "store/issue.h"

enum state { STATE_OWED, STATE_RESERVED, STATE_ISSUED, STATE_CONFIRMED }; /* interfaces.md, check */
const char *state_name(enum state s);

/* One certificate judged. */
struct screened {
    struct verdict verdict;
    struct opening opening; /* on the day of `now` */
    enum state state;
    enum issuer issuer;
    enum device device;
    uint8_t province;
    int32_t phase; /* rollout_phase_of, -1 none */
    char serial[2 * SERIAL_MAX + 2];
    char new_serial[2 * SERIAL_MAX + 2]; /* "" until reserved */
};

/* Judges a stored row (NULL: not stored) that has or has not been issued for. `cert` was parsed and identified. Pure.
 */
void screen_judge(const struct site *s, const struct cert *cert, const struct cert_row *row,
                  const struct issued_row *issued, const struct phase_switches *switches, int64_t now,
                  struct screened *out);

/* The same with the look-ups: by certificate DER (foreign and unknown ones give a verdict too; RC_INPUT: no
   certificate), or by tax code and serial (no match: REASON_UNKNOWN_CERTIFICATE). */
MUST enum rc screen_certificate(struct site *s, struct span der, int64_t now, struct screened *out);
MUST enum rc screen_serial(struct site *s, const char *tax_code, const char *serial, int64_t now, struct screened *out);

/* Every stored certificate in import order, judged by `threads` workers with signatures verified anew; `each` is called
   in order, on the caller's thread. */
MUST enum rc screen_all(struct site *s, int64_t now, int threads,
                        enum rc (*each)(void *arg, const struct cert_row *row, const struct screened *v), void *arg);
