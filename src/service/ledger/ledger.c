/* Audit lines and records, one against the other. */
#include "service/ledger/ledger.h"

#include <string.h>

#include "service/ledger/ledger_asked.h"
#include "service/ledger/ledger_last.h"
#include "store/issue.h"

#define LAST_TRIES 3

struct check {
    struct db *db;
    int64_t told;   /* "issued" lines, and "recovered" ones */
    int64_t stored; /* certificates in the records */
    struct ledger_last last;
    struct ledger_asked asked;
};

static void check_free(struct check *c) {
    ledger_last_free(&c->last);
    ledger_asked_free(&c->asked);
}

static enum rc differs(const struct audit_line *l, const char *how) {
    FAIL(RC_REFUSED, "line %lld of the audit tells of a certificate for %.*s that %s", (long long)l->seq,
         (int)l->old_serial.len, (const char *)l->old_serial.ptr, how);
}

static enum rc line_check(void *arg, const struct audit_line *l) {
    struct check *c = arg;
    char serial[2 * SERIAL_MAX + 2], hash[2 * SHA256_LEN + 1];
    AUTO(issued_row) row = {0};

    TRY(ledger_asked_take(&c->asked, c->db, l));
    if (!span_eq_str(l->kind, "issued") && !span_eq_str(l->kind, "recovered"))
        return ledger_last_take(&c->last, l);
    c->told++;
    if (text_set_span(serial, sizeof serial, audit_member(l->detail, "new_serial")) != RC_OK)
        return differs(l, "has no usable serial number");
    enum rc rc = issue_by_new_serial(c->db, serial, &row);
    if (rc == RC_NOT_FOUND)
        return differs(l, "is not in the records any more");
    TRY(rc);
    sha256_hex(sha256_of(buf_span(&row.der)), hash);
    if (!span_eq_str(audit_member(l->detail, "sha256"), hash) || !span_eq_str(l->old_serial, row.old_serial))
        return differs(l, "is another one in the records");
    return RC_OK;
}

static enum rc count_issued(void *arg, const struct issued_row *row) {
    (void)row;
    ((struct check *)arg)->stored++;
    return RC_OK;
}

static enum rc record_check(void *arg, const struct cert_row *row, const struct issued_row *issued) {
    (void)issued;
    return sealer_check_record(arg, row);
}

static enum rc take_again(void *arg, const struct audit_line *l) {
    return ledger_last_take(arg, l);
}

/* An import or a decision meanwhile has its line, but later than we read: then it is looked at again. */
static enum rc last_check(struct check *c) {
    enum rc rc = ledger_last_check(&c->last, c->db);
    for (int tries = 0; rc == RC_REFUSED && tries < LAST_TRIES; tries++) {
        ledger_last_free(&c->last);
        c->last = (struct ledger_last){0};
        TRY(audit_each(c->db, take_again, &c->last));
        rc = ledger_last_check(&c->last, c->db);
    }
    return rc;
}

enum rc ledger_verify(struct db *db, struct sealer *sealer, int64_t *lines) {
    AUTO(check) c = {.db = db};
    struct audit_end end;
    int64_t last = 0;

    TRY(audit_verify(db, &end));
    TRY(sealer_check(sealer, &end));
    if (end.seq == 0)
        FAIL(RC_REFUSED, "the audit is empty, but capbuctl init writes its first line");
    TRY(certs_max_id(db, &last));
    TRY(certs_each(db, 0, last, record_check, sealer));
    /* Counted first: what is issued meanwhile has its line, but is not counted. */
    TRY(issue_each(db, count_issued, &c));
    TRY(audit_each(db, line_check, &c));
    if (c.stored > c.told)
        FAIL(RC_REFUSED, "the records hold %lld certificates and the audit tells of %lld only", (long long)c.stored,
             (long long)c.told);
    TRY(ledger_asked_check(&c.asked));
    TRY(last_check(&c));
    *lines = end.seq;
    return RC_OK;
}
