/* Tests of service/out_file: an output never eats what it is not an earlier version of, and never half of one. */
#include "service/out_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/must.h"
#include "lib/tmp.h"

static struct tmp tmp;

static int open_dir(void **state) {
    MUST_OK(tmp_make(&tmp, NULL, "capbu-out"));
    return *state != NULL;
}

static int close_dir(void **state) {
    tmp_free(&tmp);
    return *state != NULL;
}

static const char *in_dir(const char *name) {
    static char path[PATH_CAP];
    MUST_OK(fs_join(path, tmp.dir, name));
    return path;
}

static void put(const char *name, const char *text) {
    MUST_OK(fs_write(in_dir(name), span_str(text), 0600));
}

static void holds(const char *name, const char *text) {
    AUTO(buf) got = {0};
    MUST_OK(fs_read(in_dir(name), 4096, &got));
    assert_string_equal(buf_str(&got), text);
}

/* Written by us, as an earlier output. */
static void write_earlier(const char *name, const char *text) {
    static const struct out_rules forced = {.force = true};
    MUST_OK(out_file_put(in_dir(name), (struct out_mark){0}, &forced, span_str(text)));
}

static void count_part(void *arg, const char *name) {
    *(int *)arg += strstr(name, ".part-") != NULL;
}

static int parts(void) { /* what is left behind */
    int n = 0;
    fs_each(tmp.dir, 100, count_part, &n);
    return n;
}

static const struct out_mark SCREEN = {.begins = "serial,verdict\n"}, BOOK = {.holds = "a report of ours"};

static enum rc write_out(const char *path, const char *text) {
    return out_file_put(path, SCREEN, NULL, span_str(text));
}

static void a_new_one_and_an_earlier_one(void **state) {
    struct stat st;
    (void)state;
    MUST_OK(write_out(in_dir("new.csv"), "serial,verdict\nA,owed\n"));
    assert_int_equal(stat(in_dir("new.csv"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    MUST_OK(write_out(in_dir("new.csv"), "serial,verdict\nB,done\n"));
    holds("new.csv", "serial,verdict\nB,done\n");
    put("empty.csv", "");
    MUST_OK(write_out(in_dir("empty.csv"), "serial,verdict\n"));
}

static void what_is_none_is_left_alone(void **state) {
    static const char *const others[] = {"SQLite format 3\n and so on", "-----BEGIN PRIVATE KEY-----\nMII\n",
                                         "# campaign.conf\nid = \"x\"\n",
                                         "contract,tax_code,name,certificate\nC1,0100,N,MII\n", "serial,verdict"};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        put("other", others[i]);
        MUST_FAIL(RC_REFUSED, write_out(in_dir("other"), "serial,verdict\nA,owed\n"));
        holds("other", others[i]);
    }
    put("zip", "PK\3\4 a workbook of somebody");
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("zip"), BOOK, NULL, span_str("PK\3\4a report of ours")));
    write_earlier("zip", "PK\3\4 a workbook a report of ours");
    MUST_OK(out_file_put(in_dir("zip"), BOOK, NULL, span_str("PK\3\4another")));
    write_earlier("bom.csv", "\xef\xbb\xbf"
                             "serial,verdict\nA,owed\n");
    MUST_OK(write_out(in_dir("bom.csv"), "serial,verdict\n"));
    assert_int_equal(parts(), 0);
}

/* Somebody's work in an output of ours is not written over: their bytes, or the time of their saving, tell. */
static void what_was_changed_is_left_alone(void **state) {
    static struct out_rules forced = {.force = true};
    struct stat st;
    (void)state;
    MUST_OK(write_out(in_dir("edit.csv"), "serial,verdict\nA,owed\n"));
    AUTO_FD fd = open(in_dir("edit.csv"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pwrite(fd, "B", 1, 15), 1);
    MUST_FAIL(RC_REFUSED, write_out(in_dir("edit.csv"), "serial,verdict\nC,owed\n"));
    assert_non_null(strstr(err_text(), "was changed or copied since"));
    assert_int_equal(futimens(fd, (struct timespec[2]){st.st_mtim, st.st_mtim}), 0); /* a tool that keeps times */
    MUST_FAIL(RC_REFUSED, write_out(in_dir("edit.csv"), "serial,verdict\nC,owed\n"));
    holds("edit.csv", "serial,verdict\nB,owed\n");
    assert_int_equal(pwrite(fd, "A", 1, 15), 1); /* undone */
    assert_int_equal(futimens(fd, (struct timespec[2]){st.st_mtim, st.st_mtim}), 0);
    MUST_OK(write_out(in_dir("edit.csv"), "serial,verdict\nC,owed\n"));
    put("edit.csv", "serial,verdict\nmine\n");
    MUST_OK(out_file_put(in_dir("edit.csv"), SCREEN, &forced, span_str("serial,verdict\nD,owed\n")));
    holds("edit.csv", "serial,verdict\nD,owed\n");
    assert_int_equal(parts(), 0);
}

/* A disk that keeps whole seconds cannot tell: only what people mend is kept there. */
static void whole_seconds_keep_what_people_mend(void **state) {
    static const struct timespec whole[2] = {{.tv_sec = 1}, {.tv_sec = 1600000000}};
    struct out_mark mended = SCREEN;
    (void)state;
    mended.mended = true;
    MUST_OK(write_out(in_dir("coarse.csv"), "serial,verdict\nA,owed\n"));
    assert_int_equal(utimensat(AT_FDCWD, in_dir("coarse.csv"), whole, 0), 0);
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("coarse.csv"), mended, NULL, span_str("serial,verdict\nB,owed\n")));
    assert_non_null(strstr(err_text(), "was changed or copied since"));
    MUST_OK(write_out(in_dir("coarse.csv"), "serial,verdict\nB,owed\n"));
    holds("coarse.csv", "serial,verdict\nB,owed\n");
    put("coarse.csv", "somebody's\n");
    assert_int_equal(utimensat(AT_FDCWD, in_dir("coarse.csv"), whole, 0), 0);
    MUST_FAIL(RC_REFUSED, write_out(in_dir("coarse.csv"), "serial,verdict\n"));
}

