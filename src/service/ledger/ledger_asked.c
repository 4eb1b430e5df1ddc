/* Each "reserved" line is held against its row; what was brought back after a loss ("recovered") knows less, and is
   told of by a line of its own. */
#include "service/ledger/ledger_asked.h"

#include <string.h>

#include "base/day.h"
#include "base/jsonw.h"
#include "store/issue.h"

struct odd {
    char new_serial[2 * SERIAL_MAX + 2];
    int64_t seq;
};

void ledger_asked_free(struct ledger_asked *a) {
    buf_free(&a->odd);
}

struct held { /* a line held against a row */
    const struct audit_line *line;
    bool same;
    enum rc rc;
};

static bool tells(const struct held *h, const char *key) {
    return audit_member(h->line->detail, key).ptr != NULL;
}

/* As the line's own writer puts it, whatever is in the value. */
static void must_say(struct held *h, const char *key, const char *value) {
    AUTO(jsonw) w = {0};
    jsonw_object(&w, NULL);
    jsonw_str(&w, key, value);
    jsonw_close(&w, '}');
    enum rc rc = jsonw_end(&w);
    if (rc != RC_OK)
        h->rc = rc;
    else if (memmem(h->line->detail.ptr, h->line->detail.len, w.out.data + 1, w.out.len - 2) == NULL)
        h->same = false;
}

/* Lines of older versions do not have it, and vouch for nothing. */
static void must_say_if_any(struct held *h, const char *key, const char *value) {
    if (tells(h, key))
        must_say(h, key, value);
}

static void hold_consent(struct held *h, const struct issued_row *r) {
    char at[INSTANT_TEXT];
    if (!tells(h, "consent_text")) {
        h->same = h->same && r->consent_at == INSTANT_NONE && r->consent_text[0] == '\0' &&
                  r->consent_lang[0] == '\0' && r->holder[0] == '\0';
        return;
    }
    instant_format(r->consent_at, at);
    must_say(h, "consent_at", at);
    must_say(h, "consent_text", r->consent_text);
    must_say_if_any(h, "consent_lang", r->consent_lang);
    must_say_if_any(h, "holder", r->holder);
}

static enum rc hold(const struct audit_line *l, const struct issued_row *r, bool *same) {
    struct held h = {.line = l, .same = true};
    must_say(&h, "channel", channel_name(r->channel));
    must_say_if_any(&h, "request", r->request_hash);
    hold_consent(&h, r);
    *same = h.same;
    return h.rc;
}

static enum rc take_reserved(struct ledger_asked *a, struct db *db, const struct audit_line *l) {
    struct odd odd = {.seq = l->seq};
    AUTO(issued_row) row = {0};
    TRY(text_set_span(odd.new_serial, sizeof odd.new_serial, audit_member(l->detail, "new_serial")));
    enum rc rc = issue_by_new_serial(db, odd.new_serial, &row);
    if (rc == RC_NOT_FOUND) /* it came to nothing, and another certificate was brought back */
        return RC_OK;
    TRY(rc);
    bool same;
    TRY(hold(l, &row, &same));
    if (same)
        return RC_OK;
    a->odd_count++;
    return buf_add(&a->odd, &odd, sizeof odd);
}

static void take_recovered(struct ledger_asked *a, const struct audit_line *l) {
    struct odd *all = (struct odd *)(void *)a->odd.data;
    for (size_t i = 0; i < a->odd_count; i++)
        if (span_eq_str(audit_member(l->detail, "new_serial"), all[i].new_serial))
            all[i].seq = 0;
}

enum rc ledger_asked_take(struct ledger_asked *a, struct db *db, const struct audit_line *l) {
    if (span_eq_str(l->kind, "reserved"))
        return take_reserved(a, db, l);
    if (span_eq_str(l->kind, "recovered"))
        take_recovered(a, l);
    return RC_OK;
}

enum rc ledger_asked_check(const struct ledger_asked *a) {
    const struct odd *all = (const struct odd *)(const void *)a->odd.data;
    for (size_t i = 0; i < a->odd_count; i++)
        if (all[i].seq != 0)
            FAIL(RC_REFUSED,
                 "line %lld of the audit tells of another consent, channel or request for %s than the records",
                 (long long)all[i].seq, all[i].new_serial);
    return RC_OK;
}
