/* Tests of every endpoint over real TLS, in an installation of its own with real signers, store and CMP. */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "pki/cmp/cmp_cli.h"
#include "served.h"
#include "store/control.h"

static struct buf owed, second; /* certificates of persons OWED and SECOND */

static const struct person OWED = {.number = 1};
static const struct person SECOND = {.number = 2, .name = "CÔNG TY HAI", .tax_code = "0100109106-001"};
static const struct person CLOSED = {.number = 3, .device = "v2"};
static const struct person SUSPENDED = {.number = 4, .status = "suspended", .contract_to = "2020-10-02"};
static const struct person HELD = {.number = 5, .contract_to = "2024-12-31"};
static const struct person UNKNOWN = {.number = 6};

static int open_all(void **state) {
    AUTO(buf) der = {0};
    (void)state;

    (void)served_open();
    world_add(&inst, &OWED, &owed);
    world_add(&inst, &SECOND, &second);
    const struct person *others[] = {&CLOSED, &SUSPENDED, &HELD};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        buf_clear(&der);
        world_add(&inst, others[i], &der);
    }
    return 0;
}

static int close_all(void **state) {
    buf_free(&owed);
    buf_free(&second);
    return served_close(state);
}

static struct https_call post_person(const char *path, const struct person *p, const char *more, long status) {
    AUTO(buf) der = {0};
    world_mint(&inst, p, &der);
    return post(path, buf_span(&der), more, status);
}

