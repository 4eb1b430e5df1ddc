/* Import of files that must not do what they would: more than a tenth changed, lists that cannot be written, ^C. */
#include "unit/service/world.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"

#define KNOWN 100

static char path[PATH_CAP];
static int asked;

static bool stop_at_once(void) {
    return true;
}

static bool stop_at_the_third(void) {
    return ++asked == 3;
}

/* Writes the file of `count` people from `first` on, the first `changed` of them with another contract and status. */
static void write_people(uint32_t first, uint32_t count, uint32_t changed, const char *contract_to,
                         const char *status) {
    AUTO(buf) csv = {0};
    MUST_OK(buf_add_str(&csv, WORLD_CSV_HEADER));
    for (uint32_t i = 0; i < count; i++)
        world_row(&w,
                  &(struct person){.number = first + i,
                                   .contract_to = i < changed ? contract_to : NULL,
                                   .status = i < changed ? status : NULL},
                  &csv);
    world_write(&w, "guard.csv", buf_str(&csv));
    world_path(&w, "guard.csv", path);
}

static enum rc run(const struct import_options *o, struct import_counts *counts) {
    *counts = (struct import_counts){0};
    return import_file(&w.site, path, o, counts);
}

static int64_t told(const char *text) { /* lines of the audit about rows that changed so */
    return world_audit_count(&w, text);
}

static void know_a_hundred(void) {
    struct import_counts counts;
    write_people(1, KNOWN, 0, NULL, NULL);
    MUST_OK(run(&(struct import_options){0}, &counts));
    assert_int_equal(counts.added + counts.same, KNOWN);
}

static void test_a_tenth_stops(void **state) {
    (void)state;
    struct import_counts counts;
    know_a_hundred();
    write_people(1, KNOWN + 5, 11, "2022-03-03", "suspended");
    MUST_FAIL(RC_REFUSED, run(&(struct import_options){0}, &counts));
    assert_non_null(strstr(err_text(),
                           "of 100 certificates known, 11 would be changed (11 of them suspended or revoked) "
                           "and 0 refused, more than 10 %, "));
    assert_non_null(strstr(err_text(), "--changes 11"));
    assert_int_equal(counts.added + counts.changed, 0);
    assert_false(counts.begun);
    assert_int_equal(told("2022-03-03"), 0);
    assert_int_equal(world_audit_count(&w, "\"stopped\":\"of 100 certificates"), 1);
    MUST_FAIL(RC_REFUSED, run(&(struct import_options){.changes_told = true, .changes = 10}, &counts));
    MUST_OK(run(&(struct import_options){.dry_run = true}, &counts));
    assert_true(counts.too_many && counts.touched == 11 && counts.stopped == 11);
    assert_int_equal(told("2022-03-03"), 0);
    MUST_OK(run(&(struct import_options){.changes_told = true, .changes = 11}, &counts));
    assert_int_equal(counts.changed, 11);
    assert_int_equal(counts.added, 5);
    assert_int_equal(counts.same, 89);
    assert_int_equal(told("2022-03-03"), 11);
    MUST_OK(run(&(struct import_options){0}, &counts)); /* the same again changes nothing */
    assert_int_equal(counts.same, KNOWN + 5);
    w.site.campaign.change_guard = 50; /* of another campaign */
    write_people(50, 40, 40, "2022-03-05", "suspended");
    MUST_OK(run(&(struct import_options){0}, &counts));
    assert_int_equal(counts.changed, 40);
    w.site.campaign.change_guard = 10;
    write_people(50, 40, 40, "2022-03-06", "suspended");
    MUST_FAIL(RC_REFUSED, run(&(struct import_options){0}, &counts));
    write_people(50, 10, 10, "2022-03-04", "suspended"); /* a tenth is not more than one */
    MUST_OK(run(&(struct import_options){0}, &counts));
    assert_int_equal(counts.changed, 10);
}

/* Rows that are refused count where they speak of what is known: a column of dates turned round, say. */
static void test_a_tenth_refused_stops(void **state) {
    (void)state;
    struct import_counts counts;
    write_people(1, 40, 11, "01/07/2021", NULL);
    MUST_FAIL(RC_REFUSED, run(&(struct import_options){0}, &counts));
    assert_non_null(strstr(err_text(), "and 11 refused"));
    write_people(5000, 40, 11, "01/07/2021", NULL); /* of others it may refuse as many as there are */
    MUST_OK(run(&(struct import_options){0}, &counts));
    assert_int_equal(counts.refused, 11);
    assert_int_equal(counts.added, 29);
}

