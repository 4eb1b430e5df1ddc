/* capbu-load: renews through a running capbud as many subscribers do, each with the client's own HTTPS and CMP: check,
   begin, kur with the consent inside, certConf, on one connection as a quick person's capbu has it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "client/net/api.h"
#include "contests.h"
#include "pki/cmp/cmp_cli.h"
#include "rules/consent_text.h"
#include "service/site/setup_ca.h"

#define COUNT_MAX 100000

struct load {
    struct place place;
    struct people *people;
    struct person *all;
    const char *url;
    char server_ca[PATH_CAP];
};

static enum rc send_message(void *arg, struct span message, struct buf *answer) {
    return api_cmp(arg, message, answer);
}

static enum rc install(void *arg, struct span certificate) {
    (void)arg, (void)certificate; /* cmp_cli has checked it */
    return RC_OK;
}

static enum rc renew(void *arg, int i) {
    struct load *l = arg;
    const struct person *p = &l->all[i];
    AUTO(http_line) line = {0};
    struct http h = {.server = l->url, .server_ca = l->server_ca, .line = &line, .lang = "en"};
    struct api_begin begin = {.certificate = buf_span(&p->old_der), .device_model = "load"};
    char code[API_CODE];
    AUTO(api_check) check = {0};
    AUTO(cmp_result) result = {0};
    AUTO_PTR(key) key = NULL;
    TRY(person_key(p, &l->place, &key));
    TRY(api_check_run(&h, buf_span(&p->old_der), &check));
    TRY(api_begin_run(&h, &begin, code));
    const struct cmp_consent consent = {
        .given = true, .text_id = CONSENT_NOW, .lang = "en", .at = check.client.server_time};
    const struct cmp_cli cli = {.old_cert = buf_span(&p->old_der),
                                .key = key,
                                .new_ca = buf_span(&check.client.issuer),
                                .now = check.client.server_time,
                                .consent = &consent,
                                .send = send_message,
                                .install = install,
                                .arg = &h};
    TRY(cmp_cli_run(&cli, &result));
    if (!result.confirmed)
        FAIL(RC_BUG, "a renewal was not confirmed");
    return RC_OK;
}

static enum rc run(struct load *l, const char *dir, int server, int clients, int count) {
    TRY(digest_init());
    TRY(http_init());
    TRY(place_visit(&l->place, dir));
    TRY(people_open(&l->place, &l->people));
    place_path(&l->place, SETUP_SERVER_CA, l->server_ca);
    TRY(people_add(l->people, &l->place, l->all, count));
    measure_helpers(server);
    double cpu = measure_cpu_of(server) + measure_cpu_helpers(), from = measure_now();
    TRY(contest_crowd("client", clients, count, renew, l));
    double wall = measure_now() - from;
    cpu = measure_cpu_of(server) + measure_cpu_helpers() - cpu;
    printf("load clients=%d renewals=%d seconds=%.1f per_second=%.0f server_cpu_ms=%.2f\n", clients, count, wall,
           count / wall, cpu / count * 1e3);
    return RC_OK;
}

int main(int argc, char **argv) {
    static struct load l;
    long count = argc == 6 ? strtol(argv[5], NULL, 10) : 0, clients = argc == 6 ? strtol(argv[4], NULL, 10) : 0;
    if (count < 1 || count > COUNT_MAX || clients < 1) {
        fprintf(stderr, "usage: capbu-load DIR URL CAPBUD-PID CLIENTS RENEWALS\n");
        return 2;
    }
    l.url = argv[2];
    l.all = calloc((size_t)count, sizeof *l.all);
    enum rc rc = l.all == NULL ? err_set(RC_LIMIT, "out of memory")
                               : run(&l, argv[1], (int)strtol(argv[3], NULL, 10), (int)clients, (int)count);
    if (rc != RC_OK)
        fprintf(stderr, "load: %s\n", err_text());
    for (long i = 0; l.all != NULL && i < count; i++)
        person_free(&l.all[i]);
    free(l.all);
    people_free(l.people);
    place_free(&l.place);
    return rc == RC_OK ? 0 : 1;
}
