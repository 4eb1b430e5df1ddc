/* Locked, undumped, wiped memory for PINs, and reading one into it. */
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"

void secret_free(struct secret *s) {
    if (s->text != NULL)
        os_page_free(s->text);
    *s = (struct secret){0};
}

enum rc secret_open(struct secret *s, size_t cap) {
    if (cap >= os_page_size())
        FAIL(RC_LIMIT, "a secret of %zu bytes does not fit into a page", cap);
    char *text = NULL;
    TRY(os_page_new(&text));
    secret_free(s);
    *s = (struct secret){text, 0, cap};
    return RC_OK;
}

enum rc secret_from(struct secret *s, struct span text) {
    if (text.len > SECRET_MAX)
        FAIL(RC_LIMIT, "longer than %d bytes", SECRET_MAX);
    AUTO(secret) fresh = {0};
    TRY(secret_open(&fresh, SECRET_MAX));
    TRY(text_set_span(fresh.text, fresh.cap + 1, text));
    fresh.len = text.len;
    secret_free(s);
    *s = fresh;
    fresh = (struct secret){0};
    return RC_OK;
}

/* *got = 0 at the end of the input. */
static enum rc read_byte(int fd, char *c, ssize_t *got) {
    do
        *got = read(fd, c, 1);
    while (*got < 0 && errno == EINTR);
    if (*got < 0)
        FAIL(RC_IO, "cannot read: %s", strerror(errno));
    return RC_OK;
}

/* Room for one byte more than allowed: the CR of a CRLF. The byte is read into the locked page itself. */
static enum rc read_line(int fd, struct secret *s) {
    ssize_t got = 0;
    for (;;) {
        char *c = s->text + s->len;
        TRY(read_byte(fd, c, &got));
        if (got == 0 && s->len == 0)
            FAIL(RC_INPUT, "there is nothing to read");
        if (got == 0 || *c == '\n')
            break;
        if (*c == 0)
            FAIL(RC_INPUT, "it contains a NUL byte");
        if (s->len == s->cap)
            FAIL(RC_LIMIT, "longer than %d bytes", SECRET_MAX);
        s->len++;
    }
    if (s->len > 0 && s->text[s->len - 1] == '\r')
        s->len--;
    s->text[s->len] = 0;
    if (s->len > SECRET_MAX)
        FAIL(RC_LIMIT, "longer than %d bytes", SECRET_MAX);
    return RC_OK;
}

enum rc secret_read_line(int fd, struct secret *s) {
    AUTO(secret) fresh = {0};
    TRY(secret_open(&fresh, SECRET_MAX + 1));
    TRY(read_line(fd, &fresh));
    secret_free(s);
    *s = fresh;
    fresh = (struct secret){0};
    return RC_OK;
}

enum rc secret_read_file(const char *path, struct secret *s) {
    AUTO_FD fd = -1;
    TRY(fs_open(path, &fd));
    enum rc rc = secret_read_line(fd, s);
    return rc == RC_OK ? RC_OK : err_in(rc, "%s", path);
}