/* It carries the rows themselves, separated as the file is. */
static void test_list_of_refusals(void **state) {
    (void)state;
    AUTO(buf) csv = {0}, list = {0}, again = {0};
    struct import_counts counts;
    char list_path[PATH_CAP];
    MUST_OK(buf_add_str(&csv, "\xef\xbb\xbf"
                              "name;contract;tax_code;province;device;contract_to;status;certificate;phone\r\n"));
    MUST_OK(buf_add_str(&csv, "\"A; B\";=1+1;0100109106;00;v4;2021-07-01;active;AAAA;0912345678\r\n"));
    MUST_OK(buf_add_str(&csv, "\"C;HD;not closed\r\n"));
    world_write(&w, "guard.csv", buf_str(&csv));
    world_path(&w, "guard.csv", path);
    world_path(&w, "elsewhere.csv", list_path);
    MUST_OK(run(&(struct import_options){.refused = list_path}, &counts));
    assert_string_equal(counts.refused_list, list_path);
    world_read(&w, "elsewhere.csv", &list);
    static const char head[] =
        "\xef\xbb\xbf"
        "line;reason;name;contract;tax_code;province;device;contract_to;status;certificate;phone\n2;";
    assert_memory_equal(buf_str(&list), head, sizeof head - 1);
    assert_non_null(strstr(buf_str(&list), ";\"A; B\";'=1+1;0100109106;00;v4;2021-07-01;active;AAAA;0912345678\n3;"));
    assert_non_null(strstr(buf_str(&list), ";\"\"\"C;HD;not closed\"\n"));
    MUST_OK(text_set(path, sizeof path, list_path)); /* it may be mended and imported itself */
    MUST_OK(run(&(struct import_options){0}, &counts));
    assert_int_equal(counts.refused, 2);
    world_read(&w, "elsewhere.csv.refused.csv", &again);
    assert_memory_equal(buf_str(&again), head, sizeof head - 1);
}

/* Nothing is taken before the list is open; beside the file it may turn out that there is no need for it. */
static void test_lists_that_cannot_be_written(void **state) {
    (void)state;
    AUTO(buf) csv = {0};
    struct import_counts counts;
    char nowhere[PATH_CAP];
    write_people(6000, 3, 1, "01/07/2021", NULL);
    MUST_FAIL(RC_IO, run(&(struct import_options){.refused = "/nonexistent/list.csv"}, &counts));
    world_path(&w, "guard.csv.refused.csv", nowhere);
    (void)unlink(nowhere);
    assert_int_equal(mkdir(nowhere, 0700), 0); /* something that is no list of ours */
    MUST_FAIL(RC_REFUSED, run(&(struct import_options){0}, &counts));
    assert_int_equal(rmdir(nowhere), 0);
    assert_int_equal(world_audit_count(&w, "5404FFFE00001770"), 0);
}

/* A list that fails half way stops the import before it wrote, and the audit has no row that is not in. */
static void test_list_on_a_full_disk(void **state) {
    (void)state;
    struct import_counts counts;
    write_people(6100, 20, 10, "01/07/2021", NULL);
    MUST_FAIL(RC_IO, run(&(struct import_options){.refused = "/dev/full"}, &counts));
    assert_false(counts.begun);
    assert_int_equal(counts.added, 0);
    assert_int_equal(world_audit_count(&w, "\"stopped\":\"/dev/full: No space left"), 1);
}

static void test_earlier_list_is_replaced(void **state) {
    (void)state;
    struct import_counts counts;
    char list_path[PATH_CAP];
    write_people(7000, 2, 1, "01/07/2021", NULL);
    world_path(&w, "guard.csv.refused.csv", list_path);
    (void)unlink(list_path);
    MUST_OK(run(&(struct import_options){.dry_run = true}, &counts));
    write_people(7000, 3, 2, "01/07/2021", NULL);
    MUST_OK(run(&(struct import_options){0}, &counts));
    assert_string_equal(counts.refused_list, list_path);
    AUTO(buf) list = {0};
    world_read(&w, "guard.csv.refused.csv", &list);
    assert_non_null(strstr(buf_str(&list), "\n2,"));
}

/* A list that somebody is mending stays, whatever comes: it is told before a row is taken, and nobody's work is lost.
 */
static void test_mended_list_is_kept(void **state) {
    static const struct out_rules forced = {.force = true};
    static const struct timespec whole[2] = {{.tv_sec = 1}, {.tv_sec = 1}}; /* of a disk that keeps no more */
    static const char *const lists[] = {"guard.csv.refused.csv", "guard.csv.warnings.csv"};
    static const char *const mended[] = {"line,reason,contract\n2,x,mended\n", "line,warning,contract\n2,x,mended\n"};
    (void)state;
    struct import_counts counts;
    char list_path[PATH_CAP], aside[PATH_CAP];
    world_path(&w, "aside.csv", aside);
    for (size_t i = 0; i < 2; i++) {
        AUTO(buf) list = {0};
        write_people(7200 + (uint32_t)i, 1, 0, NULL, NULL);
        world_path(&w, lists[i], list_path);
        (void)unlink(list_path);
        world_write(&w, lists[i], mended[i]);
        MUST_FAIL(RC_REFUSED, run(&(struct import_options){.dry_run = true}, &counts));
        MUST_FAIL(RC_REFUSED, run(&(struct import_options){0}, &counts));
        assert_non_null(strstr(err_text(), "was changed or copied since"));
        assert_non_null(strstr(err_text(), "--refused FILE"));
        assert_false(counts.begun);
        assert_int_equal(utimensat(AT_FDCWD, list_path, whole, 0), 0);
        MUST_FAIL(RC_REFUSED, run(&(struct import_options){0}, &counts));
        MUST_OK(run(&(struct import_options){.refused = aside}, &counts));
        assert_int_equal(counts.added, 1);
        MUST_OK(run(&(struct import_options){.rules = &forced}, &counts)); /* none is refused: no need for its place */
        world_read(&w, lists[i], &list);
        assert_string_equal(buf_str(&list), mended[i]);
        assert_int_equal(unlink(list_path), 0);
    }
    write_people(7210, 2, 1, "01/07/2021", NULL);
    world_path(&w, lists[0], list_path);
    world_write(&w, lists[0], mended[0]);
    MUST_OK(run(&(struct import_options){.rules = &forced}, &counts));
    assert_string_equal(counts.refused_list, list_path);
    AUTO(buf) list = {0};
    world_read(&w, lists[0], &list);
    assert_null(strstr(buf_str(&list), "mended"));
}

