/* Import and screening of a drill's population against raw verification on the same cores. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "contests.h"
#include "service/drill/drill.h"
#include "service/drill/drill_person.h"
#include "service/issuing/screen.h"

#define ROWS     measure_size(30000)
#define SEED     1311
#define KEY_BITS 1024 /* the subscribers': the letter's time; the CA that signed them has 2048 */

struct tally_all {
    int64_t rows, eligible, bad_signature;
};

struct screening {
    const struct stage *stage;
    char csv[PATH_CAP];
    int64_t owed; /* who is eligible, as the population was made */
    int round;
    struct tally_all seen;
};

static enum rc count_one(void *arg, const struct cert_row *row, const struct screened *v) {
    struct tally_all *t = arg;
    (void)row;
    t->rows++;
    t->eligible += v->verdict.kind == VERDICT_ELIGIBLE;
    t->bad_signature += (v->verdict.reasons >> REASON_BAD_SIGNATURE & 1) != 0;
    return RC_OK;
}

static enum rc population(struct screening *s) {
    struct place *p = s->stage->place;
    for (int64_t i = 0; i < ROWS; i++) {
        int64_t end = ca_cert(p->site.old_ca)->facts.not_after;
        s->owed += drill_person_make(&p->site.campaign, &p->site.provinces, end, SEED, i).kind == DRILL_OWED;
    }
    place_path(p, "population.csv", s->csv);
    return drill_population(
        &p->site, &(struct drill_options){
                      .count = ROWS, .seed = SEED, .csv = s->csv, .key_bits = KEY_BITS, .threads = yard_cores()});
}

static enum rc prepare(void *arg) {
    struct screening *s = arg;
    char name[32];
    (void)snprintf(name, sizeof name, "screening-%d.db", s->round++);
    s->seen = (struct tally_all){0};
    return place_fresh_store(s->stage->place, name);
}

static enum rc round_of(void *arg, struct lap laps[MEASURE_LAPS]) {
    struct screening *s = arg;
    struct place *p = s->stage->place;
    lap_start(&laps[0]);
    lap_start(&laps[2]);
    TRY(place_import(p, s->csv, ROWS));
    lap_stop(&laps[0], ROWS);
    lap_start(&laps[1]);
    TRY(screen_all(&p->site, conf_now(&p->site.conf), yard_cores(), count_one, &s->seen));
    lap_stop(&laps[1], ROWS);
    lap_stop(&laps[2], ROWS);
    return RC_OK;
}

static enum rc check(void *arg) {
    const struct screening *s = arg;
    const struct tally_all *t = &s->seen;
    if (t->rows != ROWS || t->eligible != s->owed || t->bad_signature != 0)
        FAIL(RC_BUG, "%" PRId64 " rows, %" PRId64 " of %" PRId64 " eligible, %" PRId64 " bad signatures", t->rows,
             t->eligible, s->owed, t->bad_signature);
    return RC_OK;
}

static enum rc yardstick(void *arg, double *per_second) {
    const struct screening *s = arg;
    return yard_verify(s->stage->old_key, per_second);
}

enum rc contest_screening(const struct stage *stage, struct outcome *out) {
    struct screening s = {.stage = stage};
    TRY(population(&s));
    const struct contest c = {prepare, round_of, check, yardstick, &s, 3};
    return measure_run(&c, out);
}
