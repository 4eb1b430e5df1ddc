/* The journal: ids only, private, atomic, and never in the way. */
#include "lib/must.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/token/journal.h"
#include "lib/tmp.h"

static struct tmp home;
static char folder[PATH_CAP];

static int set_up(void **state) {
    (void)state;
    MUST_OK(tmp_make(&home, NULL, "journal"));
    setenv("XDG_STATE_HOME", home.dir, 1);
    return fs_join(folder, home.dir, "capbu") == RC_OK ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    tmp_free(&home);
    return 0;
}

static const struct journal first = {"5401A", "", "0123456789ABCDEF", JOURNAL_BEGUN, 1584230400};

static void write_raw(const char *name, const char *text) {
    char path[PATH_CAP];
    MUST_OK(fs_mkdir(folder, 0700));
    MUST_OK(fs_join(path, folder, name));
    MUST_OK(fs_write(path, span_str(text), 0600));
}

static void keeps_and_forgets(void **state) {
    (void)state;
    static struct journals list;
    struct journal j = first, later = first;
    char path[PATH_CAP];
    struct stat st;
    assert_true(journal_list(&list)); /* no folder yet: nothing unfinished */
    assert_int_equal(list.count, 0);
    memcpy(later.old_serial, "5401B", 6);
    later.time += 60;
    assert_true(journal_put(&later));
    assert_true(journal_put(&j));
    memcpy(j.new_serial, "77FF", 5);
    j.step = JOURNAL_WRITTEN;
    assert_true(journal_put(&j)); /* replaces */
    assert_true(journal_list(&list));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.at[0].old_serial, "5401A"); /* oldest first */
    assert_string_equal(list.at[0].new_serial, "77FF");
    assert_string_equal(list.at[0].token_serial, "0123456789ABCDEF");
    assert_int_equal(list.at[0].step, JOURNAL_WRITTEN);
    assert_int_equal(list.at[0].time, first.time);
    assert_string_equal(journal_step_name(list.at[1].step), "begun");
    MUST_OK(fs_join(path, folder, "renewal-5401A"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(journal_remove("5401A"));
    assert_true(journal_remove("5401A")); /* there is none: fine */
    assert_true(journal_list(&list));
    assert_int_equal(list.count, 1);
}

static void ignores_garbage_with_a_note(void **state) {
    (void)state;
    static struct journals list;
    static char too_long[2000];
    static const char *const garbage[] = {
        "",
        "rubbish",
        "capbu-journal=2\nold=AA\nnew=\ntoken=1\nstep=begun\ntime=2020-03-15T00:00:00Z\n",
        "capbu-journal=1\nold=BB\nnew=\ntoken=1\nstep=begun\ntime=2020-03-15T00:00:00Z\n", /* another's name */
        "capbu-journal=1\nold=AA\nnew=../x\ntoken=1\nstep=begun\ntime=2020-03-15T00:00:00Z\n",
        "capbu-journal=1\nold=AA\nnew=\ntoken=1\nstep=someday\ntime=2020-03-15T00:00:00Z\n",
        "capbu-journal=1\nold=AA\nnew=\ntoken=1\nstep=begun\ntime=yesterday\n",
        "capbu-journal=1\nold=AA\nnew=\ntoken=1\nstep=begun\ntime=2020-03-15T00:00:00Z\nmore=1\n",
        "capbu-journal=1\nold=AA\nnew=\ntoken=1\nstep=begun\ntime=2020-03-15T00:00:00Z",
        "capbu-journal=1\nold=AA\nnew=\ntoken=123456789012345678901234567890123\nstep=begun\n",
        too_long,
    };
    memset(too_long, 'x', sizeof too_long - 1);
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        write_raw("renewal-AA", garbage[i]);
        write_raw("renewal-aa", "no serial"); /* not ours */
        assert_true(journal_list(&list));
        assert_int_equal(list.count, 0);
        assert_int_equal(list.ignored, 1);
        assert_non_null(strstr(list.note, "renewal-AA: "));
    }
    write_raw("renewal-AA", "capbu-journal=1\nold=AA\nnew=\ntoken=1\nstep=begun\ntime=2020-03-15T00:00:00Z\n");
    assert_true(journal_list(&list));
    assert_int_equal(list.count, 1); /* the cases above differ from this one by their fault only */
}

static void stands_in_nobodys_way(void **state) {
    (void)state;
    static struct journals list;
    struct journal j = first;
    write_raw("file", "a file where the folder should be");
    char path[PATH_CAP];
    MUST_OK(fs_join(path, folder, "file"));
    setenv("XDG_STATE_HOME", path, 1);
    assert_false(journal_put(&j));
    assert_non_null(strstr(err_text(), "journal"));
    assert_true(journal_list(&list));
    assert_int_equal(list.count, 0);
    setenv("XDG_STATE_HOME", "relative", 1); /* invalid: HOME counts */
    setenv("HOME", home.dir, 1);
    assert_true(journal_put(&j));
    MUST_OK(fs_join(path, home.dir, ".local/state/capbu/renewal-5401A"));
    assert_true(fs_exists(path));
    unsetenv("HOME");
    assert_false(journal_put(&j));
    assert_false(journal_remove("5401A"));
    assert_false(journal_list(&list));
    setenv("XDG_STATE_HOME", home.dir, 1);
    memcpy(j.old_serial, "../etc", 7);
    assert_false(journal_put(&j));
    j.old_serial[0] = 0;
    assert_false(journal_put(&j));
}

static void looks_at_so_many_only(void **state) {
    (void)state;
    static struct journals list;
    struct journal j = first;
    for (int i = 0; i <= JOURNAL_MAX; i++) {
        snprintf(j.old_serial, sizeof j.old_serial, "%X", 0x1000 + i);
        assert_true(journal_put(&j));
    }
    assert_true(journal_list(&list));
    assert_int_equal(list.count, JOURNAL_MAX);
    assert_int_equal(list.ignored, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_and_forgets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ignores_garbage_with_a_note, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stands_in_nobodys_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looks_at_so_many_only, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
