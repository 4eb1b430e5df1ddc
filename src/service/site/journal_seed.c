/* Enters what the database has (declared in service/site/journal_seed.h). */
#include "service/site/journal_seed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pki/journal/signed_journal.h"
#include "store/outline.h"

#define GROUP 512

struct seed {
    struct sha256 old_key;
    struct journal_book *book;
    struct signed_journal *file; /* NULL: the book alone is filled */
    struct journal_entry group[GROUP];
    size_t grouped;
    struct seeded *told;
};

static void seed_free(struct seed *s) {
    signed_journal_free(s->file);
    journal_book_free(s->book);
}

static enum rc flush(struct seed *s) {
    if (s->file != NULL)
        TRY(signed_journal_add(s->file, s->group, s->grouped));
    s->grouped = 0;
    return RC_OK;
}

/* What was reserved may have been signed: it is entered too, and the same bytes may be signed again. */
static enum rc enter(void *arg, const struct outline *o) {
    struct seed *s = arg;
    struct cert cert = {.tbs = o->tbs};
    if (o->der.len > 0)
        TRY(cert_parse(o->der, &cert));
    const struct journal_entry e = {journal_old(s->old_key, o->old_serial), sha256_of(cert.tbs)};
    uint32_t before = journal_book_count(s->book);
    enum rc rc = journal_book_put(s->book, &e);
    if (rc == RC_EXISTS) {
        s->told->other++;
        return RC_OK;
    }
    TRY(rc);
    if (journal_book_count(s->book) == before) {
        s->told->kept++;
        return RC_OK;
    }
    s->told->entered++;
    if (s->file == NULL)
        return RC_OK;
    s->group[s->grouped++] = e;
    return s->grouped == GROUP ? flush(s) : RC_OK;
}

static enum rc enter_all(struct db *db, void *arg) {
    TRY(outline_issued(db, true, enter, arg));
    return flush(arg);
}

static enum rc begin(const struct site *s, struct seeded *out, struct seed *seed) {
    *out = (struct seeded){0};
    seed->told = out;
    seed->old_key = sha256_of(ca_cert(s->old_ca)->spki);
    return journal_book_new(&seed->book);
}

/* What root makes in a service's folder is the service's: who signs writes on in it. */
static enum rc give_away(const char *path) {
    char dir[PATH_CAP];
    struct stat st;
    if (geteuid() != 0)
        return RC_OK;
    TRY(text_set(dir, sizeof dir, path));
    dir[fs_base_name(path) - path] = '\0';
    if (stat(dir[0] == '\0' ? "." : dir, &st) != 0 || lchown(path, st.st_uid, st.st_gid) != 0)
        FAIL(RC_IO, "%s cannot be given to the owner of its folder: %s", path, strerror(errno));
    return RC_OK;
}

enum rc journal_seed_new(struct site *s, struct seeded *out) {
    AUTO(seed) seed = {0};
    AUTO_PTR(seal) seal = NULL;
    AUTO_FD claim = -1;
    if (fs_exists(s->conf.signed_journal))
        FAIL(RC_EXISTS, "%s is there: a journal is never replaced; move it away first if it is of no use",
             s->conf.signed_journal);
    enum rc rc = fs_lock(s->conf.dir, &claim);
    if (rc == RC_BUSY)
        FAIL(RC_BUSY, "capbud serves %s: stop it first", s->conf.dir);
    TRY(rc);
    TRY(seal_open(s->conf.seal_key, &seal));
    TRY(begin(s, out, &seed));
    TRY(store_read(s->store, enter_all, &seed));
    TRY(signed_journal_make(s->conf.signed_journal, seal, seed.book));
    return give_away(s->conf.signed_journal);
}

enum rc journal_seed_add(struct site *s, struct seeded *out) {
    AUTO(seed) seed = {0};
    AUTO_PTR(seal) seal = NULL;
    struct journal_state is;
    TRY(seal_open(s->conf.seal_key, &seal));
    TRY(begin(s, out, &seed));
    TRY(signed_journal_open(s->conf.signed_journal, seal, seed.book, &is, &seed.file));
    return store_read(s->store, enter_all, &seed);
}

struct journal_pen {
    struct sha256 old_key;
    struct seal *seal;
    struct journal_book *book;
    struct signed_journal *file;
};

void journal_pen_free(struct journal_pen *p) {
    if (p == NULL)
        return;
    signed_journal_free(p->file);
    journal_book_free(p->book);
    seal_free(p->seal);
    free(p);
}

enum rc journal_pen_open(struct site *s, struct journal_pen **out) {
    AUTO_PTR(journal_pen) p = calloc(1, sizeof *p);
    struct journal_state is;
    if (p == NULL)
        FAIL(RC_LIMIT, "out of memory");
    p->old_key = sha256_of(ca_cert(s->old_ca)->spki);
    TRY(seal_open(s->conf.seal_key, &p->seal));
    TRY(journal_book_new(&p->book));
    TRY(signed_journal_open(s->conf.signed_journal, p->seal, p->book, &is, &p->file));
    *out = MOVE(p);
    return RC_OK;
}

enum rc journal_pen_enter(struct journal_pen *p, const char *old_serial, const struct sha256 *bytes) {
    const struct journal_entry e = {journal_old(p->old_key, old_serial), *bytes};
    const struct journal_entry *is = journal_book_find(p->book, &e.old);
    if (is != NULL && memcmp(&is->bytes, bytes, sizeof *bytes) == 0)
        return RC_OK;
    if (is != NULL)
        FAIL(RC_EXISTS, "other bytes were signed for this old certificate");
    TRY(signed_journal_add(p->file, &e, 1));
    return journal_book_put(p->book, &e);
}
