/* The campaign file: conf/campaign.conf says what the letter says, and a file that cannot be is refused by line. */
#include "unit/rules/letter.h"

#include <stdlib.h>

#include "base/fs.h"
#include "lib/must.h"
#include "lib/tmp.h"
#include "rules/rollout.h"
#include "service/site/campaign_file.h"

static void conf_path(char path[PATH_CAP], const char *name) {
    const char *root = getenv("CAPBU_CONF");
    assert_non_null(root);
    assert_int_equal(fs_join(path, root, name), RC_OK);
}

static struct campaign load(const char *name) {
    char path[PATH_CAP];
    struct campaign c;
    struct provinces provinces;
    struct sha256 hash;
    conf_path(path, name);
    MUST_OK(campaign_file_load(path, &c, &provinces, &hash));
    return c;
}

static void assert_same_phase(const struct phase *a, const struct phase *b) {
    assert_int_equal(a->from, b->from);
    assert_int_equal(a->to, b->to);
    assert_int_equal(a->devices, b->devices);
    assert_int_equal(a->channels, b->channels);
    assert_memory_equal(&a->provinces, &b->provinces, sizeof a->provinces);
}

/* R2, R3, R5: the file and the letter as the rules are tested with are one. */
static void test_the_letter(void **state) {
    (void)state;
    struct campaign c = load("campaign.conf"), letter = letter_campaign();
    assert_int_equal(c.utc_offset, letter.utc_offset);                       /* R5.1 */
    assert_int_equal(c.expiry_day, letter.expiry_day);                       /* R2.3 */
    assert_int_equal(c.connection_day, letter.connection_day);               /* R2.5 */
    assert_int_equal(c.connection_day_policy, letter.connection_day_policy); /* R5.2 */
    assert_int_equal(c.min_key_bits, letter.min_key_bits);
    assert_int_equal(c.beyond, letter.beyond);                   /* R5.7 */
    assert_int_equal(c.key, letter.key);                         /* R5.9 */
    assert_int_equal(c.old_certificate, letter.old_certificate); /* R5.11 */
    assert_int_equal(c.revoke_superseded, letter.revoke_superseded);
    assert_int_equal(c.phase_count, letter.phase_count);
    for (int32_t i = 0; i < c.phase_count; i++)
        assert_same_phase(&c.phases[i], &letter.phases[i]);
    assert_int_equal(c.goal_count, letter.goal_count);
    for (int32_t i = 0; i < c.goal_count; i++) {
        assert_int_equal(c.goals[i].by, letter.goals[i].by);
        assert_int_equal(c.goals[i].devices, letter.goals[i].devices);
        assert_int_equal(c.goals[i].percent, letter.goals[i].percent);
    }
    assert_string_equal(c.id, "cap-bu-2020");
    assert_string_equal(c.letter, "1311/VTS-SP, 05/03/2020");
    assert_string_equal(c.hotline, "18008000 nhánh 1"); /* R4.1 */
    assert_string_equal(c.phases[3].clause, "R3.4");
    assert_string_equal(c.goals[1].id, "toan-bo");
    assert_int_equal(c.new_ca_not_after, 0); /* not the file's to say */
}

/* R5.5: the loader warns of the days in no phase, and of nothing else in the letter. */
static void test_warnings_of_the_letter(void **state) {
    (void)state;
    struct campaign c = load("campaign.conf");
    struct campaign_warnings w;
    campaign_file_warn(&c, &w);
    assert_int_equal(w.count, 2);
    assert_string_equal(w.text[0], "2020-07-31 lies in no phase: what is open stays open");
    assert_string_equal(w.text[1], "2020-10-01 to 2020-10-02 lie in no phase: what is open stays open");
    assert_int_equal(w.left_out, 0);
}

/* Another rollover with the same program: other issuer, days, key policy, cut, provinces by waves. */
static void test_the_next_rollover(void **state) {
    (void)state;
    struct campaign c = load("campaign-2024.conf"), letter = load("campaign.conf");
    assert_int_equal(c.expiry_day, day("2024-05-13"));
    assert_int_equal(c.connection_day_policy, CONNECTION_DAY_ACCEPT);
    assert_int_equal(c.min_key_bits, 2048);
    assert_int_equal(c.beyond, BEYOND_CUT);
    assert_int_equal(c.key, KEY_NEW_ALLOWED);
    assert_int_equal(c.old_certificate, OLD_REMOVE_ALLOWED);
    assert_true(c.revoke_superseded);
    assert_memory_not_equal(&c.old_issuer, &letter.old_issuer, sizeof c.old_issuer);
    assert_int_equal(rollout_phase_of(&c, DEVICE_V5, HA_NOI), 0);
    assert_int_equal(rollout_phase_of(&c, DEVICE_V5, 24), 1);
    assert_int_equal(rollout_phase_of(&c, DEVICE_V5, 96), 2);
    struct campaign_warnings w;
    campaign_file_warn(&c, &w);
    assert_int_equal(w.count, 2); /* R5.11: what revoke_superseded leaves to people, too */
    assert_non_null(strstr(w.text[1], "revoke_superseded"));
    assert_string_equal(w.text[0], "2024-01-01 lies in no phase: what is open stays open");
}

