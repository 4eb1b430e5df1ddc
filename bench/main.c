/* capbu-bench: what the parts do, each as a ratio against what OpenSSL alone does on the same cores in the same run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "contests.h"
#include "service/site/setup_ca.h"

#define THREADS 128 /* requests at the same time, each a thread as in capbud, so that no core waits for a disk */

struct line {
    const char *name, *about;
    double target; /* 0: none */
};

struct entry {
    const char *name, *yardstick;
    enum rc (*run)(const struct stage *s, struct outcome *out);
    struct line lines[MEASURE_LAPS]; /* the laps */
};

static const struct entry entries[] = {
    {"screening",
     "RSA-2048 verify",
     contest_screening,
     {{"import", "import, rows", 0},
      {"screening", "screening with signatures, rows", 0.4},
      {"import+screening", "both, rows", 0}}},
    {"issuing", "RSA-2048 sign", contest_issuing, {{"issuing", "issuing core, certificates", 0.6}}},
    {"exchange",
     "RSA-2048 sign",
     contest_exchange,
     {{"exchange", "CMP kur and certConf, certificates", 0},
      {"kur", "CMP kur alone", 0},
      {"certconf", "CMP certConf alone", 0}}},
};
#define ENTRIES (sizeof entries / sizeof entries[0])

static void print_head(const struct stage *s) {
    printf("%d cores, %d threads that ask, SQLite, CA key RSA-2048 in %d helper processes; medians of %d rounds\n\n",
           yard_cores(), s->threads, s->place->site.conf.signers, measure_rounds());
    printf("%-36s %9s %9s %-15s %6s %6s %-13s %s\n", "what", "a second", "yardstick", "", "ratio", "target", "range",
           "CPU us: each, yardstick's");
}

static void print_outcome(const struct entry *e, const struct outcome *o) {
    for (int i = 0; i < MEASURE_LAPS && e->lines[i].name != NULL; i++) {
        const struct figure *f = &o->of[i];
        char target[8] = "-";
        if (e->lines[i].target > 0)
            (void)snprintf(target, sizeof target, "%.2f", e->lines[i].target);
        printf("%-36s %9.0f %9.0f %-15s %6.3f %6s %.3f-%.3f %11.0f %11.0f\n", e->lines[i].about, f->rate, f->yardstick,
               e->yardstick, f->ratio, target, f->ratio_least, f->ratio_most, f->cpu_us, f->yardstick_cpu_us);
        printf(
            "bench %s ratio=%.3f cpu_ratio=%.3f rate=%.0f yardstick=%.0f cpu_us=%.0f yardstick_cpu_us=%.0f rounds=%d "
            "thrown_away=%d\n",
            e->lines[i].name, f->ratio, f->yardstick_cpu_us / f->cpu_us, f->rate, f->yardstick, f->cpu_us,
            f->yardstick_cpu_us, o->rounds, o->thrown_away);
    }
    fflush(stdout);
}

static bool wanted(const char *name, int argc, char **argv) {
    bool listed = argc < 2;
    for (int i = 1; i < argc; i++)
        listed |= strcmp(argv[i], name) == 0;
    return listed;
}

static enum rc run_all(struct stage *s, int argc, char **argv) {
    print_head(s);
    for (size_t i = 0; i < ENTRIES; i++) {
        struct outcome o;
        if (!wanted(entries[i].name, argc, argv))
            continue;
        enum rc rc = entries[i].run(s, &o);
        if (rc != RC_OK)
            return err_in(rc, "%s", entries[i].name);
        print_outcome(&entries[i], &o);
    }
    return RC_OK;
}

static enum rc set_up(struct stage *s) {
    char path[PATH_CAP];
    TRY(digest_init());
    TRY(place_open(s->place));
    measure_helpers(getpid());
    place_path(s->place, SETUP_OLD_CA_KEY, path);
    TRY(yard_open(path, &s->old_key));
    place_path(s->place, SETUP_NEW_CA_KEY, path);
    TRY(yard_open(path, &s->ca_key));
    return people_open(s->place, &s->people);
}

int main(int argc, char **argv) {
    static struct place place;
    const char *threads = getenv("BENCH_THREADS");
    struct stage s = {.place = &place, .threads = threads == NULL ? THREADS : (int)strtol(threads, NULL, 10)};
    for (int i = 1; i < argc; i++) {
        bool known = false;
        for (size_t e = 0; e < ENTRIES; e++)
            known |= strcmp(argv[i], entries[e].name) == 0;
        if (!known) {
            fprintf(stderr, "usage: capbu-bench [screening] [issuing] [exchange]\n");
            return 2;
        }
    }
    enum rc rc = set_up(&s);
    if (rc == RC_OK)
        rc = run_all(&s, argc, argv);
    if (rc != RC_OK)
        fprintf(stderr, "bench: %s\n", err_text());
    people_free(s.people);
    yard_free(s.old_key);
    yard_free(s.ca_key);
    place_free(&place);
    return rc == RC_OK ? 0 : 1;
}
