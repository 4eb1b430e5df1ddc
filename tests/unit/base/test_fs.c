/* Tests of base/fs: limits, whole writes, never replacing, folders; each in a folder of its own. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "lib/tmp.h"
#include "lib_base.h"

static struct tmp room;

static int make_room(void **state) {
    (void)state;
    return tmp_make(&room, NULL, "test-fs") != RC_OK;
}

static const char *in_room(const char *name) {
    static char path[PATH_CAP];
    MUST_OK(fs_join(path, room.dir, name));
    return path;
}

/* Removes what the tests left, and says how much it was. */
static int empty_room(void) {
    int found = 0;
    DIR *dir = opendir(room.dir);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        found++;
        assert_int_equal(remove(in_room(e->d_name)), 0);
    }
    closedir(dir);
    return found;
}

static int leave_room(void **state) {
    (void)state;
    tmp_free(&room);
    return 0;
}

static void writes_and_reads_whole_files(void **state) {
    (void)state;
    AUTO(buf) back = {0};
    struct stat st;
    MUST_OK(fs_write(in_room("a"), span_str("first, which is longer"), 0644));
    MUST_OK(fs_write(in_room("a"), span_str("second"), 0640));
    MUST_OK(buf_add_str(&back, "<"));
    MUST_OK(fs_read(in_room("a"), 6, &back));
    assert_string_equal(buf_str(&back), "<second");
    assert_int_equal(stat(in_room("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    MUST_OK(fs_write(in_room("empty"), span_of(NULL, 0), 0600));
    MUST_OK(fs_read(in_room("empty"), 0, &back));
    assert_string_equal(buf_str(&back), "<second");
    assert_int_equal(empty_room(), 2); /* no temporary file is left */
}

static void refuses_what_is_too_long_or_not_there(void **state) {
    (void)state;
    AUTO(buf) back = {0};
    MUST_OK(buf_add_str(&back, "kept"));
    MUST_OK(fs_write(in_room("a"), span_str("1234567"), 0600));
    assert_int_equal(fs_read(in_room("a"), 6, &back), RC_LIMIT);
    assert_int_equal(fs_read(in_room("none"), 6, &back), RC_NOT_FOUND);
    assert_int_equal(mkfifo(in_room("pipe"), 0600), 0);
    assert_int_equal(fs_read(in_room("pipe"), 6, &back), RC_INPUT); /* and does not wait for its writer */
    assert_int_equal(fs_read(room.dir, 6, &back), RC_INPUT);
    assert_int_equal(fs_read("/dev/zero", 1 << 20, &back), RC_INPUT);
    assert_string_equal(buf_str(&back), "kept");
    empty_room();
}

static void reads_large_files(void **state) {
    (void)state;
    AUTO(buf) big = {0};
    AUTO(buf) back = {0};
    for (int i = 0; i < 100000; i++)
        MUST_OK(buf_printf(&big, "%d,", i));
    MUST_OK(fs_write(in_room("big"), buf_span(&big), 0600));
    MUST_OK(fs_read(in_room("big"), big.len, &back));
    assert_true(span_eq(buf_span(&big), buf_span(&back)));
    empty_room();
}

static void never_replaces_with_write_new(void **state) {
    (void)state;
    AUTO(buf) back = {0};
    MUST_OK(fs_write_new(in_room("a"), span_str("one"), 0600));
    assert_int_equal(fs_write_new(in_room("a"), span_str("two"), 0600), RC_EXISTS);
    MUST_OK(fs_read(in_room("a"), 10, &back));
    assert_string_equal(buf_str(&back), "one");
    assert_int_equal(symlink("/nowhere", in_room("link")), 0); /* a dangling link takes the name too */
    assert_int_equal(fs_write_new(in_room("link"), span_str("x"), 0600), RC_EXISTS);
    assert_int_equal(empty_room(), 2);
}

static void never_replaces_a_pipe_or_a_link(void **state) {
    (void)state;
    AUTO(buf) back = {0};
    struct stat st;
    char got[8] = "";
    assert_int_equal(mkfifo(in_room("pipe"), 0600), 0);
    int pipe = open(in_room("pipe"), O_RDWR | O_NONBLOCK);
    assert_int_equal(fs_write(in_room("pipe"), span_str("x"), 0600), RC_IO);
    MUST_OK(fs_write_named(in_room("pipe"), span_str("told"), 0600));
    assert_int_equal(read(pipe, got, sizeof got - 1), 4);
    assert_string_equal(got, "told");
    close(pipe);
    assert_true(lstat(in_room("pipe"), &st) == 0 && S_ISFIFO(st.st_mode));
    assert_int_equal(symlink("target", in_room("link")), 0); /* leads nowhere yet */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fs_write(in_room("link"), span_str("x"), 0600), RC_IO);
        assert_int_equal(fs_write_named(in_room("link"), span_str("x"), 0600), RC_IO);
        assert_true(lstat(in_room("link"), &st) == 0 && S_ISLNK(st.st_mode));
        MUST_OK(fs_write(in_room("target"), span_str("kept"), 0600));
    }
    MUST_OK(fs_read(in_room("target"), 10, &back));
    assert_string_equal(buf_str(&back), "kept");
    MUST_OK(fs_write_named("/dev/null", span_str("x"), 0600));
    assert_int_equal(fs_write_named(room.dir, span_str("x"), 0600), RC_IO);
    assert_int_equal(empty_room(), 3);
}

static void leaves_nothing_when_it_cannot_write(void **state) {
    (void)state;
    assert_int_equal(fs_write(in_room("no/such/folder"), span_str("x"), 0600), RC_IO);
    MUST_OK(fs_mkdir(in_room("taken"), 0700));
    assert_int_equal(fs_write(in_room("taken"), span_str("x"), 0600), RC_IO);
    char path[PATH_CAP];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = 0;
    assert_int_equal(fs_write(path, span_str("x"), 0600), RC_LIMIT);
    assert_int_equal(empty_room(), 1);
}

static void writes_without_a_folder_in_the_path(void **state) {
    (void)state;
    int here = open(".", O_RDONLY | O_DIRECTORY);
    assert_int_equal(chdir(room.dir), 0);
    MUST_OK(fs_write("bare", span_str("x"), 0600));
    assert_true(fs_exists("bare"));
    assert_int_equal(fchdir(here), 0);
    close(here);
    assert_int_equal(empty_room(), 1);
}

static void makes_folders_with_their_parents(void **state) {
    (void)state;
    MUST_OK(fs_mkdir(in_room("a/b//c/"), 0700));
    MUST_OK(fs_mkdir(in_room("a/b/c"), 0700));
    assert_true(fs_exists(in_room("a/b/c")));
    MUST_OK(fs_write(in_room("a/file"), span_str("x"), 0600));
    assert_int_equal(fs_mkdir(in_room("a/file"), 0700), RC_IO);
    assert_int_equal(fs_mkdir(in_room("a/file/d"), 0700), RC_IO);
    assert_false(fs_exists(in_room("a/none")));
    MUST_OK(fs_mkdir("/", 0700));
    assert_int_equal(fs_mkdir("", 0700), RC_IO);
    assert_int_equal(remove(in_room("a/file")), 0);
    assert_int_equal(rmdir(in_room("a/b/c")), 0);
    assert_int_equal(rmdir(in_room("a/b")), 0);
    assert_int_equal(empty_room(), 1);
}

static void joins_paths(void **state) {
    (void)state;
    char out[PATH_CAP] = "kept", big[PATH_CAP];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    assert_int_equal(fs_join(out, big, "y"), RC_LIMIT);
    assert_string_equal(out, "kept");
    big[PATH_CAP - 3] = 0; /* 1021 + "/" + "y" just fit */
    MUST_OK(fs_join(out, big, "y"));
    assert_int_equal(strlen(out), PATH_CAP - 1);
    MUST_OK(fs_join(out, "a", "b"));
    assert_string_equal(out, "a/b");
    MUST_OK(fs_join(out, "/", "b"));
    assert_string_equal(out, "/b");
    MUST_OK(fs_join(out, "", "b"));
    assert_string_equal(out, "b");
}

static void closes_by_scope(void **state) {
    (void)state;
    int number = -1;
    {
        AUTO_FD fd = open("/dev/null", O_RDONLY);
        AUTO_FD none = -1;
        AUTO_FILE f = fopen("/dev/null", "r");
        AUTO_FILE no_file = NULL;
        number = fd;
        assert_true(fcntl(number, F_GETFD) >= 0);
        assert_int_equal(none, -1);
        assert_non_null(f);
        assert_null(no_file);
    }
    assert_int_equal(fcntl(number, F_GETFD), -1);
}

static void says_when_it_cannot_write_all(void **state) {
    (void)state;
    AUTO_FD full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    assert_int_equal(fs_write_all(full, span_str("x")), RC_IO);
    MUST_OK(fs_write_all(full, span_of(NULL, 0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_whole_files),
        cmocka_unit_test(refuses_what_is_too_long_or_not_there),
        cmocka_unit_test(reads_large_files),
        cmocka_unit_test(never_replaces_with_write_new),
        cmocka_unit_test(never_replaces_a_pipe_or_a_link),
        cmocka_unit_test(leaves_nothing_when_it_cannot_write),
        cmocka_unit_test(writes_without_a_folder_in_the_path),
        cmocka_unit_test(makes_folders_with_their_parents),
        cmocka_unit_test(joins_paths),
        cmocka_unit_test(closes_by_scope),
        cmocka_unit_test(says_when_it_cannot_write_all),
    };
    return cmocka_run_group_tests(tests, make_room, leave_room);
}