/* By the hash kept with a decision both files are known again: cat campaign.conf provinces.csv | sha256sum. */
static void test_hash_is_of_the_bytes(void **state) {
    (void)state;
    char path[PATH_CAP];
    struct campaign c;
    struct provinces p;
    struct sha256 hash;
    AUTO(buf) text = {0};
    conf_path(path, "campaign.conf");
    MUST_OK(campaign_file_load(path, &c, &p, &hash));
    MUST_OK(fs_read(path, CAMPAIGN_FILE_LIMIT, &text));
    conf_path(path, "provinces.csv");
    MUST_OK(fs_read(path, PROVINCE_FILE_LIMIT, &text)); /* behind the other */
    struct sha256 expected = sha256_of(buf_span(&text));
    assert_memory_equal(&hash, &expected, sizeof hash);
    MUST_FAIL(RC_NOT_FOUND, campaign_file_load("/nonexistent/campaign.conf", &c, &p, &hash));
}

/* A small file that is right; each fault changes one line of it, or adds one. */
static const char *const right[] = {
    "id = small",
    "title = Small",
    "letter = none",
    "utc_offset = \"+07:00\"",
    "expiry_day = 2020-10-02",
    "connection_day = 2019-07-17",
    "connection_day_policy = refuse",
    "min_key_bits = 1024",
    "beyond_new_ca = hold",
    "key = same",
    "old_certificate = keep",
    "revoke_superseded = false",
    "hotline = 1",
    "phase p1 {",
    "title = One",
    "from = 2020-03-10",
    "to = 2020-10-02",
    "devices = \"v1 v2 v3 v4 v5 v6\"",
    "channels = self",
    "}",
    "goal all {",
    "by = 2020-09-30",
    "devices = v4",
    "percent = 100",
    "}",
};
#define LINES ((int)(sizeof right / sizeof *right))

static const struct provinces few = {.of = {{.code = 1, .name = "Hà Nội"}}, .count = 1};

static enum rc parse_with(int line, const char *text, struct campaign *out) {
    AUTO(buf) file = {0};
    for (int i = 1; i <= LINES; i++) {
        assert_int_equal(buf_add_str(&file, i == line ? text : right[i - 1]), RC_OK);
        assert_int_equal(buf_add_char(&file, '\n'), RC_OK);
    }
    if (line > LINES)
        assert_int_equal(buf_add_str(&file, text), RC_OK);
    return campaign_file_parse("c.conf", buf_span(&file), &few, out);
}

static void put(const struct tmp *t, const char *name, const char *text, char path[PATH_CAP]) {
    MUST_OK(fs_join(path, t->dir, name));
    MUST_OK(fs_write(path, span_str(text), 0600));
}

static void put_campaign(const struct tmp *t, const char *more, const char *in_phase, char path[PATH_CAP]) {
    AUTO(buf) file = {0};
    for (int i = 0; i < LINES; i++)
        MUST_OK(buf_printf(&file, "%s%s\n", right[i], i == 12 ? more : i == 18 ? in_phase : ""));
    put(t, "c.conf", buf_str(&file), path);
}

