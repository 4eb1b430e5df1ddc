/* signed.journal as a file: what a crash, a full disk, a hand or another process does to it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"
#include "lib/must.h"
#include "lib/tmp.h"
#include "pki/journal/signed_journal.h"

static struct tmp tmp;
static char path[PATH_CAP], key_path[PATH_CAP];
static struct seal *seal;

static int setup(void **state) {
    (void)state;
    MUST_OK(digest_init());
    MUST_OK(tmp_make(&tmp, NULL, "journal"));
    MUST_OK(fs_join(path, tmp.dir, "signed.journal"));
    MUST_OK(fs_join(key_path, tmp.dir, "seal.key"));
    MUST_OK(seal_make(key_path));
    MUST_OK(seal_open(key_path, &seal));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    seal_free(seal);
    tmp_free(&tmp);
    return 0;
}

static struct journal_entry entry(uint32_t number) {
    struct journal_entry e;
    struct sha256 old = sha256_of(span_of(&number, sizeof number));
    memcpy(e.old.bytes, old.bytes, sizeof e.old.bytes);
    e.bytes = sha256_of(span_of(old.bytes, sizeof old.bytes));
    return e;
}

/* An empty journal, and `count` entries put into it by one that is closed again. */
static void fresh(uint32_t count) {
    AUTO_PTR(journal_book) none = NULL;
    AUTO_PTR(journal_book) book = NULL;
    AUTO_PTR(signed_journal) j = NULL;
    struct journal_state is;
    (void)unlink(path);
    MUST_OK(journal_book_new(&none));
    MUST_OK(journal_book_new(&book));
    MUST_OK(signed_journal_make(path, seal, none));
    MUST_OK(signed_journal_open(path, seal, book, &is, &j));
    for (uint32_t i = 0; i < count; i++) {
        struct journal_entry e = entry(i);
        MUST_OK(signed_journal_add(j, &e, 1));
    }
}

static enum rc opened(struct journal_state *is, struct journal_book **book) {
    AUTO_PTR(signed_journal) j = NULL;
    MUST_OK(journal_book_new(book));
    return signed_journal_open(path, seal, *book, is, &j);
}

/* Asked before the file is written to: what does not fit into the book is not to be in the file either. */
static void says_beforehand_what_does_not_fit(void **state) {
    (void)state;
    AUTO_PTR(journal_book) book = NULL;
    struct journal_entry e = entry(1);
    MUST_OK(journal_book_new(&book));
    MUST_OK(journal_book_room(book, JOURNAL_BOOK_ENTRIES));
    MUST_OK(journal_book_put(book, &e));
    MUST_OK(journal_book_room(book, JOURNAL_BOOK_ENTRIES - 1));
    MUST_FAIL(RC_LIMIT, journal_book_room(book, JOURNAL_BOOK_ENTRIES));
}

static void holds(uint32_t count, uint64_t torn) {
    AUTO_PTR(journal_book) book = NULL;
    struct journal_state is;
    MUST_OK(opened(&is, &book));
    assert_int_equal(is.entries, count);
    assert_int_equal(is.torn, torn);
    assert_int_equal(journal_book_count(book), count);
    for (uint32_t i = 0; i < count; i++) {
        struct journal_entry e = entry(i);
        const struct journal_entry *found = journal_book_find(book, &e.old);
        assert_non_null(found);
        assert_memory_equal(found, &e, sizeof e);
    }
}

static void broken(const char *why) {
    AUTO_PTR(journal_book) book = NULL;
    struct journal_state is;
    MUST_FAIL(RC_INPUT, opened(&is, &book));
    if (strstr(err_text(), why) == NULL)
        fail_msg("\"%s\" is not \"%s\"", err_text(), why);
}

static off_t size_now(void) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void change(off_t at, const void *bytes, size_t len) {
    AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
}

static void keeps_what_was_added(void **state) {
    (void)state;
    fresh(0);
    holds(0, 0);
    fresh(300);
    holds(300, 0);
    assert_int_equal(size_now(), 301 * JOURNAL_ENTRY);
    AUTO_PTR(journal_book) none = NULL;
    MUST_OK(journal_book_new(&none));
    MUST_FAIL(RC_EXISTS, signed_journal_make(path, seal, none)); /* never over another one */
    holds(300, 0);
}

