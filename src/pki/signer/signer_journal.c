/* Enters into the journal what helpers are about to sign, a group at a time. */
#include "pki/signer/signer_journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ASKERS 64 /* in a group at most */
_Static_assert(SIGNER_ASKED <= UINT8_MAX, "an asker's count is a byte");
_Static_assert(ASKERS *SIGNER_ASKED <= JOURNAL_GROUP, "all that is asked at once is written at once");

struct asked {
    int fd;
    uint8_t count;
    struct journal_entry entries[SIGNER_ASKED];
    struct signer_entered answer;
};

struct signer_journal {
    struct signed_journal *file; /* NULL: none */
    struct journal_book *book;
    struct journal_state state;
    struct asked asked[ASKERS];
    struct journal_entry fresh[ASKERS * SIGNER_ASKED]; /* of a group: those that the book does not have */
    size_t asked_count, fresh_count;
    char why[ERR_TEXT]; /* nothing could be written the last time; "": it could */
};

enum rc signer_journal_ask(int fd, const struct journal_entry *entries, size_t count) {
    size_t len = count * sizeof *entries;
    if (send(fd, entries, len, MSG_NOSIGNAL) != (ssize_t)len)
        FAIL(RC_NETWORK, "the parent of the signing helpers is gone");
    return RC_OK;
}

enum rc signer_journal_hear(int fd, struct signer_entered *out) {
    ssize_t got;
    do
        got = recv(fd, out, sizeof *out, 0);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof *out)
        FAIL(RC_NETWORK, "the parent of the signing helpers is gone");
    out->text[sizeof out->text - 1] = '\0';
    return RC_OK;
}

enum rc signer_journal_open(const char *path, const struct seal *seal, struct signer_journal **out) {
    AUTO_PTR(signer_journal) j = calloc(1, sizeof *j);
    if (j == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(journal_book_new(&j->book));
    if (path != NULL)
        TRY(signed_journal_open(path, seal, j->book, &j->state, &j->file));
    *out = MOVE(j);
    return RC_OK;
}

void signer_journal_free(struct signer_journal *j) {
    if (j == NULL)
        return;
    signed_journal_free(j->file);
    journal_book_free(j->book);
    free(j);
}

const struct journal_state *signer_journal_state(const struct signer_journal *j) {
    return &j->state;
}

static void hear(struct signer_journal *j, int fd) {
    struct asked *a = &j->asked[j->asked_count];
    ssize_t got = recv(fd, a->entries, sizeof a->entries, MSG_DONTWAIT);
    if (got <= 0 || got % (ssize_t)sizeof a->entries[0] != 0)
        return; /* nothing is asked, or its end: the parent hears of that as a death */
    a->fd = fd;
    a->count = (uint8_t)((size_t)got / sizeof a->entries[0]);
    memset(&a->answer, 0, sizeof a->answer);
    j->asked_count++;
}

/* Asked for twice in one group: the first one's bytes are the ones. */
static const struct journal_entry *find(const struct signer_journal *j, const struct journal_old *old) {
    const struct journal_entry *e = journal_book_find(j->book, old);
    for (size_t i = 0; e == NULL && i < j->fresh_count; i++)
        if (memcmp(&j->fresh[i].old, old, sizeof *old) == 0)
            e = &j->fresh[i];
    return e;
}

static void judge(struct signer_journal *j, struct asked *a) {
    for (size_t i = 0; i < a->count; i++) {
        const struct journal_entry *is = find(j, &a->entries[i].old);
        if (is == NULL) {
            j->fresh[j->fresh_count++] = a->entries[i];
        } else if (memcmp(&is->bytes, &a->entries[i].bytes, sizeof is->bytes) != 0) {
            a->answer.rc[i] = RC_EXISTS;
            (void)snprintf(a->answer.text, sizeof a->answer.text,
                           "not signed: other bytes were signed for this old certificate");
        }
    }
}

/* What the file has and the book has not would be signed a second time. */
static enum rc enter(struct signer_journal *j) {
    TRY(journal_book_room(j->book, j->fresh_count));
    if (j->file != NULL)
        TRY(signed_journal_add(j->file, j->fresh, j->fresh_count));
    for (size_t i = 0; i < j->fresh_count; i++)
        TRY(journal_book_put(j->book, &j->fresh[i]));
    return RC_OK;
}

enum rc signer_journal_late(struct signer_journal *j, const struct journal_entry *entries, size_t count, bool *other) {
    j->fresh_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct journal_entry *is = find(j, &entries[i].old);
        other[i] = is != NULL && memcmp(&is->bytes, &entries[i].bytes, sizeof is->bytes) != 0;
        if (is == NULL)
            j->fresh[j->fresh_count++] = entries[i];
    }
    return enter(j);
}

/* Of a group that could not be written nothing is signed, nor what the book had already: there it is all the same to
   wait for. */
static void answer(struct signer_journal *j, bool written) {
    for (size_t n = 0; n < j->asked_count; n++) {
        struct asked *a = &j->asked[n];
        for (size_t i = 0; !written && i < a->count; i++)
            a->answer.rc[i] = RC_BUSY;
        if (!written)
            memcpy(a->answer.text, j->why, sizeof a->answer.text);
        (void)send(a->fd, &a->answer, sizeof a->answer, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

const char *signer_journal_serve(struct signer_journal *j, const int *fds, size_t count) {
    j->asked_count = j->fresh_count = 0;
    for (size_t i = 0; i < count && j->asked_count < ASKERS; i++)
        if (fds[i] >= 0)
            hear(j, fds[i]);
    if (j->asked_count > 0) {
        for (size_t n = 0; n < j->asked_count; n++)
            judge(j, &j->asked[n]);
        bool written = enter(j) == RC_OK;
        (void)snprintf(j->why, sizeof j->why, "%s", written ? "" : err_text());
        answer(j, written);
    }
    return j->why[0] == '\0' ? NULL : j->why;
}