/* The same file by two at once: each has its list. */
static bool put_another_list(void) {
    world_write(&w, "guard.csv.refused.csv", "line,reason,of another import\n");
    return false;
}

static void test_two_lists(void **state) {
    (void)state;
    struct import_counts counts;
    AUTO(buf) theirs = {0}, ours = {0};
    char list_path[PATH_CAP];
    write_people(7100, 2, 1, "01/07/2021", NULL);
    MUST_OK(run(&(struct import_options){.stop = put_another_list}, &counts));
    assert_non_null(strstr(counts.refused_list, "guard.csv.refused-2.csv"));
    world_read(&w, "guard.csv.refused.csv", &theirs);
    world_read(&w, "guard.csv.refused-2.csv", &ours);
    assert_string_equal(buf_str(&theirs), "line,reason,of another import\n");
    assert_non_null(strstr(buf_str(&ours), "\n2,"));
    world_path(&w, "guard.csv.refused.csv", list_path);
    assert_int_equal(unlink(list_path), 0);
}

/* ^C: what is in is told and recorded, and running it again finishes. */
static void test_interrupted(void **state) {
    (void)state;
    struct import_counts counts;
    write_people(20000, 2500, 0, NULL, NULL);
    MUST_OK(run(&(struct import_options){.stop = stop_at_once}, &counts)); /* while it compares */
    assert_true(counts.interrupted && !counts.begun && counts.added == 0);
    asked = -2; /* three batches are compared first: told at the end of one is no stop */
    MUST_OK(run(&(struct import_options){.stop = stop_at_the_third}, &counts));
    assert_true(counts.interrupted && counts.begun);
    assert_in_range(counts.added, 1000, 2499);
    char line[64];
    (void)snprintf(line, sizeof line, "\"added\":%lld,", (long long)counts.added);
    assert_true(world_audit_count(&w, "\"stopped\":\"interrupted\"") == 2);
    assert_true(world_audit_count(&w, line) >= 1);
    int64_t before = counts.added;
    MUST_OK(run(&(struct import_options){0}, &counts));
    assert_int_equal(counts.same, before);
    assert_int_equal(counts.added, 2500 - before);
    assert_true(world_audit_count(&w, "\"kind\":\"import-part\"") > 3);
    MUST_OK(world_audit_verify(&w, &before));
}

/* In place, as an editor does that does not know better. */
static bool change_the_file(void) {
    AUTO(buf) csv = {0};
    if (asked++ > 0)
        return false;
    world_read(&w, "guard.csv", &csv);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, strstr(buf_str(&csv), "2021-07-01") - buf_str(&csv), SEEK_SET), 0);
    assert_int_equal(fwrite("2021-07-02", 1, 10, f), 10);
    assert_int_equal(fclose(f), 0);
    return false;
}

/* What is written must be what was compared. */
static void test_file_changed_meanwhile(void **state) {
    (void)state;
    struct import_counts counts;
    write_people(30000, 4, 0, NULL, NULL);
    asked = 0;
    MUST_FAIL(RC_INPUT, run(&(struct import_options){.stop = change_the_file}, &counts));
    assert_non_null(strstr(err_text(), "changed while it was read"));
    assert_int_equal(world_audit_count(&w, "\"stopped\":\"the file was changed"), 1);
    asked = 1;
    write_people(30010, 4, 0, NULL, NULL);
    MUST_OK(run(&(struct import_options){.stop = change_the_file}, &counts));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tenth_stops),       cmocka_unit_test(test_a_tenth_refused_stops),
        cmocka_unit_test(test_list_of_refusals),    cmocka_unit_test(test_lists_that_cannot_be_written),
        cmocka_unit_test(test_list_on_a_full_disk), cmocka_unit_test(test_earlier_list_is_replaced),
        cmocka_unit_test(test_mended_list_is_kept), cmocka_unit_test(test_two_lists),
        cmocka_unit_test(test_interrupted),         cmocka_unit_test(test_file_changed_meanwhile),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