/* R3.1: what a phase may name is what the campaign's own list has; the hash tells one list from another. */
static void test_the_list_is_the_campaigns(void **state) {
    (void)state;
    AUTO(tmp) t = {0};
    char path[PATH_CAP], list[PATH_CAP], says[2 * PATH_CAP];
    struct campaign c;
    struct provinces p;
    struct sha256 first, second;
    MUST_OK(tmp_make(&t, NULL, "campaign"));
    put_campaign(&t, " provinces = \"p.csv\"", " provinces = \"03\"", path);
    put(&t, "p.csv", "code,name\n03,Somewhere\n", list);
    MUST_OK(campaign_file_load(path, &c, &p, &first));
    assert_true(province_in(&c.phases[0].provinces, 3));
    assert_string_equal(province_name(&p, 3), "Somewhere");
    put(&t, "p.csv", "code,name\n03,Elsewhere\n", list);
    MUST_OK(campaign_file_load(path, &c, &p, &second));
    assert_memory_not_equal(&first, &second, sizeof first);
    put(&t, "p.csv", "code,name\n04,Somewhere\n", list);
    MUST_FAIL(RC_INPUT, campaign_file_load(path, &c, &p, &first));
    (void)snprintf(says, sizeof says, "%s:19: provinces: \"03\" is not allowed", path);
    assert_memory_equal(err_text(), says, strlen(says));
    put(&t, "p.csv", "code,name\n04,\n", list);
    MUST_FAIL(RC_INPUT, campaign_file_load(path, &c, &p, &first));
    (void)snprintf(says, sizeof says, "%s:2: this province has no name: 04", list);
    assert_string_equal(err_text(), says);
}

static void test_the_list_is_found_beside(void **state) {
    (void)state;
    AUTO(tmp) t = {0};
    char path[PATH_CAP], list[PATH_CAP];
    struct campaign c;
    struct provinces p;
    struct sha256 hash;
    MUST_OK(tmp_make(&t, NULL, "campaign"));
    put_campaign(&t, "", "", path);
    MUST_FAIL(RC_NOT_FOUND, campaign_file_load(path, &c, &p, &hash));
    assert_non_null(strstr(err_text(), "c.conf: the list of provinces that it names is not there: "));
    assert_non_null(strstr(err_text(), "/provinces.csv: "));
    put(&t, "provinces.csv", "code,name\n01,a\n", list); /* the usual name */
    MUST_OK(campaign_file_load(path, &c, &p, &hash));
    MUST_OK(campaign_file_provinces("c.conf", &c, path)); /* in the folder one is in */
    assert_string_equal(path, "provinces.csv");
}

struct bad {
    int line;
    const char *text, *says;
};

static const struct bad faults[] = {
    {1, "id = \"Two Words\"", "c.conf:1: the id \"Two Words\" may have a-z, 0-9 and - only"},
    {1, "", "c.conf: id is missing"},
    {1, "id = abcdefghijklmnopqrstuvwxyz0123456", "c.conf:1: id is longer than 31 bytes"},
    {4, "utc_offset = 7", "c.conf:4: utc_offset: \"7\" is not allowed"},
    {4, "utc_offset = \"+15:00\"", "c.conf:4: utc_offset: "},
    {4, "utc_offset = \"+07:60\"", "c.conf:4: utc_offset: "},
    {4, "utc_offset = \"+0x:00\"", "c.conf:4: utc_offset: "},
    {4, "utc_offset = \"+07-00\"", "c.conf:4: utc_offset: "},
    {5, "expiry_day = 02/10/2020", "c.conf:5: expiry_day must be a day as YYYY-MM-DD, not \"02/10/2020\""},
    {6, "connection_day = 2020-10-02", "c.conf:6: connection_day must lie before expiry_day"},
    {7, "connection_day_policy = maybe", "c.conf:7: connection_day_policy must be one of refuse, accept"},
    {8, "min_key_bits = 512", "c.conf:8: min_key_bits must be a whole number from 1024 to 8192"},
    {9, "beyond_new_ca = drop", "c.conf:9: beyond_new_ca must be one of hold, cut"},
    {10, "key = new", "c.conf:10: key must be one of same, new-allowed"},
    {11, "old_certificate = remove", "c.conf:11: old_certificate must be one of keep, remove-allowed"},
    {12, "revoke_superseded = 1", "c.conf:12: revoke_superseded must be true or false"},
    {13, "hotline = \"\"", "c.conf:13: hotline must not be empty"},
    {14, "phase \"Pha 1\" {", "c.conf:20: phase Pha 1: the id \"Pha 1\" may have a-z, 0-9 and - only"},
    {16, "from = 2020-10-03", "c.conf:20: phase p1: it ends before it begins"},
    {18, "devices = v7", "c.conf:18: devices: \"v7\" is not allowed, or stands there twice"},
    {18, "devices = \"v4 v4\"", "c.conf:18: devices: \"v4\" is not allowed, or stands there twice"},
    {18, "devices = \"\"", "c.conf:20: phase p1: it opens nothing"},
    {19, "channels = \"\"", "c.conf:20: phase p1: it opens nothing"},
    {19, "channels = shop", "c.conf:19: channels: \"shop\" is not allowed"},
    {19, "channels = self provinces = 03", "c.conf:19: provinces: \"03\" is not allowed"},
    {19, "channels = self provinces = \"01 01\"", "c.conf:19: provinces: \"01\" is not allowed"},
    {19, "channels = self provinces = 1", "c.conf:19: provinces: \"1\" is not allowed"},
    {13, "hotline = 1 provinces = \"\"", "c.conf:13: provinces must not be empty"},
    {13, "hotline = 1 provinces = \"../p.csv\"", "c.conf:13: the list of provinces lies beside this file"},
    {13, "hotline = 1 provinces = \".csv\"", "c.conf:13: the list of provinces lies beside this file"},
    {21, "goal ALL {", "c.conf:25: goal ALL: the id"},
    {23, "devices = \"\"", "c.conf:25: goal all: devices must name one at least"},
    {24, "percent = 101", "c.conf:24: percent must be a whole number from 1 to 100, not \"101\""},
    {26, "phase p1 { title = x from = 2020-03-10 to = 2020-03-11 devices = v1 channels = self }", "c.conf:26: "},
    {26, "colour = red", "c.conf:26: no such option 'colour'"},
    {26, "key = same", "c.conf:26: key is given twice"},
    {26, "ocsp_url = \"ftp://x\"", "c.conf:26: a URL begins with http:// or https://"},
    {26, "ocsp_url = \"http://a b\"", "c.conf:26: a URL has neither blanks"},
    {26, "crl_url = \"http://é\"", "c.conf:26: a URL has neither blanks nor letters beyond ASCII"},
    {26, "old_issuer_key = \"0860\" \"E6\"", "c.conf:26: "},
    {26, "old_issuer_key = 086", "c.conf:26: old_issuer_key: \"086\" is not allowed"},
    {26, "old_issuer_key = \"08 60\"", "c.conf:26: old_issuer_key: \"60\" is not allowed"},
};

