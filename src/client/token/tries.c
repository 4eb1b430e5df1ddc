/* One word in a small file for each token whose last PIN was wrong. */
#include "client/token/tries.h"

#include <string.h>

#include "base/digest.h"
#include "client/token/journal.h"

#define WORD_LIMIT 16
static const char LOW[] = "low\n", FINAL[] = "final\n", DOUBTFUL[] = "doubtful\n";

static enum rc path_of(struct tries_of of, char out[PATH_CAP]) {
    char key[2 * SHA256_LEN + 1];

    sha256_hex(sha256_of2(of.first, of.second), key);
    return journal_token_file(out, "pin", key, "");
}

static enum rc remember(struct tries_of of, const char *word) {
    char dir[PATH_CAP], path[PATH_CAP];

    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    TRY(path_of(of, path));
    return fs_write(path, span_str(word), 0600);
}

enum rc tries_after_wrong(struct p11_token *t, struct tries_of of, CK_RV rv) {
    enum rc told = p11_token_refresh(t);
    bool doubtful = rv != CKR_PIN_INCORRECT, low = told == RC_OK && (t->pin_final_try || t->pin_count_low);

    if (told == RC_OK && t->pin_locked) {
        tries_forget(of);
        FAIL(RC_PIN_LOCKED, "C_Login: the PIN of token \"%s\" is locked now", t->label);
    }
    if (low || doubtful) {
        enum rc kept = remember(of, !low ? DOUBTFUL : t->pin_final_try ? FINAL : LOW);
        (void)kept; /* a convenience, as the journal is */
    }
    if (doubtful)
        FAIL(RC_PIN_WRONG, "C_Login: %s (0x%lx): the PIN may have been wrong, and a try may be gone", p11_rv_name(rv),
             rv);
    FAIL(RC_PIN_WRONG, "C_Login: wrong PIN for token \"%s\"", t->label);
}

void tries_recall(struct p11_token *t, struct tries_of of) {
    char path[PATH_CAP];
    AUTO(buf) word = {0};

    if (t->pin_locked || t->pin_final_try || t->pin_count_low)
        return;
    if (path_of(of, path) != RC_OK || fs_read(path, WORD_LIMIT, &word) != RC_OK)
        return;
    t->pin_final_try = span_eq(buf_span(&word), span_str(FINAL));
    t->pin_doubtful = span_eq(buf_span(&word), span_str(DOUBTFUL));
    t->pin_count_low = t->pin_final_try || span_eq(buf_span(&word), span_str(LOW));
}

void tries_forget(struct tries_of of) {
    char path[PATH_CAP];

    if (path_of(of, path) == RC_OK)
        (void)fs_remove(path);
}