static void check_tells_all_of_an_owed_one(void **state) {
    (void)state;
    AUTO(https_call) c = post("/api/v1/check", buf_span(&owed), "", 200);
    static const char *const parts[] = {"\"serial\":\"5404FFFE00000001\"",
                                        "\"verdict\":\"eligible\"",
                                        "\"reasons\":[]",
                                        "\"old_not_after\":\"2020-10-02T02:42:20Z\"",
                                        "\"new_not_after\":\"2021-07-01T16:59:59Z\"",
                                        "\"owed_days\":272",
                                        "\"device\":\"v4\"",
                                        "\"open\":true",
                                        "\"opens_on\":\"2020-03-10\"",
                                        "\"channels\":[\"self\"]",
                                        "\"state\":\"owed\"",
                                        "\"new_serial\":null",
                                        "\"message\":\"272 days are owed",
                                        "\"old_certificate\":\"keep\"",
                                        "\"server_time\":\"2020-03-15T0",
                                        "\"issuer\":\"MII",
                                        "\"subject\":[{\"label\":\"Name\",\"value\":\"CÔNG TY MẪU\"}",
                                        "{\"label\":\"Tax code\",\"value\":\"0100109106\"}"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        has(&c, parts[i]);
}

static void check_names_every_reason(void **state) {
    (void)state;
    AUTO(https_call) suspended = post_person("/api/v1/check", &SUSPENDED, "", 200);
    has(&suspended, "\"verdict\":\"refused\",\"reasons\":[\"suspended\",\"contract-not-longer\"]");
    has(&suspended, "\"new_not_after\":null,\"owed_days\":null");
    has(&suspended, "\"state\":null");
    AUTO(https_call) held = post_person("/api/v1/check", &HELD, "", 200);
    has(&held, "\"verdict\":\"held\",\"reasons\":[\"beyond-new-ca\"]");
    has(&held, "\"new_not_after\":\"2024-12-31T16:59:59Z\"");
    AUTO(https_call) closed = post_person("/api/v1/check", &CLOSED, "", 200);
    has(&closed, "\"verdict\":\"eligible\"");
    has(&closed, "\"open\":false,\"opens_on\":\"2020-04-01\",\"channels\":[]");
    AUTO(https_call) unknown = post_person("/api/v1/check", &UNKNOWN, "", 200);
    has(&unknown, "\"reasons\":[\"unknown-certificate\"]");
    has(&unknown, "\"device\":null,\"open\":false,\"opens_on\":null");
}

static void check_speaks_the_callers_language(void **state) {
    (void)state;
    AUTO(https_call)
    c = ask((struct https_call){.path = "/api/v1/check?tax_code=0100109106&serial=5404fffe00000001",
                                .method = "GET",
                                .lang = "vi"},
            200);
    has(&c, "Chứng thư số được bù 272 ngày");
    AUTO(https_call) p = ask((struct https_call){.path = "/api/v1/check", .method = "GET", .lang = "fr"}, 400);
    has(&p, "Yêu cầu không đọc được");
}

/* R2.7 without the token: the same verdict, nothing of the person; a wrong tax code is told as an unknown serial is. */
static void check_without_token_gives_nothing_away(void **state) {
    (void)state;
    AUTO(https_call)
    c = ask((struct https_call){.path = "/api/v1/check?serial=00:54:04:ff:fe:00:00:00:01&tax_code="
                                        "0100109106",
                                .method = "GET"},
            200);
    has(&c, "\"serial\":\"5404FFFE00000001\",\"verdict\":\"eligible\"");
    lacks(&c, "CÔNG TY");
    lacks(&c, "0100109106");
    lacks(&c, "subject");
    AUTO(https_call)
    other = ask(
        (struct https_call){.path = "/api/v1/check?serial=5404FFFE00000001&tax_code=0100109107", .method = "GET"}, 200);
    AUTO(https_call)
    none = ask(
        (struct https_call){.path = "/api/v1/check?serial=5404FFFE00000009&tax_code=0100109106", .method = "GET"}, 200);
    has(&other, "\"reasons\":[\"unknown-certificate\"]");
    has(&none, "\"reasons\":[\"unknown-certificate\"]");
    assert_int_equal(other.body.len, none.body.len);
}

static void check_refuses_what_it_cannot_read(void **state) {
    (void)state;
    static const char *const queries[] = {
        "",
        "?serial=1",
        "?tax_code=0100109106",
        "?tax_code=0100109106&serial=",
        "?tax_code=0100109106&serial=xyz",
        "?tax_code=0100109106&serial=000012345678901234567890123456789012345678901234567890123",
        "?tax_code=12345678&serial=1",
        "?tax_code=0100109106-01&serial=1",
        "?tax_code=0100109106-0011&serial=1",
        "?tax_code=010010910612345&serial=1",
        "?tax_code=0100109106&serial=1&pin=2",
        "?tax_code=0100109106&serial=1&serial=2"};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        char path[200];
        snprintf(path, sizeof path, "/api/v1/check%s", queries[i]);
        AUTO(https_call) c = ask((struct https_call){.path = path, .method = "GET"}, 400);
        has(&c, "\"code\":\"bad-request\"");
    }
    post_refused("/api/v1/check", span_str("no certificate"), "", 400, "bad-request");
    AUTO(https_call) key = post("/api/v1/check", buf_span(&owed), ",\"pin\":\"1\"", 400);
    has(&key, "\\\"pin\\\" is not known here");
}

static void begin_needs_consent_and_a_client_of_today(void **state) {
    (void)state;
    post_refused("/api/v1/begin", buf_span(&owed), CLIENT, 422, "consent-missing");
    post_refused("/api/v1/begin", buf_span(&owed), CLIENT ",\"consent\":{\"given\":false}", 422, "consent-missing");
    /* R5.10: a receipt could not say what was agreed to */
    post_refused("/api/v1/begin", buf_span(&owed), CLIENT ",\"consent\":{\"given\":true}", 422, "consent-unknown");
    post_refused("/api/v1/begin", buf_span(&owed), CLIENT ",\"consent\":{\"given\":true,\"text_id\":\"t\"}", 422,
                 "consent-unknown");
    AUTO(https_call) old = post("/api/v1/begin", buf_span(&owed), CONSENT ",\"client_version\":\"0.1.9\"", 426);
    has(&old, "\"code\":\"client-too-old\"");
    assert_non_null(strstr(buf_str(&old.head), "Upgrade: capbu/0.2"));
    /* counted, one line a minute of each: who has the certificate need not be its subscriber */
    assert_int_equal(world_audit_count(&inst, "\"unproven\",\"old_serial\":null,\"actor\":\"stranger\","
                                              "\"detail\":{\"code\":\"consent-missing\""),
                     1);
    assert_int_equal(world_audit_count(&inst, "{\"code\":\"consent-unknown\""), 1);
    assert_int_equal(world_audit_count(&inst, "{\"code\":\"client-too-old\""), 1);
}