/* By force another's file is replaced; one of the installation, what is being read, or a link never. */
static void force_has_its_bounds(void **state) {
    static struct out_rules rules, forced;
    char path[PATH_CAP];
    (void)state;
    put("words", "mine\n");
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("words"), SCREEN, &rules, span_str("serial,verdict\n")));
    forced.force = true;
    MUST_OK(out_file_put(in_dir("words"), SCREEN, &forced, span_str("serial,verdict\n")));
    holds("words", "serial,verdict\n");
    assert_int_equal(mkdir(in_dir("site"), 0700), 0);
    put("site/key", "-----BEGIN\n");
    put("site/empty", "");
    write_earlier("site/earlier.csv", "serial,verdict\nA,owed\n");
    MUST_OK(text_set(forced.dir, sizeof forced.dir, in_dir("site")));
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("site/key"), SCREEN, &forced, span_str("x\n")));
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("site/../site/empty"), SCREEN, &forced, span_str("x\n")));
    MUST_OK(out_file_put(in_dir("site/earlier.csv"), SCREEN, &forced, span_str("serial,verdict\n")));
    MUST_OK(out_file_put(in_dir("site/new.csv"), SCREEN, &forced, span_str("serial,verdict\n")));
    put("in.csv", "serial,verdict\nthe input looks alike\n");
    MUST_OK(text_set(path, sizeof path, in_dir("in.csv")));
    MUST_OK(out_keep(&forced, path));
    MUST_OK(out_keep(&forced, ""));
    assert_int_equal(link(path, in_dir("other-name.csv")), 0);
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("site/../in.csv"), SCREEN, &forced, span_str("x\n")));
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("other-name.csv"), SCREEN, &forced, span_str("x\n")));
    MUST_OK(text_set(path, sizeof path, in_dir("db-wal"))); /* not there yet */
    MUST_OK(out_keep(&forced, path));
    MUST_FAIL(RC_REFUSED, out_file_put(in_dir("db-wal"), SCREEN, &forced, span_str("x\n")));
    assert_false(fs_exists(path));
    assert_int_equal(symlink("words", in_dir("to-words")), 0);
    MUST_FAIL(RC_USAGE, out_file_put(in_dir("to-words"), SCREEN, &forced, span_str("x\n")));
    while (forced.count < OUT_KEPT)
        MUST_OK(out_keep(&forced, "x"));
    MUST_FAIL(RC_LIMIT, out_keep(&forced, "x"));
    assert_int_equal(parts(), 0);
}

/* An output that is not finished, by a failure or a full disk, leaves yesterday's. */
static void half_of_one_is_none(void **state) {
    (void)state;
    write_earlier("half.csv", "serial,verdict\nA,owed\n");
    {
        AUTO(out_file) f = {0};
        MUST_OK(out_file_open(in_dir("half.csv"), SCREEN, NULL, &f));
        MUST_OK(out_file_add(&f, span_str("serial,verdict\nB,")));
    }
    holds("half.csv", "serial,verdict\nA,owed\n");
    assert_int_equal(parts(), 0);
}

/* A link leads where somebody else wants it to; a pipe and a device have nothing that could be lost. */
static void links_and_pipes(void **state) {
    char target[PATH_CAP];
    (void)state;
    put("target.csv", "serial,verdict\nA,owed\n");
    MUST_OK(fs_join(target, tmp.dir, "target.csv"));
    assert_int_equal(symlink(target, in_dir("link.csv")), 0);
    MUST_FAIL(RC_USAGE, write_out(in_dir("link.csv"), "serial,verdict\nB,owed\n"));
    holds("target.csv", "serial,verdict\nA,owed\n");
    assert_int_equal(symlink("/nowhere/at/all", in_dir("lost.csv")), 0);
    MUST_FAIL(RC_USAGE, write_out(in_dir("lost.csv"), "x\n"));
    MUST_OK(write_out("/dev/null", "x\n"));
    MUST_FAIL(RC_IO, write_out("/dev/full", "x\n"));
    MUST_FAIL(RC_IO, write_out(in_dir("no/such/folder.csv"), "x\n"));
    assert_int_equal(mkdir(in_dir("folder"), 0700), 0);
    MUST_FAIL(RC_REFUSED, write_out(in_dir("folder"), "x\n"));
    assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
    AUTO_FD reader = open(in_dir("fifo"), O_RDONLY | O_NONBLOCK);
    char got[8] = "";
    MUST_OK(write_out(in_dir("fifo"), "x\n"));
    assert_int_equal(read(reader, got, sizeof got), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_new_one_and_an_earlier_one),
                                       cmocka_unit_test(what_is_none_is_left_alone),
                                       cmocka_unit_test(what_was_changed_is_left_alone),
                                       cmocka_unit_test(whole_seconds_keep_what_people_mend),
                                       cmocka_unit_test(force_has_its_bounds),
                                       cmocka_unit_test(half_of_one_is_none),
                                       cmocka_unit_test(links_and_pipes)};
    return cmocka_run_group_tests(tests, open_dir, close_dir);
}
