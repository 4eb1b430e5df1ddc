/* Keeps the last "changed" line of each record and the last "phase" line of each phase, and looks them up. */
#include "service/ledger/ledger_last.h"

#include <stdlib.h>
#include <string.h>

#include "store/control.h"
#include "store/newest.h"

struct told_record {
    char serial[2 * SERIAL_MAX + 2];
    struct newest_word word;
};

struct told_phase {
    char id[64], value[16];
};

void ledger_last_free(struct ledger_last *l) {
    buf_free(&l->records);
    buf_free(&l->phases);
}

static enum rc take_record(struct ledger_last *l, const struct audit_line *line) {
    struct told_record r = {0};
    TRY(text_set_span(r.serial, sizeof r.serial, line->old_serial));
    TRY(newest_read(line->seq, line->detail, &r.word));
    l->record_count++;
    return buf_add(&l->records, &r, sizeof r);
}

/* There are a few phases only. */
static enum rc take_phase(struct ledger_last *l, const struct audit_line *line) {
    struct told_phase p = {0}, *all = (struct told_phase *)(void *)l->phases.data;
    TRY(text_set_span(p.id, sizeof p.id, audit_member(line->detail, "phase")));
    TRY(text_set_span(p.value, sizeof p.value, audit_member(line->detail, "switch")));
    for (size_t i = 0; i < l->phase_count; i++)
        if (strcmp(all[i].id, p.id) == 0) {
            all[i] = p;
            return RC_OK;
        }
    l->phase_count++;
    return buf_add(&l->phases, &p, sizeof p);
}

enum rc ledger_last_take(struct ledger_last *l, const struct audit_line *line) {
    if (span_eq_str(line->kind, "changed"))
        return take_record(l, line);
    return span_eq_str(line->kind, "phase") ? take_phase(l, line) : RC_OK;
}

static int by_serial(const void *a, const void *b) {
    const struct told_record *x = a, *y = b;
    int order = strcmp(x->serial, y->serial);
    return order != 0 ? order : (x->word.seq > y->word.seq) - (x->word.seq < y->word.seq);
}

/* Two issuers may have given one serial number: the line does not say whose it is. */
static enum rc check_record(struct db *db, const struct told_record *r) {
    AUTO(cert_row) row = {0};
    int64_t with_it = 0;
    TRY(certs_count_serial(db, r->serial, &with_it));
    if (with_it > 1)
        return RC_OK;
    enum rc rc = certs_by_serial(db, r->serial, &row);
    if (rc == RC_NOT_FOUND)
        FAIL(RC_REFUSED, "line %lld of the audit tells of a record of %s that is gone", (long long)r->word.seq,
             r->serial);
    TRY(rc);
    return newest_hold(&r->word, &row);
}

struct decisions {
    const struct told_phase *told;
    size_t count, met;
};

static enum rc check_phase(void *arg, const struct phase_row *p) {
    struct decisions *d = arg;
    struct told_phase is = {0};
    TRY(text_set_span(is.id, sizeof is.id, p->id));
    TRY(text_set_span(is.value, sizeof is.value, p->value));
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->told[i].id, is.id) == 0) {
            d->met++;
            if (strcmp(d->told[i].value, is.value) == 0)
                return RC_OK;
            FAIL(RC_REFUSED, "phase %s is %s, but the audit's last word is %s: decide again by capbuctl phase", is.id,
                 is.value, d->told[i].value);
        }
    FAIL(RC_REFUSED, "phase %s is %s, and the audit does not know of it: decide again by capbuctl phase", is.id,
         is.value);
}

enum rc ledger_last_check(struct ledger_last *l, struct db *db) {
    struct told_record *all = (struct told_record *)(void *)l->records.data;
    struct decisions d = {(const struct told_phase *)(const void *)l->phases.data, l->phase_count, 0};
    if (l->record_count > 0)
        qsort(all, l->record_count, sizeof *all, by_serial);
    for (size_t i = 0; i < l->record_count; i++)
        if (i + 1 == l->record_count || strcmp(all[i].serial, all[i + 1].serial) != 0)
            TRY(check_record(db, &all[i]));
    TRY(phase_switch_each(db, check_phase, &d));
    if (d.met != d.count)
        FAIL(RC_REFUSED, "the audit tells of a decision on a phase that the database lacks: decide again by capbuctl "
                         "phase");
    return RC_OK;
}
