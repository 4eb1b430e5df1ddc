/* The issuing core against raw signing: a request signed by the subscriber's RSA-2048 key in, a durable certificate
   out. */
#include <stdlib.h>
#include <unistd.h>

#include "base/hex.h"
#include "contests.h"
#include "lib/kur.h"
#include "pki/cmp/cmp_proof.h"
#include "syncs.h"

#define RENEWALS measure_size(4000) /* a round */

struct renewal {
    struct person person;
    struct buf request; /* the kur that the subscriber signed */
    struct cmp_answer answer;
    int64_t syncs; /* between request and answer */
};

struct issuing {
    const struct stage *stage;
    struct renewal *renewals;
};

static enum rc sign_request(void *arg, int i) {
    const struct issuing *s = arg;
    struct renewal *r = &s->renewals[i];
    AUTO_PTR(key) key = NULL;
    TRY(person_key(&r->person, s->stage->place, &key));
    const struct kur k = {.old_cert = buf_span(&r->person.old_der), .key = key, .number = (uint32_t)i};
    return kur_write(&k, &r->request);
}

/* The measured work: what a server does from a request's bytes to a certificate that no crash takes back. */
static enum rc renew(void *arg, int i) {
    const struct issuing *s = arg;
    struct renewal *r = &s->renewals[i];
    struct cert old;
    struct cmp_msg m;
    int64_t mark = syncs_mark();
    TRY(cmp_msg_parse(buf_span(&r->request), &m));
    TRY(cert_parse(m.signer, &old));
    TRY(cmp_protected_by(&m, &old, NULL));
    struct reissue_request req = {.kur.signer = m.signer,
                                  .kur.core = m.core,
                                  .kur.request = buf_span(&r->request),
                                  .now_ms = conf_now_ms(&s->stage->place->site.conf)};
    TRY(reissue_run(&s->stage->place->core, &req, &r->answer));
    r->syncs = syncs_since(mark);
    return RC_OK;
}

static enum rc find_stored(struct db *db, void *arg) {
    const struct cert *made = arg;
    char serial[2 * SERIAL_MAX + 2];
    AUTO(issued_row) row = {0};
    serial_to_hex(made->facts.serial, made->facts.serial_len, serial);
    TRY(issue_by_new_serial(db, serial, &row));
    if (!span_eq(buf_span(&row.der), made->der))
        FAIL(RC_BUG, "the database has another certificate");
    return RC_OK;
}

/* Granted, for this subject and key, under the new CA, stored, and synced twice since it was asked for: reservation and
   certificate. */
static enum rc check_one(void *arg, int i) {
    const struct issuing *s = arg;
    const struct renewal *r = &s->renewals[i];
    struct cert old, made;
    if (!r->answer.granted)
        FAIL(RC_BUG, "not granted: %s", r->answer.code);
    TRY(cert_parse(buf_span(&r->person.old_der), &old));
    TRY(cert_parse(buf_span(&r->answer.certificate), &made));
    TRY(ca_verify(s->stage->place->site.new_ca, &made, false));
    if (!cert_same_key(&old, &made) || !span_eq(old.subject, made.subject))
        FAIL(RC_BUG, "a certificate for another key or subject");
    if (made.facts.not_after <= old.facts.not_after)
        FAIL(RC_BUG, "no day was made good");
    if (r->syncs < 2)
        FAIL(RC_BUG, "answered after %d syncs, that is before it was durable", (int)r->syncs);
    return store_read(s->stage->place->site.store, find_stored, &made);
}

static enum rc prepare(void *arg) {
    struct issuing *s = arg;
    struct person *people = calloc(RENEWALS, sizeof *people);
    if (people == NULL)
        FAIL(RC_LIMIT, "out of memory");
    enum rc rc = people_add(s->stage->people, s->stage->place, people, RENEWALS);
    for (int i = 0; i < RENEWALS; i++)
        s->renewals[i] = (struct renewal){.person = people[i]};
    free(people);
    return rc == RC_OK ? contest_crowd("prepare", yard_cores(), RENEWALS, sign_request, s) : rc;
}

static enum rc round_of(void *arg, struct lap laps[MEASURE_LAPS]) {
    const struct issuing *s = arg;
    lap_start(&laps[0]);
    TRY(contest_crowd("measured", s->stage->threads, RENEWALS, renew, arg));
    lap_stop(&laps[0], RENEWALS);
    return RC_OK;
}

static enum rc check(void *arg) {
    struct issuing *s = arg;
    enum rc rc = contest_crowd("check", yard_cores(), RENEWALS, check_one, s);
    for (int i = 0; i < RENEWALS; i++) {
        struct renewal *r = &s->renewals[i];
        person_free(&r->person);
        buf_free(&r->request);
        cmp_answer_free(&r->answer);
    }
    return rc;
}

static enum rc yardstick(void *arg, double *per_second) {
    const struct issuing *s = arg;
    return yard_sign(s->stage->ca_key, per_second);
}

enum rc contest_issuing(const struct stage *stage, struct outcome *out) {
    struct issuing s = {.stage = stage, .renewals = calloc(RENEWALS, sizeof *s.renewals)};
    if (s.renewals == NULL)
        FAIL(RC_LIMIT, "out of memory");
    const struct contest c = {prepare, round_of, check, yardstick, &s, 1};
    enum rc rc = place_fresh_store(stage->place, "issuing.db");
    measure_helpers(getpid());
    if (rc == RC_OK)
        rc = measure_run(&c, out);
    free(s.renewals);
    return rc;
}