static void begin_refuses_who_is_not_eligible(void **state) {
    (void)state;
    AUTO(https_call) suspended = post_person("/api/v1/begin", &SUSPENDED, CONSENT CLIENT, 403);
    has(&suspended, "\"code\":\"suspended;contract-not-longer\"");
    AUTO(https_call) held = post_person("/api/v1/begin", &HELD, CONSENT CLIENT, 403);
    has(&held, "\"code\":\"beyond-new-ca\"");
    AUTO(https_call) closed = post_person("/api/v1/begin", &CLOSED, CONSENT CLIENT, 403);
    has(&closed, "\"code\":\"not-open-yet\"");
    has(&closed, "2020-04-01");
    AUTO(https_call) unknown = post_person("/api/v1/begin", &UNKNOWN, CONSENT CLIENT, 403);
    has(&unknown, "\"code\":\"unknown-certificate\"");
}

static enum rc put_assist(struct tx *tx, void *arg) {
    return assist_put(tx, arg, "test");
}

static void begin_takes_channels_by_code_only(void **state) {
    (void)state;
    struct assist_row row = {
        .code = "AM-123", .channel = CHANNEL_AM, .holder = "NV01", .expires_at = DRILL_NOW + 86400};
    struct assist_row old = {.code = "AM-OLD", .channel = CHANNEL_AM, .holder = "NV01", .expires_at = DRILL_NOW - 1};
    MUST_OK(store_write(app.site.store, DRILL_NOW, put_assist, &row));
    MUST_OK(store_write(app.site.store, DRILL_NOW, put_assist, &old));
    const char *path = "/api/v1/begin";
    post_refused(path, buf_span(&owed), CONSENT CLIENT ",\"channel\":\"am\"", 422, "assist-needed");
    post_refused(path, buf_span(&owed), CONSENT CLIENT ",\"assist\":\"nope\"", 422, "assist-unknown");
    post_refused(path, buf_span(&owed), CONSENT CLIENT ",\"assist\":\"AM-OLD\"", 422, "assist-expired");
    post_refused(path, buf_span(&owed), CONSENT CLIENT ",\"channel\":\"fax\"", 400, "bad-request");
    /* R3.2: in March self-care only; the code is right, but its channel is not open */
    post_refused(path, buf_span(&owed), CONSENT CLIENT ",\"assist\":\"AM-123\"", 403, "not-open-yet");
    assert_int_equal(world_audit_count(&inst, "{\"code\":\"not-open-yet\""), 1); /* counted before it is told */
    assert_int_equal(world_audit_count(&inst, "\"begin\""), 0);
}

static enum rc send_cmp(void *arg, struct span message, struct buf *answer) {
    (void)arg;
    AUTO(https_call)
    c = ask(
        (struct https_call){
            .path = "/.well-known/cmp", .method = "POST", .type = "application/pkixcmp", .data = message},
        200);
    assert_non_null(strstr(buf_str(&c.head), "Content-Type: application/pkixcmp"));
    return buf_add_span(answer, buf_span(&c.body));
}

static enum rc install(void *arg, struct span certificate) {
    (void)arg;
    return certificate.len > 0 ? RC_OK : RC_TOKEN;
}

static void renew(struct span old_cert, struct cmp_result *result) {
    const struct cmp_cli client = {.old_cert = old_cert,
                                   .key = inst.pki.sub_key,
                                   .new_ca = buf_span(&inst.pki.new_der),
                                   .now = DRILL_NOW,
                                   .send = send_cmp,
                                   .install = install};
    MUST_OK(cmp_cli_run(&client, result));
    assert_true(result->confirmed);
}

