/* Runs a contest: yardstick, round, yardstick, and so on; keeps what was measured while the machine stood still. */
#include "measure.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HELPERS_MAX 64
#define SMOKE_SIZE  24

static pid_t helpers[HELPERS_MAX];
static int helper_count;

bool measure_smoke(void) {
    const char *wish = getenv("BENCH_SMOKE");
    return wish != NULL && wish[0] != '\0';
}

int measure_rounds(void) {
    return measure_smoke() ? 1 : MEASURE_ROUNDS;
}

int measure_size(int measured) {
    return measure_smoke() && measured > SMOKE_SIZE ? SMOKE_SIZE : measured;
}

static double seconds(clockid_t clock) {
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec + (double)t.tv_nsec / 1e9 : 0;
}

double measure_now(void) {
    return seconds(CLOCK_MONOTONIC);
}

double measure_cpu_of(int pid) {
    clockid_t clock;
    return clock_getcpuclockid(pid, &clock) == 0 ? seconds(clock) : 0;
}

/* The parent of a process, 0 when it is gone: "pid (name) state parent …". */
static long parent_of(const char *pid) {
    char path[64], line[512];
    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    char *got = fgets(line, sizeof line, f);
    (void)fclose(f);
    char *name_end = got == NULL ? NULL : strrchr(line, ')');
    return name_end == NULL || strlen(name_end) < 5 ? 0 : strtol(name_end + 4, NULL, 10);
}

/* The helpers' parent is a child of the process, they are that one's. */
static bool belongs_to(const char *pid, int process) {
    char above[24];
    long parent = parent_of(pid);
    (void)snprintf(above, sizeof above, "%ld", parent);
    return parent == process || (parent > 1 && parent_of(above) == process);
}

void measure_helpers(int process) {
    DIR *proc = opendir("/proc");
    helper_count = 0;
    for (const struct dirent *e; proc != NULL && (e = readdir(proc)) != NULL;) {
        long pid = strtol(e->d_name, NULL, 10);
        if (pid > 0 && helper_count < HELPERS_MAX && belongs_to(e->d_name, process))
            helpers[helper_count++] = (pid_t)pid;
    }
    if (proc != NULL)
        (void)closedir(proc);
}

double measure_cpu_helpers(void) {
    double all = 0;
    for (int i = 0; i < helper_count; i++)
        all += measure_cpu_of(helpers[i]);
    return all;
}

static double cpu_now(void) {
    return seconds(CLOCK_PROCESS_CPUTIME_ID) + measure_cpu_helpers();
}

void lap_start(struct lap *l) {
    l->cpu_from = cpu_now();
    l->wall_from = measure_now();
}

void lap_stop(struct lap *l, double units) {
    l->wall += measure_now() - l->wall_from;
    l->cpu += cpu_now() - l->cpu_from;
    l->units += units;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof values[0], by_value);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

struct samples { /* of one lap, a value a round */
    double rate[MEASURE_ROUNDS], yardstick[MEASURE_ROUNDS], ratio[MEASURE_ROUNDS], cpu_us[MEASURE_ROUNDS];
    double yardstick_cpu_us[MEASURE_ROUNDS];
};

struct reading { /* of a yardstick, before or after a round */
    double rate, cpu_us;
};

static void sample(struct samples *s, int at, const struct lap *l, const struct reading yard[2]) {
    s->rate[at] = l->units / l->wall;
    s->yardstick[at] = (yard[0].rate + yard[1].rate) / 2;
    s->ratio[at] = s->rate[at] / s->yardstick[at];
    s->cpu_us[at] = l->cpu / l->units * 1e6;
    s->yardstick_cpu_us[at] = (yard[0].cpu_us + yard[1].cpu_us) / 2;
}

static struct figure figure_of(struct samples *s, int count) {
    struct figure f = {.rate = median(s->rate, count),
                       .yardstick = median(s->yardstick, count),
                       .ratio = median(s->ratio, count), /* sorts them */
                       .cpu_us = median(s->cpu_us, count),
                       .yardstick_cpu_us = median(s->yardstick_cpu_us, count)};
    f.ratio_least = s->ratio[0];
    f.ratio_most = s->ratio[count - 1];
    return f;
}

static enum rc read_yardstick(const struct contest *c, struct reading *out) {
    double cpu = cpu_now(), from = measure_now();
    TRY(c->yardstick(c->arg, &out->rate));
    out->cpu_us = (cpu_now() - cpu) / (out->rate * (measure_now() - from)) * 1e6;
    return RC_OK;
}

static enum rc one_round(const struct contest *c, struct lap *laps, struct reading yard[2]) {
    if (c->prepare != NULL)
        TRY(c->prepare(c->arg));
    TRY(read_yardstick(c, &yard[0]));
    TRY(c->round(c->arg, laps));
    TRY(read_yardstick(c, &yard[1]));
    return c->check(c->arg);
}

static bool moved(const struct reading yard[2]) {
    return !measure_smoke() && fabs(yard[0].rate - yard[1].rate) > MEASURE_MOVED * fmin(yard[0].rate, yard[1].rate);
}

enum rc measure_run(const struct contest *c, struct outcome *out) {
    struct samples samples[MEASURE_LAPS] = {0};
    struct outcome o = {0};
    for (int tried = 0; o.rounds < measure_rounds() && tried < MEASURE_MOST; tried++) {
        struct lap laps[MEASURE_LAPS] = {0};
        struct reading yard[2] = {0};
        TRY(one_round(c, laps, yard));
        if (moved(yard)) {
            o.thrown_away++;
            continue;
        }
        for (int i = 0; i < c->laps; i++)
            sample(&samples[i], o.rounds, &laps[i], yard);
        o.rounds++;
    }
    if (o.rounds < measure_rounds())
        FAIL(RC_BUSY, "only %d of %d rounds were good: the yardstick moved; measure on a quiet machine", o.rounds,
             measure_rounds());
    for (int i = 0; i < c->laps; i++)
        o.of[i] = figure_of(&samples[i], o.rounds);
    *out = o;
    return RC_OK;
}
