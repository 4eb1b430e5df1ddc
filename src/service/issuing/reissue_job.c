/* One renewal under way: its records, what they and the rules hold against it, and how it is told in the audit. */
#include "service/issuing/reissue_job.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/jsonw.h"
#include "store/audit.h"

void job_free(struct job *j) {
    screen_records_free(&j->records);
    buf_free(&j->certificate);
}

enum channel job_channel(const struct job *j) {
    return j->has_consent ? j->consent.channel : CHANNEL_SELF;
}

bool job_new_key(const struct job *j) {
    return j->req->new_spki.len > 0 && !span_eq(j->req->new_spki, j->old_cert.spki);
}

enum rc job_detail(const struct job *j, const struct job_note *note, struct buf *out) {
    AUTO(jsonw) w = {0};
    char hash[2 * SHA256_LEN + 1];
    jsonw_object(&w, NULL);
    if (note->code != NULL)
        jsonw_str(&w, "code", note->code);
    if (note->why != NULL && note->why[0] != '\0')
        jsonw_str(&w, "why", note->why);
    if (note->new_serial != NULL)
        jsonw_str(&w, "new_serial", note->new_serial);
    if (note->bytes.len > 0) {
        sha256_hex(sha256_of(note->bytes), hash);
        jsonw_str(&w, "sha256", hash);
    }
    jsonw_str(&w, "channel", channel_name(job_channel(j)));
    if (j->has_consent) {
        jsonw_instant(&w, "consent_at", j->consent.at);
        jsonw_str(&w, "consent_text", j->consent.text_id);
    }
    sha256_hex(j->core->site->campaign_hash, hash); /* by which any verdict can be given again */
    jsonw_str(&w, "campaign", hash);
    if (j->req->support_code != NULL && j->req->support_code[0] != '\0')
        jsonw_str(&w, "support_code", j->req->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return buf_add_span(out, buf_span(&w.out));
}

bool job_refused(const struct job *j) {
    return j->refusal.code[0] != '\0';
}

void job_refuse_reasons(struct job *j, uint32_t reasons) {
    reasons_format(reasons, j->refusal.code);
    text_short_reasons(reasons, j->verdict.issuer, j->core->site->campaign.hotline, j->refusal.text);
}

void job_refuse_by(struct job *j, enum refusal r) {
    struct decision *d = &j->refusal;
    (void)snprintf(d->code, sizeof d->code, "%s", refusal_code(r));
    const struct opening *o = &j->verdict.opening; /* open, but not for this channel: then the day says nothing */
    text_short_refusal(r, o->open ? DAY_NONE : o->opens_on, j->core->site->campaign.hotline, d->text);
    d->try_later = r == REFUSAL_HALTED;
}

/* R3: open today, and through the channel that the consent came by. */
static void judge_opening(struct job *j) {
    const struct opening *o = &j->verdict.opening;
    if (o->halted)
        job_refuse_by(j, REFUSAL_HALTED);
    else if (!o->open || (o->channels >> job_channel(j) & 1) == 0)
        job_refuse_by(j, REFUSAL_NOT_OPEN_YET);
}

/* What was reserved or issued is finished, however late: neither a halted phase nor the old certificate's end takes
   away what was given. Only a certificate that is no longer in force stops it (R2.2). */
static void judge_begun(struct job *j) {
    if (j->records.row.status == STATUS_SUSPENDED)
        job_refuse_reasons(j, 1u << REASON_SUSPENDED);
    else if (j->records.row.status == STATUS_REVOKED)
        job_refuse_reasons(j, 1u << REASON_REVOKED);
}

/* Names are compared byte by byte: a client copies the Name out of the old certificate (OpenSSL keeps its bytes). */
static bool names_another(const struct job *j) {
    const struct reissue_request *r = j->req;
    return (r->old_serial.len > 0 && !span_eq(r->old_serial, j->old_cert.serial)) ||
           (r->old_issuer.len > 0 && !span_eq(r->old_issuer, j->old_cert.issuer));
}

static void judge(struct job *j) {
    if (names_another(j))
        job_refuse_by(j, REFUSAL_OTHER_CERTIFICATE);
    else if (j->records.has_issued)
        judge_begun(j);
    else if (j->verdict.verdict.kind != VERDICT_ELIGIBLE) /* held too: beyond-new-ca */
        job_refuse_reasons(j, j->verdict.verdict.reasons);
    else
        judge_opening(j);
    if (!job_refused(j) && job_new_key(j) && j->core->site->campaign.key == KEY_SAME) /* R5.9 */
        job_refuse_by(j, REFUSAL_NEW_KEY_NOT_ALLOWED);
}

static enum rc load(struct db *db, struct job *j) {
    screen_records_free(&j->records);
    j->records = (struct screen_records){0};
    j->has_consent = false;
    TRY(screen_load(db, &j->core->site->campaign, &j->old_cert, &j->records));
    if (!j->records.known)
        return RC_OK;
    enum rc rc = consent_get(db, j->records.row.id, &j->consent);
    j->has_consent = rc == RC_OK;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc job_judge(struct db *db, struct job *j) {
    TRY(load(db, j));
    screen_records_judge(j->core->site, &j->old_cert, &j->records, j->now, &j->verdict);
    j->refusal = (struct decision){0};
    judge(j);
    return RC_OK;
}

enum rc job_audit_refusal(struct tx *tx, const struct job *j) {
    AUTO(buf) detail = {0};
    TRY(job_detail(j, &(struct job_note){.code = j->refusal.code, .why = j->refusal.why}, &detail));
    struct audit_event e = {.kind = "refused",
                            .old_serial = j->verdict.serial[0] != '\0' ? j->verdict.serial : NULL,
                            .actor = "subscriber",
                            .detail = buf_str(&detail)};
    return audit_put(tx, &e);
}
