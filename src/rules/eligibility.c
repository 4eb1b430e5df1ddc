/* Who is owed a new certificate: each condition of R2 is one small question, and every one that fails is named. */
#include "rules/eligibility.h"

#include <string.h>

#include "base/day.h"
#include "rules/names.h"
#include "rules/validity.h"

#define EC_MIN_BITS 256

static const char *const reasons_names[REASON_COUNT] = {"unknown-certificate",
                                                        "not-old-issuer",
                                                        "bad-signature",
                                                        "suspended",
                                                        "revoked",
                                                        "expired",
                                                        "expiry-differs",
                                                        "issued-on-connection-day",
                                                        "issued-after-connection",
                                                        "contract-not-longer",
                                                        "key-too-weak",
                                                        "already-compensated",
                                                        "beyond-new-ca",
                                                        "not-renewable",
                                                        "issued-before"};

static uint32_t bit(enum reason r) {
    return UINT32_C(1) << r;
}

/* R2.2 */
static uint32_t status_reasons(const struct cert_facts *cert, const struct case_facts *subject, int64_t now) {
    uint32_t reasons = 0;
    if (subject->status == STATUS_SUSPENDED)
        reasons |= bit(REASON_SUSPENDED);
    if (subject->status == STATUS_REVOKED)
        reasons |= bit(REASON_REVOKED);
    if (now > cert->not_after)
        reasons |= bit(REASON_EXPIRED);
    return reasons;
}

/* R2.5, R2.6; the day itself by R5.2 */
static uint32_t issue_reasons(const struct campaign *c, const struct cert_facts *cert) {
    int32_t issued = day_of(cert->not_before, c->utc_offset);
    if (issued > c->connection_day)
        return bit(REASON_ISSUED_AFTER_CONNECTION);
    if (issued == c->connection_day && c->connection_day_policy == CONNECTION_DAY_REFUSE)
        return bit(REASON_ISSUED_ON_CONNECTION_DAY);
    return 0;
}

static bool key_weak(const struct campaign *c, const struct cert_facts *cert) {
    switch (cert->key_kind) {
    case KEY_RSA:
        return cert->key_bits < c->min_key_bits;
    case KEY_EC:
        return cert->key_bits < EC_MIN_BITS;
    default: /* a kind that the new certificate's profile does not know */
        return true;
    }
}

/* What stands in the way of a case that is ours, known and not done yet (R2.7: all of it). */
static uint32_t case_reasons(const struct campaign *c, const struct cert_facts *cert, const struct case_facts *subject,
                             const struct window *w, int64_t now) {
    uint32_t reasons = status_reasons(cert, subject, now) | issue_reasons(c, cert);
    if (day_of(cert->not_after, c->utc_offset) != c->expiry_day) /* R2.3, R5.1 */
        reasons |= bit(REASON_EXPIRY_DIFFERS);
    if (subject->contract_to <= c->expiry_day) /* R2.4 */
        reasons |= bit(REASON_CONTRACT_NOT_LONGER);
    if (key_weak(c, cert))
        reasons |= bit(REASON_KEY_TOO_WEAK);
    if (w->kind == WINDOW_HELD) /* R5.7 */
        reasons |= bit(REASON_BEYOND_NEW_CA);
    if (cert->unfit != 0)
        reasons |= bit(REASON_NOT_RENEWABLE);
    return reasons;
}

/* R2.1 and what we cannot say anything else about: each of these stands alone. */
static uint32_t alone_reason(const struct cert_facts *cert, const struct case_facts *subject) {
    if (cert->issuer != ISSUER_OLD)
        return bit(REASON_NOT_OLD_ISSUER);
    if (!cert->signature_ok)
        return bit(REASON_BAD_SIGNATURE);
    if ((cert->unfit >> UNFIT_FORM & 1) != 0) /* nobody could import it */
        return bit(REASON_NOT_RENEWABLE);
    if (!subject->known)
        return bit(REASON_UNKNOWN_CERTIFICATE);
    return 0;
}

static enum verdict_kind kind_of(uint32_t reasons) {
    if (reasons == 0)
        return VERDICT_ELIGIBLE;
    if (reasons == bit(REASON_ALREADY_COMPENSATED))
        return VERDICT_DONE;
    return reasons == bit(REASON_BEYOND_NEW_CA) ? VERDICT_HELD : VERDICT_REFUSED;
}

struct verdict eligibility_check(const struct campaign *c, const struct cert_facts *cert,
                                 const struct case_facts *subject, int64_t now) {
    struct verdict v = {.kind = VERDICT_REFUSED,
                        .reasons = alone_reason(cert, subject),
                        .old_not_after = cert->not_after,
                        .new_not_after = INSTANT_NONE};
    if (v.reasons != 0)
        return v;

    struct window w = validity_window(c, subject->contract_to, now);
    v.reasons = subject->compensated  ? bit(REASON_ALREADY_COMPENSATED)
                : subject->unrecorded ? bit(REASON_ISSUED_BEFORE)
                                      : case_reasons(c, cert, subject, &w, now);
    v.kind = kind_of(v.reasons);
    if (v.kind != VERDICT_REFUSED) {
        v.new_not_after = w.not_after;
        v.owed_days = subject->contract_to - c->expiry_day;
        v.cut_days = w.cut_days;
    }
    return v;
}

const char *reason_name(enum reason r) {
    return reasons_names[r];
}

bool reason_from(const char *name, enum reason *r) {
    int i = names_find(reasons_names, REASON_COUNT, name);
    if (i >= 0)
        *r = (enum reason)i;
    return i >= 0;
}

const char *verdict_name(enum verdict_kind k) {
    static const char *const names[] = {"eligible", "refused", "held", "done"};
    return names[k];
}

/* All fifteen names and their separators are 233 bytes, so REASONS_TEXT always holds them. */
void reasons_format(uint32_t reasons, char out[REASONS_TEXT]) {
    size_t len = 0;
    for (int r = 0; r < REASON_COUNT; r++) {
        if ((reasons & bit((enum reason)r)) == 0)
            continue;
        if (len > 0)
            out[len++] = ';';
        size_t n = strlen(reasons_names[r]);
        memcpy(out + len, reasons_names[r], n);
        len += n;
    }
    out[len] = '\0';
}