/* Whatever a crash leaves of the last entry, or zeros where the system had made room for it, was never signed. */
static void a_torn_end_is_cut_off(void **state) {
    (void)state;
    static const uint8_t zeros[3 * JOURNAL_ENTRY];
    for (off_t left = 1; left < JOURNAL_ENTRY; left += 9) {
        fresh(20);
        assert_int_equal(truncate(path, 20 * JOURNAL_ENTRY + left), 0);
        holds(19, (uint64_t)left);
        holds(19, 0); /* and the next one finds it whole */
    }
    fresh(20);
    change(21 * JOURNAL_ENTRY, zeros, sizeof zeros);
    holds(20, sizeof zeros);
    change(21 * JOURNAL_ENTRY, zeros, 70);
    holds(20, 70);
    /* what is added then stands where it was */
    fresh(5);
    assert_int_equal(truncate(path, 6 * JOURNAL_ENTRY - 1), 0);
    AUTO_PTR(journal_book) book = NULL;
    AUTO_PTR(signed_journal) j = NULL;
    struct journal_state is;
    struct journal_entry e = entry(4);
    MUST_OK(journal_book_new(&book));
    MUST_OK(signed_journal_open(path, seal, book, &is, &j));
    MUST_OK(signed_journal_add(j, &e, 1));
    signed_journal_free(MOVE(j));
    holds(5, 0);
}

/* What stands behind zeros was signed once: it is never cut off. */
static void a_hole_is_no_torn_end(void **state) {
    (void)state;
    static const uint8_t zeros[3 * JOURNAL_ENTRY];
    static const uint8_t one = 1;
    fresh(20);
    change(18 * JOURNAL_ENTRY, zeros, JOURNAL_ENTRY);
    broken("entry 18 of 20 does not hold, so it was changed");
    assert_int_equal(size_now(), 21 * JOURNAL_ENTRY);
    fresh(20); /* nor where the last one is not whole */
    change(21 * JOURNAL_ENTRY, zeros, sizeof zeros);
    change(24 * JOURNAL_ENTRY + 6, &one, 1);
    broken("was changed");
    assert_int_equal(size_now(), 24 * JOURNAL_ENTRY + 7);
    fresh(20); /* more than a group is none */
    assert_int_equal(truncate(path, (off_t)(21 + 1025) * JOURNAL_ENTRY), 0);
    broken("was changed");
}

static void a_changed_byte_is_found(void **state) {
    (void)state;
    fresh(12);
    for (off_t at = 0; at < 13 * JOURNAL_ENTRY; at += 5) {
        uint8_t byte, flipped;
        AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        flipped = byte ^ 0x10;
        change(at, &flipped, 1);
        broken(at < 8 ? "is no journal" : at < JOURNAL_ENTRY ? "another key" : "was changed");
        assert_non_null(strstr(err_text(), at >= 8 && at < JOURNAL_ENTRY ? "seal_key" : "capbuctl journal new"));
        change(at, &byte, 1);
    }
    holds(12, 0);
}

/* Cut out, doubled, exchanged: each entry hangs on the one before it. */
static void the_order_is_sealed(void **state) {
    (void)state;
    AUTO(buf) all = {0};
    fresh(6);
    MUST_OK(fs_read(path, 1 << 16, &all));
    change(3 * JOURNAL_ENTRY, all.data + 4 * JOURNAL_ENTRY, JOURNAL_ENTRY);
    broken("entry 3 of 6");
    change(3 * JOURNAL_ENTRY, all.data + 3 * JOURNAL_ENTRY, JOURNAL_ENTRY);
    change(7 * JOURNAL_ENTRY, all.data + 2 * JOURNAL_ENTRY, JOURNAL_ENTRY);
    broken("entry 7 of 7");
}