static void ticket_of(const struct https_call *c, char more[160]) {
    const char *at = strstr(buf_str(&c->body), "\"ticket\":\"");
    assert_non_null(at);
    snprintf(more, 160, CONSENT CLIENT ",\"ticket\":\"%.24s\"", at + strlen("\"ticket\":\""));
}

/* One at a time (max_active = 1): the second waits, keeps its place by its ticket, and goes when the first is
   confirmed. */
static void begin_lets_one_go_after_the_other(void **state) {
    (void)state;
    char more[160];
    AUTO(cmp_result) result = {0};
    AUTO(cmp_result) again = {0};
    AUTO(https_call) first = post("/api/v1/begin", buf_span(&owed), CONSENT CLIENT ",\"channel\":\"self\"", 200);
    has(&first, "\"go\":true,\"position\":0,\"wait_seconds\":0");
    AUTO(https_call) waits = post("/api/v1/begin", buf_span(&second), CONSENT CLIENT, 200);
    has(&waits, "\"go\":false,\"position\":1,\"wait_seconds\":");
    ticket_of(&waits, more);
    AUTO(https_call) still = post("/api/v1/begin", buf_span(&second), more, 200);
    has(&still, "\"go\":false,\"position\":1");
    assert_int_equal(world_audit_count(&inst, "data-confirmed-1"), 0); /* what counts is in the signed request */

    renew(buf_span(&owed), &result);
    AUTO(https_call) goes = post("/api/v1/begin", buf_span(&second), more, 200);
    has(&goes, "\"go\":true");
    AUTO(https_call) done = post("/api/v1/check", buf_span(&owed), "", 200);
    has(&done, "\"verdict\":\"done\",\"reasons\":[\"already-compensated\"]");
    has(&done, "\"state\":\"confirmed\",\"new_serial\":\"");

    renew(buf_span(&second), &again);
    buf_clear(&again.certificate);
    again.confirmed = false;
    renew(buf_span(&owed), &again); /* what was issued may be fetched again, byte for byte */
    assert_true(span_eq(buf_span(&again.certificate), buf_span(&result.certificate)));
    AUTO(https_call) once_more = post("/api/v1/begin", buf_span(&owed), CONSENT CLIENT, 200);
    has(&once_more, "\"go\":true");
    AUTO(https_call) metrics = ask((struct https_call){.path = "/metrics", .method = "GET"}, 200);
    has(&metrics, "capbu_renewals_total{outcome=\"granted\"} 3\n");
    has(&metrics, "capbu_renewals_total{outcome=\"confirmed\"} 3\n");
    has(&metrics, "capbu_requests_total{method=\"POST\",route=\"/.well-known/cmp\",status=\"200\"} 6\n");
    has(&metrics, "capbu_renewals_active 1\n");
}

static char secret[80]; /* of the renewal, as a member */

static void marks_must_be(const struct buf *der, const char *expected) {
    char part[64], more[160];
    (void)snprintf(more, sizeof more, "%s%s", secret, expected);
    AUTO(https_call) json = post("/api/v1/marks", buf_span(der), more, 200);
    snprintf(part, sizeof part, "{%s}", expected + 1);
    has(&json, part);
}