static void test_faults_are_named_with_their_line(void **state) {
    (void)state;
    struct campaign c;
    if (parse_with(0, NULL, &c) != RC_OK)
        fail_msg("%s", err_text());
    memset(&c, 0xa5, sizeof c);
    struct campaign untouched = c;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        enum rc rc = parse_with(faults[i].line, faults[i].text, &c);
        print_message("%s\n", err_text());
        assert_int_equal(rc, RC_INPUT);
        assert_memory_equal(err_text(), faults[i].says, strlen(faults[i].says));
        assert_memory_equal(&c, &untouched, sizeof c);
    }
}

static enum rc parse_many(const char *kind, const char *body, int count, struct campaign *out) {
    AUTO(buf) file = {0};
    for (int i = 0; i < LINES; i++)
        assert_int_equal(buf_printf(&file, "%s\n", right[i]), RC_OK);
    for (int i = 0; i < count; i++)
        assert_int_equal(buf_printf(&file, "%s x%d { %s }\n", kind, i, body), RC_OK);
    return campaign_file_parse("c.conf", buf_span(&file), &few, out);
}

static void test_limits(void **state) {
    (void)state;
    struct campaign c;
    const char *phase = "title = x from = 2020-03-10 to = 2020-03-11 devices = v1 channels = self";
    const char *goal = "by = 2020-03-11 devices = v1 percent = 1";
    assert_int_equal(parse_many("phase", phase, CAMPAIGN_PHASES - 1, &c), RC_OK);
    assert_int_equal(c.phase_count, CAMPAIGN_PHASES);
    assert_int_equal(parse_many("phase", phase, CAMPAIGN_PHASES, &c), RC_LIMIT);
    assert_int_equal(parse_many("goal", goal, CAMPAIGN_GOALS - 1, &c), RC_OK);
    assert_int_equal(parse_many("goal", goal, CAMPAIGN_GOALS, &c), RC_LIMIT);
}

static void test_no_phase_at_all(void **state) {
    (void)state;
    AUTO(buf) file = {0};
    struct campaign c;
    for (int i = 0; i < 13; i++)
        assert_int_equal(buf_printf(&file, "%s\n", right[i]), RC_OK);
    assert_int_equal(campaign_file_parse("c.conf", buf_span(&file), &few, &c), RC_INPUT);
    assert_string_equal(err_text(), "c.conf: there is no phase, so nothing would ever open: add phase \"...\" { ... }");
}

/* R5.1: the offset may lie on either side of UTC. */
static void test_offset(void **state) {
    (void)state;
    struct campaign c;
    assert_int_equal(parse_with(4, "utc_offset = \"-03:30\"", &c), RC_OK);
    assert_int_equal(c.utc_offset, -12600);
    assert_int_equal(parse_with(4, "utc_offset = \"+00:00\"", &c), RC_OK);
    assert_int_equal(c.utc_offset, 0);
}