static void another_key_is_said(void **state) {
    (void)state;
    char other[PATH_CAP];
    AUTO_PTR(seal) wrong = NULL;
    AUTO_PTR(journal_book) book = NULL;
    AUTO_PTR(signed_journal) j = NULL;
    struct journal_state is;
    fresh(3);
    MUST_OK(fs_join(other, tmp.dir, "other.key"));
    MUST_OK(seal_make(other));
    MUST_OK(seal_open(other, &wrong));
    MUST_OK(journal_book_new(&book));
    MUST_FAIL(RC_INPUT, signed_journal_open(path, wrong, book, &is, &j));
    assert_non_null(strstr(err_text(), "another key than seal_key"));
    MUST_OK(signed_journal_read(path, NULL, book, &is)); /* who has no key reads what it says */
    assert_int_equal(is.entries, 3);
}

static void what_is_no_journal_is_said(void **state) {
    (void)state;
    AUTO_PTR(journal_book) book = NULL;
    struct journal_state is;
    (void)unlink(path);
    MUST_FAIL(RC_NOT_FOUND, opened(&is, &book));
    assert_non_null(strstr(err_text(), "capbuctl journal new"));
    MUST_OK(fs_write(path, span_str("capbuj1\n"), 0600));
    journal_book_free(MOVE(book));
    broken("is no journal");
}

static void one_writer(void **state) {
    (void)state;
    AUTO_PTR(journal_book) book = NULL;
    AUTO_PTR(journal_book) second = NULL;
    AUTO_PTR(signed_journal) j = NULL;
    struct journal_state is;
    fresh(2);
    MUST_OK(journal_book_new(&book));
    MUST_OK(signed_journal_open(path, seal, book, &is, &j));
    MUST_FAIL(RC_BUSY, opened(&is, &second));
    assert_non_null(strstr(err_text(), "another signer"));
    MUST_OK(signed_journal_read(path, seal, book, &is)); /* readers may */
    signed_journal_free(MOVE(j));
    holds(2, 0);
}

