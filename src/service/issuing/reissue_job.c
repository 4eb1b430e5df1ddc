/* One renewal under way: its records, what they and the rules hold against it, and how it is told in the audit. */
#include "service/issuing/reissue_job.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/jsonw.h"
#include "base/support_code.h"
#include "rules/consent_text.h"
#include "store/audit.h"

#define CONSENT_AHEAD 3600              /* seconds that a client's clock may be ahead */
#define CONSENT_OLD   (7 * DAY_SECONDS) /* and that may lie between the word and the PIN */

void job_free(struct job *j) {
    screen_records_free(&j->records);
    buf_free(&j->certificate);
    buf_free(&j->response);
}

bool job_new_key(const struct job *j) {
    return j->req->kur.new_spki.len > 0 && !span_eq(j->req->kur.new_spki, j->old_cert.spki);
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
    if (note->request != NULL)
        jsonw_str(&w, "request", note->request);
    jsonw_str(&w, "channel", channel_name(j->consent.channel));
    if (j->has_consent) {
        jsonw_instant(&w, "consent_at", j->consent.at);
        jsonw_str(&w, "consent_text", j->consent.text_id);
        jsonw_str(&w, "consent_lang", j->consent.lang);
        jsonw_str(&w, "holder", j->consent.holder);
    } else if (j->records.known && (j->req->kur.consent == NULL || !j->req->kur.consent->given)) {
        jsonw_bool(&w, "unattended", true);
    }
    sha256_hex(j->core->site->campaign_hash, hash); /* by which any verdict can be given again */
    jsonw_str(&w, "campaign", hash);
    if (j->req->support_code != NULL && j->req->support_code[0] != '\0')
        jsonw_str(&w, "support_code", j->req->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return buf_add_span(out, buf_span(&w.out));
}

bool job_proven(const struct job *j) {
    return j->old_cert.facts.issuer != ISSUER_OTHER && j->old_cert.facts.signature_ok;
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
    text_short_refusal(r, j->verdict.opening.opens_on, j->core->site->campaign.hotline, d->text);
    d->try_later = r == REFUSAL_HALTED;
}

/* R3: open today, and through the channel that the consent came by. */
static void judge_opening(struct job *j) {
    struct opening *o = &j->verdict.opening;
    *o = rollout_by(o, j->consent.channel); /* when it opens is told for the way this one comes */
    if (o->open)
        return;
    job_refuse_by(j, o->halted ? REFUSAL_HALTED : REFUSAL_NOT_OPEN_YET);
}

/* What was reserved or issued is finished, however late: neither a halted phase nor the old certificate's end takes
   away what was given. Only a certificate that is no longer in force stops it (R2.2). */
static void judge_begun(struct job *j) {
    if (j->records.row.status == STATUS_SUSPENDED)
        job_refuse_reasons(j, 1u << REASON_SUSPENDED);
    else if (j->records.row.status == STATUS_REVOKED)
        job_refuse_reasons(j, 1u << REASON_REVOKED);
}

/* What is reserved or issued has the key of an earlier request; another one gets nothing (R5.9). */
static enum rc judge_key(struct job *j) {
    const struct issued_row *issued = &j->records.issued;
    struct cert made;
    struct span spki;
    if (issued->der.len > 0) {
        TRY(cert_parse(buf_span(&issued->der), &made));
        spki = made.spki;
    } else {
        TRY(profile_key(buf_span(&issued->tbs), &spki));
    }
    if (!span_eq(spki, job_new_key(j) ? j->req->kur.new_spki : j->old_cert.spki))
        job_refuse_by(j, REFUSAL_OTHER_KEY);
    return RC_OK;
}

/* Names are compared byte by byte: a client copies the Name out of the old certificate (OpenSSL keeps its bytes). */
static bool names_another(const struct job *j) {
    const struct cmp_kur *k = &j->req->kur;
    return (k->old_serial.len > 0 && !span_eq(k->old_serial, j->old_cert.serial)) ||
           (k->old_issuer.len > 0 && !span_eq(k->old_issuer, j->old_cert.issuer));
}

/* Consent and help of a renewal that is new: what is reserved keeps those it was reserved with (R5.10). */
static void judge_consent(struct job *j) {
    if (j->consent_refused != REFUSAL_COUNT)
        job_refuse_by(j, j->consent_refused);
    else if (!j->has_consent && j->core->site->campaign.unattended == UNATTENDED_REFUSE)
        job_refuse_by(j, REFUSAL_CONSENT_MISSING);
}

static void judge_new(struct job *j) {
    judge_consent(j);
    if (!job_refused(j))
        judge_opening(j);
}

static enum rc judge(struct job *j) {
    if (names_another(j))
        job_refuse_by(j, REFUSAL_OTHER_CERTIFICATE);
    else if ((j->verdict.verdict.reasons & 1u << REASON_ISSUED_BEFORE) != 0) /* whatever was reserved since */
        job_refuse_reasons(j, 1u << REASON_ISSUED_BEFORE);
    else if (j->records.has_issued)
        judge_begun(j);
    else if (j->verdict.verdict.kind != VERDICT_ELIGIBLE) /* held too: beyond-new-ca */
        job_refuse_reasons(j, j->verdict.verdict.reasons);
    else
        judge_new(j);
    if (!job_refused(j) && job_new_key(j) && j->core->site->campaign.key == KEY_SAME) /* R5.9 */
        job_refuse_by(j, REFUSAL_NEW_KEY_NOT_ALLOWED);
    return job_refused(j) || !j->records.has_issued ? RC_OK : judge_key(j);
}

/* The one it was reserved under. */
static enum rc consent_kept(struct job *j) {
    const struct issued_row *i = &j->records.issued;
    struct consent_row *c = &j->consent;
    j->has_consent = i->consent_at != INSTANT_NONE;
    c->at = i->consent_at;
    c->channel = i->channel;
    TRY(text_set(c->text_id, sizeof c->text_id, i->consent_text));
    TRY(text_set(c->lang, sizeof c->lang, i->consent_lang));
    return text_set(c->holder, sizeof c->holder, i->holder);
}

/* Whose code is it, and is it good for this certificate too? */
static enum rc consent_help(struct db *db, struct job *j) {
    struct assist_row assist;
    struct consent_row *c = &j->consent;
    if (c->assist[0] == '\0')
        return RC_OK;
    enum rc rc = assist_get(db, c->assist, c->old_id, &assist);
    if (rc == RC_NOT_FOUND)
        j->consent_refused = REFUSAL_ASSIST_UNKNOWN;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    c->channel = assist.channel;
    switch (assist_state(&assist, j->now)) {
    case ASSIST_GOOD:
        break;
    case ASSIST_EXPIRED:
        j->consent_refused = REFUSAL_ASSIST_EXPIRED;
        break;
    case ASSIST_USED_UP:
        j->consent_refused = REFUSAL_ASSIST_USED_UP;
    }
    return text_set(c->holder, sizeof c->holder, assist.holder);
}

/* What the request says of it. A text that we do not have could not be told in the receipt; a time far from now is not
   the subscriber's. */
static enum rc consent_asked(struct db *db, struct job *j) {
    const struct cmp_consent *given = j->req->kur.consent;
    struct consent_row *c = &j->consent;
    char code[SUPPORT_CODE_TEXT]; /* as it was given out, however it was typed */
    if (given == NULL || !given->given)
        return RC_OK;
    const char *id = given->number > 0 ? consent_text_id(given->number) : given->text_id;
    if (id == NULL || consent_text(id, given->lang) == NULL) {
        j->consent_refused = REFUSAL_CONSENT_UNKNOWN;
        return RC_OK;
    }
    c->at = given->number > 0 ? j->now : given->at;
    if (c->at > j->now + CONSENT_AHEAD || c->at < j->now - CONSENT_OLD)
        j->consent_refused = REFUSAL_CONSENT_OLD;
    TRY(text_set(c->text_id, sizeof c->text_id, id));
    TRY(text_set(c->lang, sizeof c->lang, given->lang));
    TRY(text_set(c->client_version, sizeof c->client_version, given->client_version));
    TRY(text_set(c->device_model, sizeof c->device_model, given->device_model));
    TRY(text_set(c->assist, sizeof c->assist, support_code_parse(given->assist, code) == RC_OK ? code : given->assist));
    TRY(text_set(c->support_code, sizeof c->support_code, j->req->support_code == NULL ? "" : j->req->support_code));
    j->has_consent = true;
    return consent_help(db, j);
}

static enum rc load(struct db *db, struct job *j) {
    screen_records_free(&j->records);
    j->records = (struct screen_records){0};
    j->has_consent = false;
    j->consent = (struct consent_row){.at = INSTANT_NONE, .channel = CHANNEL_SELF};
    j->consent_refused = REFUSAL_COUNT;
    TRY(screen_load(db, &j->core->site->campaign, &j->old_cert, &j->records));
    if (!j->records.known)
        return RC_OK;
    j->consent.old_id = j->records.row.id;
    return j->records.has_issued ? consent_kept(j) : consent_asked(db, j);
}

enum rc job_judge(struct db *db, struct job *j) {
    TRY(load(db, j));
    screen_records_judge(j->core->site, &j->old_cert, &j->records, j->now, &j->verdict);
    j->refusal = (struct decision){0};
    return judge(j);
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

static enum rc refusal_body(struct tx *tx, void *arg) {
    return job_audit_refusal(tx, arg);
}

enum rc job_record_refusal(struct job *j) {
    return store_write(j->core->site->store, j->now, refusal_body, j);
}