/* What the plan may say but somebody should see. */
static void test_warnings(void **state) {
    (void)state;
    struct campaign c;
    struct campaign_warnings w;
    assert_int_equal(parse_with(0, NULL, &c), RC_OK);
    campaign_file_warn(&c, &w);
    assert_int_equal(w.count, 0);
    c.phases[0].to = day("2020-10-03");
    c.phases[0].devices &= ~DEVICE_BIT(6);
    c.phases[1] = letter_phase("2020-10-05", "2020-10-06", DEVICE_BIT(1), SELF);
    c.phase_count = 2;
    c.goals[0].by = day("2020-10-05");
    strncpy(c.phases[1].id, "late", sizeof c.phases[1].id - 1);
    campaign_file_warn(&c, &w);
    assert_int_equal(w.count, 4);
    assert_string_equal(w.text[0], "phase p1 ends after expiry_day, when nothing is open any more");
    assert_string_equal(w.text[1], "phase late begins after expiry_day: it opens nothing");
    assert_string_equal(w.text[2], "goal all is due after expiry_day, when nothing can be done any more");
    assert_string_equal(w.text[3], "no phase opens v6: its owners will be told that nothing is open for them");
}

static void test_warnings_are_bounded(void **state) {
    (void)state;
    struct campaign c = {.expiry_day = 1000, .phase_count = CAMPAIGN_PHASES, .goal_count = CAMPAIGN_GOALS};
    struct campaign_warnings w;
    for (int i = 0; i < CAMPAIGN_PHASES; i++)
        c.phases[i] = (struct phase){.from = 10 * i, .to = 10 * i + 1};
    for (int i = 0; i < CAMPAIGN_GOALS; i++)
        c.goals[i].by = 2000;
    campaign_file_warn(&c, &w); /* 16 gaps, 16 goals, 6 devices */
    assert_int_equal(w.count, CAMPAIGN_WARNINGS);
    assert_int_equal(w.left_out, 16 + 16 + 6 - CAMPAIGN_WARNINGS);
}

/* R5.4: the old CA that the file names is told by its key. */
static void test_old_issuer(void **state) {
    (void)state;
    static const uint8_t ca_2015[] = {0x08, 0x60, 0xE6, 0x1F, 0x1B, 0x14, 0xD9, 0x48, 0x80, 0x0B,
                                      0x5E, 0xA7, 0x5C, 0x73, 0x25, 0x2C, 0x20, 0x0D, 0xF9, 0xD6};
    static const uint8_t ca_2010[] = {0x85, 0x5C, 0x04, 0x41};
    struct campaign c = load("campaign.conf");
    assert_true(campaign_file_means(&c, span_of(ca_2015, sizeof ca_2015)));
    assert_false(campaign_file_means(&c, span_of(ca_2010, sizeof ca_2010)));
    c.old_issuer.len = 0;
    assert_true(campaign_file_means(&c, span_of(ca_2010, sizeof ca_2010)));
}

static int32_t warnings_with_ca(const char *from, const char *to) {
    struct campaign c = load("campaign.conf");
    struct campaign_warnings w;
    c.new_ca_not_before = at(from);
    c.new_ca_not_after = at(to);
    campaign_file_warn(&c, &w);
    return w.count;
}

/* R5.7: a new CA that gives nobody a day deserves a look. */
static void test_useless_ca_is_warned_of(void **state) {
    (void)state;
    int32_t good = warnings_with_ca("2019-05-13T02:00:00Z", "2024-05-13T02:00:00Z");
    assert_int_equal(warnings_with_ca("2019-05-13T02:00:00Z", "2020-10-02T10:00:00Z"), good + 1);
    assert_int_equal(warnings_with_ca("2020-10-02T17:00:00Z", "2024-05-13T02:00:00Z"), good + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_letter),
        cmocka_unit_test(test_warnings_of_the_letter),
        cmocka_unit_test(test_the_next_rollover),
        cmocka_unit_test(test_hash_is_of_the_bytes),
        cmocka_unit_test(test_the_list_is_the_campaigns),
        cmocka_unit_test(test_the_list_is_found_beside),
        cmocka_unit_test(test_faults_are_named_with_their_line),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_no_phase_at_all),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_warnings_are_bounded),
        cmocka_unit_test(test_old_issuer),
        cmocka_unit_test(test_useless_ca_is_warned_of),
    };
    assert_int_equal(digest_init(), RC_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
