/* Holds records against the last "changed" line of each (declared in store/newest.h). */
#include "store/newest.h"

#include <string.h>

#include "store/audit.h"

enum rc newest_read(int64_t seq, struct span detail, struct newest_word *out) {
    out->seq = seq;
    TRY(text_set_span(out->contract_to, sizeof out->contract_to, audit_member(detail, "contract_to")));
    TRY(text_set_span(out->status, sizeof out->status, audit_member(detail, "status")));
    return text_set_span(out->row_hash, sizeof out->row_hash, audit_member(detail, "record"));
}

static bool same(const struct newest_word *last, const struct cert_row *row) {
    char contract_to[DAY_TEXT];
    day_format(row->contract_to, contract_to);
    return strcmp(contract_to, last->contract_to) == 0 && strcmp(status_name(row->status), last->status) == 0 &&
           (last->row_hash[0] == '\0' || strcmp(last->row_hash, row->row_hash) == 0);
}

enum rc newest_hold(const struct newest_word *last, const struct cert_row *row) {
    if (same(last, row))
        return RC_OK;
    FAIL(RC_REFUSED,
         "the record of %s is an older one: line %lld of the audit changed it to %s, %s; import it again from the "
         "operator's file",
         row->serial, (long long)last->seq, last->status, last->contract_to);
}

static enum rc take(void *arg, const struct db_row *r) {
    return newest_read(db_get_int(r, 0), db_get_span(r, 1), arg);
}

enum rc newest_check(struct db *db, const struct cert_row *row) {
    struct newest_word last = {0};
    int64_t with_it = 0;
    TRY(db_query(db,
                 "SELECT seq, detail FROM audit WHERE kind = 'changed' AND old_serial = $1 ORDER BY seq DESC LIMIT 1",
                 DB_ARGS(db_text(row->serial)), take, &last));
    if (last.seq == 0 || same(&last, row))
        return RC_OK;
    TRY(certs_count_serial(db, row->serial, &with_it));
    return with_it > 1 ? RC_OK : newest_hold(&last, row);
}