/* After the renewals above: the receipt again, by either certificate, and the marks as told last. */
static void after_a_renewal(void **state) {
    (void)state;
    AUTO(cmp_result) result = {0};
    renew(buf_span(&owed), &result);
    assert_true(result.keep.receipt.len > 0);
    assert_int_equal(result.keep.secret.len, ISSUE_SECRET_LEN);
    char hex[2 * ISSUE_SECRET_LEN + 1];
    hex_to(result.keep.secret.data, result.keep.secret.len, hex);
    (void)snprintf(secret, sizeof secret, ",\"secret\":\"%s\"", hex);
    const struct buf *shown[] = {&owed, &result.certificate};
    for (int i = 0; i < 2; i++) {
        AUTO(https_call) c = post("/api/v1/receipt", buf_span(shown[i]), secret, 200);
        assert_non_null(strstr(buf_str(&c.head), "Content-Type: application/cms"));
        assert_true(span_eq(buf_span(&c.body), buf_span(&result.keep.receipt)));
        marks_must_be(shown[i], i == 0 ? ",\"marks\":[\"tax\",\"e-procurement\"]" : ",\"marks\":[\"bank\"]");
    }
    marks_must_be(&owed, ",\"marks\":[]");
    marks_must_be(&owed, ",\"marks\":[]");
    assert_int_equal(world_audit_count(&inst, "\"marks\":["), 3); /* what is no news is not recorded again */
    assert_int_equal(world_audit_count(&inst, "\"marks\":[\"tax\",\"e-procurement\"]"), 1);
    for (int n = 3; n < MARK_CHANGES; n++)
        marks_must_be(&owed, n % 2 == 0 ? ",\"marks\":[\"tax\"]" : ",\"marks\":[\"bank\"]");
    char often[160];
    (void)snprintf(often, sizeof often, "%s,\"marks\":[\"customs\"]", secret);
    post_refused("/api/v1/marks", buf_span(&owed), often, 409, "changed-too-often");
    marks_must_be(&owed, (MARK_CHANGES - 1) % 2 == 0 ? ",\"marks\":[\"tax\"]" : ",\"marks\":[\"bank\"]");
    assert_int_equal(world_audit_count(&inst, "\"marks\":["), MARK_CHANGES);
}

/* Certificates are public: who has one and not what came with the receipt learns and changes nothing. */
static void after_anothers_renewal(void **state) {
    (void)state;
    static const char *const tries[] = {"", ",\"secret\":\"\"", ",\"secret\":\"00000000000000000000000000000000\""};
    int64_t lines = world_audit_count(&inst, "\"marks\":[");
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char more[120];
        (void)snprintf(more, sizeof more, "%s,\"marks\":[\"tax\"]", tries[i]);
        post_refused("/api/v1/receipt", buf_span(&owed), tries[i], 403, "proof-needed");
        post_refused("/api/v1/marks", buf_span(&owed), more, 403, "proof-needed");
    }
    secret[12] = secret[12] == 'A' ? 'B' : 'A'; /* its first digit */
    post_refused("/api/v1/receipt", buf_span(&owed), secret, 403, "proof-needed");
    secret[43] = '\0';
    (void)snprintf(secret + 43, sizeof secret - 43, "\"");
    post_refused("/api/v1/receipt", buf_span(&owed), secret, 403, "proof-needed");
    assert_int_equal(world_audit_count(&inst, "\"marks\":["), lines);
    assert_int_equal(world_audit_count(&inst, "\"code\":\"proof-needed\""), 1);
}

static void after_no_renewal(void **state) {
    (void)state;
    AUTO(buf) held = {0};
    AUTO(buf) stranger = {0};
    world_mint(&inst, &HELD, &held);
    world_mint(&inst, &UNKNOWN, &stranger);
    post_refused("/api/v1/receipt", buf_span(&held), "", 404, "no-receipt");
    post_refused("/api/v1/receipt", buf_span(&stranger), "", 404, "no-receipt");
    post_refused("/api/v1/marks", buf_span(&held), ",\"marks\":[\"tax\"]", 404, "not-issued");
    post_refused("/api/v1/marks", buf_span(&stranger), ",\"marks\":[]", 404, "not-issued");
    post_refused("/api/v1/marks", buf_span(&owed), "", 400, "bad-request");
    post_refused("/api/v1/marks", buf_span(&owed), ",\"marks\":[\"fax\"]", 400, "bad-request");
    post_refused("/api/v1/receipt", buf_span(&owed), ",\"marks\":[]", 400, "bad-request");
    post_refused("/api/v1/receipt", span_str("no certificate"), "", 400, "bad-request");
}

static void cmp_refused(const char *type, struct span data, size_t len, long status, const char *code) {
    AUTO(https_call)
    c = ask(
        (struct https_call){.path = "/.well-known/cmp", .method = "POST", .type = type, .data = data, .body_len = len},
        status);
    has(&c, code);
}

