/* A journal as a file: made whole, read by anybody, written by one. */
#include "pki/journal/signed_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "pki/journal/journal_form.h"

struct signed_journal {
    int fd;
    const struct seal *seal;
    uint64_t size;            /* up to the end of the last entry that is durable */
    bool unclean;             /* there may be more in the file */
    uint8_t mac[JOURNAL_MAC]; /* of the last entry */
    char path[PATH_CAP];
};

enum rc signed_journal_make(const char *path, const struct seal *seal, const struct journal_book *book) {
    AUTO(buf) all = {0};
    uint8_t id[JOURNAL_ID], mac[JOURNAL_MAC], line[JOURNAL_ENTRY];
    random_bytes(id, sizeof id);
    journal_form_head(seal, id, mac, line);
    TRY(buf_add(&all, line, sizeof line));
    for (uint32_t i = 0; i < journal_book_count(book); i++) {
        journal_form_entry(seal, journal_book_at(book, i), mac, line);
        TRY(buf_add(&all, line, sizeof line));
    }
    return fs_write_new(path, buf_span(&all), 0644);
}

static enum rc missing(const char *path) {
    FAIL(RC_NOT_FOUND,
         "the journal %s is not there, and without it a certificate could be issued twice: " JOURNAL_ADVICE, path);
}

enum rc signed_journal_read(const char *path, const struct seal *seal, struct journal_book *book,
                            struct journal_state *out) {
    uint8_t mac[JOURNAL_MAC];
    AUTO_FD fd = -1;
    enum rc rc = fs_open(path, &fd);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? missing(path) : rc;
    return journal_form_read(fd, path, seal, book, out, mac);
}

enum rc signed_journal_head(const char *path, const struct seal *seal, struct journal_head *out) {
    AUTO_FD fd = -1;
    enum rc rc = fs_open(path, &fd);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? missing(path) : rc;
    return journal_form_head_read(fd, path, seal, out);
}

static enum rc open_to_write(const char *path, int *fd) {
    struct stat st;
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*fd < 0 && errno == ENOENT)
        return missing(path);
    if (*fd < 0 || fstat(*fd, &st) != 0)
        FAIL(RC_IO, "the journal %s cannot be written: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        FAIL(RC_INPUT, "%s is no regular file", path);
    return RC_OK;
}

enum rc signed_journal_writable(const char *path) {
    AUTO_FD fd = -1;
    return open_to_write(path, &fd);
}

/* A lock of the open file, which no process gets but this one and those that it forks. */
static enum rc open_locked(struct signed_journal *j) {
    TRY(open_to_write(j->path, &j->fd));
    if (flock(j->fd, LOCK_EX | LOCK_NB) != 0)
        FAIL(RC_BUSY, "another signer writes the journal %s: each has one of its own", j->path);
    return RC_OK;
}

/* Back to what is durable: what was written after it belongs to no signature. */
static enum rc clean(struct signed_journal *j) {
    if (!j->unclean)
        return RC_OK;
    if (ftruncate(j->fd, (off_t)j->size) != 0)
        FAIL(RC_IO, "the journal %s cannot be written: %s", j->path, strerror(errno));
    j->unclean = false;
    return RC_OK;
}

enum rc signed_journal_open(const char *path, const struct seal *seal, struct journal_book *book,
                            struct journal_state *out, struct signed_journal **opened) {
    AUTO_PTR(signed_journal) j = calloc(1, sizeof *j);
    if (j == NULL)
        FAIL(RC_LIMIT, "out of memory");
    j->fd = -1;
    j->seal = seal;
    TRY(text_set(j->path, sizeof j->path, path));
    TRY(open_locked(j));
    TRY(journal_form_read(j->fd, path, seal, book, out, j->mac));
    j->size = (out->entries + 1) * JOURNAL_ENTRY;
    j->unclean = out->torn > 0;
    TRY(clean(j));
    *opened = MOVE(j);
    return RC_OK;
}

void signed_journal_free(struct signed_journal *j) {
    if (j != NULL)
        fs_fd_free(&j->fd);
    free(j);
}

static enum rc write_at(const struct signed_journal *j, const uint8_t *bytes, size_t len) {
    for (size_t put = 0; put < len;) {
        ssize_t n = pwrite(j->fd, bytes + put, len - put, (off_t)(j->size + put));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            FAIL(RC_IO, "the journal %s cannot be written, so nothing is signed: %s", j->path,
                 strerror(n == 0 ? ENOSPC : errno));
        put += (size_t)n;
    }
    if (fdatasync(j->fd) != 0)
        FAIL(RC_IO, "the journal %s cannot be written, so nothing is signed: %s", j->path, strerror(errno));
    return RC_OK;
}

static enum rc not_ours(const struct signed_journal *j, const char *what) {
    FAIL(RC_IO,
         "the journal %s %s while a signer has it open, so nothing is signed: put the file that was there back, with "
         "all its entries, or restart capbud or its signer with the newest journal",
         j->path, what);
}

/* It ends with the entry that we know to be the last. */
static enum rc same_end(const struct signed_journal *j) {
    uint8_t mac[JOURNAL_MAC];
    ssize_t got;
    do
        got = pread(j->fd, mac, sizeof mac, (off_t)(j->size - sizeof mac));
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof mac || memcmp(mac, j->mac, sizeof mac) != 0)
        return not_ours(j, "was changed");
    return RC_OK;
}

/* Whoever copies an older journal over this one, moves it away or replaces it, would lose what is written now: behind
   a hole, or in a file without a name. Nothing is cut off before it is known to be ours. */
static enum rc still_ours(const struct signed_journal *j) {
    struct stat is, named;
    if (fstat(j->fd, &is) != 0)
        FAIL(RC_IO, "the journal %s cannot be written, so nothing is signed: %s", j->path, strerror(errno));
    if (is.st_nlink == 0)
        return not_ours(j, "was deleted or replaced");
    if (stat(j->path, &named) != 0)
        return not_ours(j, "was moved away");
    if (named.st_dev != is.st_dev || named.st_ino != is.st_ino)
        return not_ours(j, "was replaced by another file");
    if ((uint64_t)is.st_size < j->size)
        return not_ours(j, "became shorter");
    if ((uint64_t)is.st_size > j->size && !j->unclean)
        return not_ours(j, "became longer");
    return same_end(j);
}

enum rc signed_journal_add(struct signed_journal *j, const struct journal_entry *entries, size_t count) {
    static uint8_t group[JOURNAL_GROUP * JOURNAL_ENTRY];
    uint8_t mac[JOURNAL_MAC];
    if (count > JOURNAL_GROUP)
        FAIL(RC_BUG, "a group of %zu entries", count);
    if (count == 0)
        return RC_OK;
    memcpy(mac, j->mac, sizeof mac);
    for (size_t i = 0; i < count; i++)
        journal_form_entry(j->seal, &entries[i], mac, group + i * JOURNAL_ENTRY);
    TRY(still_ours(j));
    TRY(clean(j));
    j->unclean = true;
    enum rc rc = write_at(j, group, count * JOURNAL_ENTRY);
    if (rc != RC_OK) {
        char why[ERR_TEXT];
        (void)snprintf(why, sizeof why, "%s", err_text());
        enum rc back = clean(j); /* else before the next group */
        (void)back;
        FAIL(rc, "%s", why);
    }
    j->unclean = false;
    j->size += count * JOURNAL_ENTRY;
    memcpy(j->mac, mac, sizeof mac);
    return RC_OK;
}
