/* Opens the file, reads it through, and makes UTF-8 of what Excel calls Unicode text. */
#include "service/intake/import_source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/csv/utf16.h"
#include "service/intake/import_kind.h"
#include "service/nameless.h"

static void end_run(struct source *s) {
    if (s->running)
        s->sum = sha256_end(&s->run);
    s->running = false;
}

void source_free(struct source *s) {
    csv_free(&s->csv);
    fs_file_free(&s->file);
    end_run(s);
}

static void take(void *arg, struct span read) {
    sha256_more(arg, read);
}

static void begin(struct source *s, bool summed) {
    csv_open(&s->csv, s->file);
    s->csv.line_breaks = true; /* a certificate may have them */
    if (summed)                /* already */
        return;
    sha256_start(&s->run);
    s->running = true;
    s->csv.tap = take;
    s->csv.tap_arg = &s->run;
}

static enum rc make_utf8(struct source *s, const char *dir) {
    AUTO_FILE utf8 = NULL;
    TRY(nameless_open(dir, &utf8));
    sha256_start(&s->run);
    s->running = true;
    enum rc rc = utf16_to_utf8(s->file, take, &s->run, utf8);
    end_run(s);
    TRY(rc);
    s->text = ftello(utf8);
    rewind(utf8);
    FILE *before = s->file;
    s->file = utf8;
    utf8 = before; /* to be closed */
    return RC_OK;
}

enum rc source_open(const char *path, const char *dir, struct source *out) {
    AUTO(source) s = {0};
    struct stat st;
    AUTO_FD fd = -1;
    TRY(fs_open(path, &fd));
    s.file = fdopen(fd, "r");
    if (s.file == NULL)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    fd = -1; /* the stream's now */
    if (fstat(fileno(s.file), &st) != 0)
        FAIL(RC_IO, "%s: %s", path, strerror(errno));
    s.bytes = s.text = st.st_size;
    s.stands = st.st_mtim;
    s.utf16 = utf16_begins(fileno(s.file));
    enum rc rc = s.utf16 ? make_utf8(&s, dir) : kind_check(fileno(s.file));
    if (rc != RC_OK)
        return err_in(rc, "%s", path);
    *out = s;
    s = (struct source){0};
    begin(out, out->utf16);
    return RC_OK;
}

enum rc source_again(struct source *s) {
    csv_free(&s->csv);
    clearerr(s->file);
    if (fseeko(s->file, 0, SEEK_SET) != 0)
        FAIL(RC_IO, "the file cannot be read again: %s", strerror(errno));
    begin(s, true);
    return RC_OK;
}

enum rc source_end(struct source *s) {
    struct stat st;
    end_run(s);
    if (s->utf16) /* a copy of our own was read */
        return RC_OK;
    if (fstat(fileno(s->file), &st) != 0 || st.st_size != s->bytes || st.st_mtim.tv_sec != s->stands.tv_sec ||
        st.st_mtim.tv_nsec != s->stands.tv_nsec)
        FAIL(RC_INPUT, "the file was changed while it was read: import it again");
    return RC_OK;
}

enum rc source_part(const struct source *s, long long start, long long length, size_t most, struct buf *out) {
    size_t want = length < (long long)most ? (size_t)length : most;
    TRY(buf_reserve(out, want));
    ssize_t got = pread(fileno(s->file), out->data + out->len, want, (off_t)start);
    if (got < 0)
        FAIL(RC_IO, "the file cannot be read again: %s", strerror(errno));
    out->len += (size_t)got;
    out->data[out->len] = 0;
    return RC_OK;
}
