/* Looks up the last "changed" line of a record (declared in store/newest.h). */
#include "store/newest.h"

#include <string.h>

#include "base/day.h"
#include "store/audit.h"

struct told {
    int64_t seq; /* 0: it was never changed */
    char contract_to[DAY_TEXT], status[16];
    char row_hash[65]; /* "" of a line from before these were told */
};

static enum rc take(void *arg, const struct db_row *r) {
    struct told *t = arg;
    struct span detail = db_get_span(r, 1);
    t->seq = db_get_int(r, 0);
    TRY(text_set_span(t->contract_to, sizeof t->contract_to, audit_member(detail, "contract_to")));
    TRY(text_set_span(t->status, sizeof t->status, audit_member(detail, "status")));
    return text_set_span(t->row_hash, sizeof t->row_hash, audit_member(detail, "record"));
}

static bool same(const struct told *t, const struct cert_row *row) {
    char contract_to[DAY_TEXT];
    day_format(row->contract_to, contract_to);
    return strcmp(contract_to, t->contract_to) == 0 && strcmp(status_name(row->status), t->status) == 0 &&
           (t->row_hash[0] == '\0' || strcmp(t->row_hash, row->row_hash) == 0);
}

enum rc newest_check(struct db *db, const struct cert_row *row) {
    struct told t = {0};
    int64_t with_it = 0;
    TRY(db_query(db,
                 "SELECT seq, detail FROM audit WHERE kind = 'changed' AND old_serial = $1 ORDER BY seq DESC LIMIT 1",
                 DB_ARGS(db_text(row->serial)), take, &t));
    if (t.seq == 0 || same(&t, row))
        return RC_OK;
    TRY(certs_count_serial(db, row->serial, &with_it));
    if (with_it > 1)
        return RC_OK;
    FAIL(RC_REFUSED,
         "the record of %s is an older one: line %lld of the audit changed it to %s, %s; import it again from the "
         "operator's file",
         row->serial, (long long)t.seq, t.status, t.contract_to);
}
