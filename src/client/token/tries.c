/* One word in a small file for each token whose last PIN was wrong. */
#include "client/token/tries.h"

#include <string.h>

#include "client/token/journal.h"

#define WORD_LIMIT 16
static const char LOW[] = "low\n", FINAL[] = "final\n";

static enum rc path_of(const struct p11_token *t, char out[PATH_CAP]) {
    return journal_token_file(out, "pin", t->serial, t->model);
}

static enum rc remember(const struct p11_token *t, const char *word) {
    char dir[PATH_CAP], path[PATH_CAP];

    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    TRY(path_of(t, path));
    return fs_write(path, span_str(word), 0600);
}

enum rc tries_after_wrong(struct p11_token *t) {
    enum rc told = p11_token_refresh(t);

    if (told == RC_OK && t->pin_locked) {
        tries_forget(t);
        FAIL(RC_PIN_LOCKED, "C_Login: the PIN of token \"%s\" is locked now", t->label);
    }
    if (told == RC_OK && (t->pin_final_try || t->pin_count_low)) {
        enum rc kept = remember(t, t->pin_final_try ? FINAL : LOW);
        (void)kept; /* a convenience, as the journal is */
    }
    FAIL(RC_PIN_WRONG, "C_Login: wrong PIN for token \"%s\"", t->label);
}

void tries_recall(struct p11_token *t) {
    char path[PATH_CAP];
    AUTO(buf) word = {0};

    if (t->pin_locked || t->pin_final_try || t->pin_count_low)
        return;
    if (path_of(t, path) != RC_OK || fs_read(path, WORD_LIMIT, &word) != RC_OK)
        return;
    t->pin_final_try = span_eq(buf_span(&word), span_str(FINAL));
    t->pin_count_low = t->pin_final_try || span_eq(buf_span(&word), span_str(LOW));
}

void tries_forget(const struct p11_token *t) {
    char path[PATH_CAP];

    if (path_of(t, path) == RC_OK)
        (void)fs_remove(path);
}