static void cmp_refuses_what_is_none(void **state) {
    (void)state;
    const struct span none = {NULL, 0};
    cmp_refused("application/pkixcmp", span_str("no CMP"), 0, 400, "bad-request");
    cmp_refused("application/pkixcmp", none, 0, 400, "bad-request");
    cmp_refused("application/pkixcmp", none, CMP_LIMIT, 400, "bad-request");
    cmp_refused("application/pkixcmp", none, CMP_LIMIT + 1, 413, "too-large");
    cmp_refused("application/json", span_str("{}"), 0, 415, "wrong-content-type");
}

static void page_says_what_is_open(void **state) {
    (void)state;
    AUTO(https_call) c = ask((struct https_call){.path = "/", .method = "GET"}, 200);
    has(&c, app.site.campaign.title);
    has(&c, "<tr><td>v4</td><td>mở / open</td><td>2020-03-10</td>");
    has(&c, "<tr><td>v2</td><td>chưa mở / closed</td><td>2020-04-01</td>");
    assert_non_null(strstr(buf_str(&c.head), "Content-Security-Policy: default-src 'none'"));
}

/* The parent of the helpers is the only child of this process, and they do not outlive it. */
static void kill_helpers(void) {
    char path[64];
    long child;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    AUTO_FILE children = fopen(path, "r");
    assert_non_null(children);
    while (fscanf(children, "%ld", &child) == 1)
        kill((pid_t)child, SIGKILL);
    for (int i = 0; i < 300 && signer_alive(app.signer) > 0; i++)
        usleep(10000);
}

/* Last: afterwards nothing can be issued any more. */
static void ready_tells_of_dead_signers(void **state) {
    (void)state;
    AUTO(https_call) alive = ask((struct https_call){.path = "/healthz", .method = "GET"}, 200);
    has(&alive, "{\"status\":\"ok\"}");
    AUTO(https_call) ready = ask((struct https_call){.path = "/readyz", .method = "GET"}, 200);
    has(&ready, "\"reasons\":[],");
    has(&ready, "\"ready\":true");
    int64_t ends = app.site.campaign.new_ca_not_after;
    app.site.campaign.new_ca_not_after = DRILL_NOW - 1;
    AUTO(https_call) expired = ask((struct https_call){.path = "/readyz", .method = "GET"}, 503);
    has(&expired, "the new CA has expired");
    app.site.campaign.new_ca_not_after = ends;
    kill_helpers();
    AUTO(https_call) dead = ask((struct https_call){.path = "/readyz", .method = "GET"}, 503);
    has(&dead, "no signer helper is alive: capbud ends");
    has(&dead, "\"ready\":false");
    assert_non_null(strstr(buf_str(&dead.head), "Retry-After: "));
    AUTO(https_call) still_alive = ask((struct https_call){.path = "/healthz", .method = "GET"}, 200);
    has(&still_alive, "ok");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_tells_all_of_an_owed_one),
        cmocka_unit_test(check_names_every_reason),
        cmocka_unit_test(check_speaks_the_callers_language),
        cmocka_unit_test(check_without_token_gives_nothing_away),
        cmocka_unit_test(check_refuses_what_it_cannot_read),
        cmocka_unit_test(begin_needs_consent_and_a_client_of_today),
        cmocka_unit_test(begin_refuses_who_is_not_eligible),
        cmocka_unit_test(begin_takes_channels_by_code_only),
        cmocka_unit_test(begin_lets_one_go_after_the_other),
        cmocka_unit_test(after_a_renewal),
        cmocka_unit_test(after_anothers_renewal),
        cmocka_unit_test(after_no_renewal),
        cmocka_unit_test(cmp_refuses_what_is_none),
        cmocka_unit_test(page_says_what_is_open),
        cmocka_unit_test(ready_tells_of_dead_signers),
    };
    signal(SIGPIPE, SIG_IGN);
    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests_name("server/endpoints", tests, open_all, close_all);
}
