/* Reads a message, calls the driver, answers; on the one thread that the driver ever sees. */
#include "driver/driver_serve.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/os.h"
#include "driver/driver_child.h"

bool driver_is_host(int argc, char **argv) {
    return argc == 3 && strcmp(argv[1], CHILD_WORD) == 0;
}

static bool read_all(int fd, uint8_t *out, size_t len) {
    while (len > 0) {
        ssize_t n = read(fd, out, (unsigned)len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        out += n;
        len -= (size_t)n;
    }
    return true;
}

struct serve {
    int fd;
    struct p11_module driver;
    uint8_t in[WIRE_MAX], out[WIRE_HEAD + WIRE_MAX];
    char *page; /* locked, for messages with a PIN; NULL: no memory may be locked here */
};

/* Where a message is read to: a PIN nowhere else than into locked memory. */
static uint8_t *place_for(struct serve *s, enum driver_op op, size_t len) {
    return op == OP_LOGIN && s->page != NULL && len <= os_page_size() ? (uint8_t *)s->page : s->in;
}

static bool serve_one(struct serve *s) {
    uint8_t head[WIRE_HEAD];
    enum driver_op op;
    size_t len = 0;

    if (!read_all(s->fd, head, sizeof head) || !wire_head_parse(head, &op, &len))
        return false;
    uint8_t *at = place_for(s, op, len);
    struct wire_out answer = {s->out + WIRE_HEAD, 0, WIRE_MAX, false};
    bool fine = read_all(s->fd, at, len) && driver_answer(&s->driver, op, span_of(at, len), &answer);
    if (op == OP_LOGIN)
        os_wipe(at, len);
    wire_head(op, answer.len, s->out);
    return fine && !answer.full && fs_write_all(s->fd, span_of(s->out, WIRE_HEAD + answer.len)) == RC_OK;
}

int driver_serve(const char *word) {
    static struct serve s;

    if (child_enter(word, &s.fd) != RC_OK)
        return 2;
    if (os_page_new(&s.page) != RC_OK)
        s.page = NULL;
    while (serve_one(&s))
        ;
    p11_module_free(&s.driver);
    _exit(0); /* what the driver left for the program's end is its own affair, and may never return */
}
