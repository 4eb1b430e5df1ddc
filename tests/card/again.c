/* again: writes a certificate onto the one token of a module, and after a failure, when a line comes on stdin, once
   more in the same process: module, slots and sessions have seen the card go then.

     again MODULE PIN-FILE OLD.der NEW.der */
#include <stdio.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/secret.h"
#include "client/token/swap.h"

#define DER_LIMIT 65536

struct work {
    struct p11_module module;
    struct secret pin;
    struct buf old_der, new_der;
};
static void work_free(struct work *w) {
    buf_free(&w->old_der);
    buf_free(&w->new_der);
    secret_free(&w->pin);
    p11_module_free(&w->module);
}

static enum rc write_it(const struct work *w) {
    struct p11_token token;
    size_t count = 0;
    AUTO(swap) s = {0};

    TRY(p11_tokens(&w->module, &token, 1, &count));
    if (count == 0)
        FAIL(RC_NOT_FOUND, "no token");
    TRY(swap_open(&token, span_of(w->pin.text, w->pin.len), &s));
    return swap_write(&s, buf_span(&w->old_der), buf_span(&w->new_der));
}

static enum rc run(char **argv) {
    AUTO(work) w = {0};

    TRY(digest_init());
    TRY(p11_module_open(&w.module, argv[1]));
    TRY(secret_read_file(argv[2], &w.pin));
    TRY(fs_read(argv[3], DER_LIMIT, &w.old_der));
    TRY(fs_read(argv[4], DER_LIMIT, &w.new_der));
    enum rc rc = write_it(&w);
    while (rc != RC_OK) {
        printf("failed: %s: %s\n", err_name(rc), err_text());
        fflush(stdout);
        if (getchar() == EOF)
            return rc;
        rc = write_it(&w);
    }
    puts("written");
    return RC_OK;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fputs("usage: again MODULE PIN-FILE OLD.der NEW.der\n", stderr);
        return 2;
    }
    return run(argv) == RC_OK ? 0 : 1;
}