/* No room in the middle of an entry: nothing of the group is in it, and when there is room it goes on. */
static void a_full_disk_loses_nothing(void **state) {
    (void)state;
    AUTO_PTR(journal_book) book = NULL;
    AUTO_PTR(signed_journal) j = NULL;
    struct journal_state is;
    struct rlimit before, less;
    struct journal_entry group[8];
    for (uint32_t i = 0; i < 8; i++)
        group[i] = entry(10 + i);
    fresh(10);
    MUST_OK(journal_book_new(&book));
    MUST_OK(signed_journal_open(path, seal, book, &is, &j));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    less = before;
    less.rlim_cur = 14 * JOURNAL_ENTRY + 17;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
    for (int i = 0; i < 3; i++) {
        MUST_FAIL(RC_IO, signed_journal_add(j, group, 8));
        assert_non_null(strstr(err_text(), "nothing is signed"));
        assert_int_equal(size_now(), 11 * JOURNAL_ENTRY);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    MUST_OK(signed_journal_add(j, group, 8));
    signed_journal_free(MOVE(j));
    holds(18, 0);
}

/* A signer that is open: 20 entries, of which it knows. */
struct writer {
    struct signed_journal *j;
    struct journal_book *book;
    struct buf ten; /* the file when it had ten */
    char aside[PATH_CAP];
};

static void writer_free(struct writer *w) {
    signed_journal_free(w->j);
    journal_book_free(w->book);
    buf_free(&w->ten);
}

static void writer_open(struct writer *w) {
    struct journal_state is;
    MUST_OK(fs_join(w->aside, tmp.dir, "aside"));
    (void)unlink(w->aside);
    fresh(10);
    MUST_OK(fs_read(path, 1 << 16, &w->ten));
    MUST_OK(journal_book_new(&w->book));
    MUST_OK(signed_journal_open(path, seal, w->book, &is, &w->j));
    for (uint32_t i = 10; i < 20; i++) {
        struct journal_entry e = entry(i);
        MUST_OK(signed_journal_add(w->j, &e, 1));
    }
}

static void writer_refuses(struct writer *w, const char *why) {
    struct journal_entry e = entry(20);
    MUST_FAIL(RC_IO, signed_journal_add(w->j, &e, 1));
    if (strstr(err_text(), why) == NULL || strstr(err_text(), "nothing is signed") == NULL)
        fail_msg("\"%s\" is not \"%s\"", err_text(), why);
}

/* Put back as it was, it goes on. */
static void writer_goes_on(struct writer *w) {
    struct journal_entry e = entry(20);
    MUST_OK(signed_journal_add(w->j, &e, 1));
    signed_journal_free(MOVE(w->j));
    holds(21, 0);
}

static void copied_over(void **state) {
    (void)state;
    AUTO(writer) w = {0};
    AUTO(buf) all = {0};
    writer_open(&w);
    MUST_OK(fs_read(path, 1 << 16, &all));
    assert_int_equal(truncate(path, 0), 0); /* as cp does it */
    change(0, w.ten.data, w.ten.len);
    writer_refuses(&w, "became shorter");
    writer_refuses(&w, "became shorter");
    assert_int_equal(size_now(), 11 * JOURNAL_ENTRY); /* no hole */
    change(0, all.data, all.len);
    change((off_t)all.len, all.data, 5);
    writer_refuses(&w, "became longer");
    assert_int_equal(truncate(path, (off_t)all.len), 0);
    change((off_t)all.len - 1, "", 1);
    writer_refuses(&w, "was changed");
    change(0, all.data, all.len);
    writer_goes_on(&w);
}

static void moved_away(void **state) {
    (void)state;
    AUTO(writer) w = {0};
    writer_open(&w);
    assert_int_equal(rename(path, w.aside), 0);
    writer_refuses(&w, "was moved away");
    MUST_OK(fs_write(path, buf_span(&w.ten), 0600));
    writer_refuses(&w, "was replaced by another file");
    assert_int_equal(rename(w.aside, path), 0);
    writer_goes_on(&w);
    AUTO(writer) second = {0};
    writer_open(&second);
    assert_int_equal(unlink(path), 0);
    writer_refuses(&second, "was deleted or replaced");
}

/* A million entries: read in a second or two, by little memory. */
static void a_million(void **state) {
    (void)state;
    AUTO_PTR(journal_book) made = NULL;
    AUTO_PTR(journal_book) book = NULL;
    struct journal_state is;
    MUST_OK(journal_book_new(&made));
    for (uint32_t i = 0; i < 1000000; i++) {
        struct journal_entry e = entry(i);
        MUST_OK(journal_book_put(made, &e));
    }
    (void)unlink(path);
    MUST_OK(signed_journal_make(path, seal, made));
    journal_book_free(MOVE(made));
    clock_t from = clock();
    MUST_OK(opened(&is, &book));
    double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
    assert_int_equal(is.entries, 1000000);
    print_message("1,000,000 entries: %.2f s of CPU\n", seconds);
    assert_true(seconds < 10); /* under sanitizers too */
    struct journal_entry e = entry(999999);
    assert_non_null(journal_book_find(book, &e.old));
}

/* The book: one set of bytes for each, whatever slot they want, and nothing is lost when it grows. */
static void the_book_keeps_one_for_each(void **state) {
    (void)state;
    AUTO_PTR(journal_book) b = NULL;
    MUST_OK(journal_book_new(&b));
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 20000; i++) {
            struct journal_entry e = entry(i);
            if (i < 3000)
                memset(e.old.bytes, 0xff, 4); /* all want the last slot */
            MUST_OK(journal_book_put(b, &e));
            e.bytes = (struct sha256){0};
            MUST_FAIL(RC_EXISTS, journal_book_put(b, &e));
        }
    assert_int_equal(journal_book_count(b), 20000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_beforehand_what_does_not_fit),
        cmocka_unit_test(keeps_what_was_added),
        cmocka_unit_test(a_torn_end_is_cut_off),
        cmocka_unit_test(a_hole_is_no_torn_end),
        cmocka_unit_test(a_changed_byte_is_found),
        cmocka_unit_test(the_order_is_sealed),
        cmocka_unit_test(another_key_is_said),
        cmocka_unit_test(what_is_no_journal_is_said),
        cmocka_unit_test(one_writer),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(copied_over),
        cmocka_unit_test(moved_away),
        cmocka_unit_test(the_book_keeps_one_for_each),
        cmocka_unit_test(a_million),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
