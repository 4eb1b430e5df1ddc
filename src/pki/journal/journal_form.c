/* Writes and reads the bytes of a journal. */
#include "pki/journal/journal_form.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t MAGIC[8] = "capbuj1\n";

struct reading {
    int fd;
    const char *path;
    const struct seal *seal;
    struct journal_book *book;
    uint64_t size, at;
    uint8_t mac[JOURNAL_MAC];
};

struct journal_old journal_old(struct sha256 issuer_key, const char *serial) {
    struct journal_old out;
    struct sha256 both = sha256_of2(span_of(issuer_key.bytes, sizeof issuer_key.bytes), span_str(serial));
    memcpy(out.bytes, both.bytes, sizeof out.bytes);
    return out;
}

/* Seals the first bytes of `out` in the chain; the MAC is what stands at their end. */
static void seal_it(const struct seal *seal, uint8_t mac[JOURNAL_MAC], uint8_t out[JOURNAL_ENTRY]) {
    uint8_t line[JOURNAL_ENTRY];
    memcpy(line, mac, JOURNAL_MAC);
    memcpy(line + JOURNAL_MAC, out, JOURNAL_ENTRY - JOURNAL_MAC);
    const struct sha256 made = seal_mac(seal, SEAL_JOURNAL, span_of(line, sizeof line));
    memcpy(mac, made.bytes, JOURNAL_MAC);
    memcpy(out + JOURNAL_ENTRY - JOURNAL_MAC, mac, JOURNAL_MAC);
}

void journal_form_head(const struct seal *seal, const uint8_t id[JOURNAL_ID], uint8_t mac[JOURNAL_MAC],
                       uint8_t out[JOURNAL_ENTRY]) {
    memset(out, 0, JOURNAL_ENTRY);
    memset(mac, 0, JOURNAL_MAC);
    memcpy(out, MAGIC, sizeof MAGIC);
    memcpy(out + sizeof MAGIC, id, JOURNAL_ID);
    seal_it(seal, mac, out);
}

void journal_form_entry(const struct seal *seal, const struct journal_entry *e, uint8_t mac[JOURNAL_MAC],
                        uint8_t out[JOURNAL_ENTRY]) {
    memcpy(out, e->old.bytes, sizeof e->old.bytes);
    memcpy(out + sizeof e->old.bytes, e->bytes.bytes, SHA256_LEN);
    seal_it(seal, mac, out);
}

static enum rc read_at(const struct reading *r, uint8_t *out, size_t len) {
    for (size_t got = 0; got < len;) {
        ssize_t n = pread(r->fd, out + got, len - got, (off_t)(r->at + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            FAIL(RC_IO, "%s cannot be read: %s", r->path, n == 0 ? "it has become shorter" : strerror(errno));
        got += (size_t)n;
    }
    return RC_OK;
}

static enum rc take_head(struct reading *r, struct journal_state *out) {
    uint8_t is[JOURNAL_ENTRY], right[JOURNAL_ENTRY];
    if (r->size < sizeof is)
        FAIL(RC_INPUT, "%s is no journal: " JOURNAL_ADVICE, r->path);
    TRY(read_at(r, is, sizeof is));
    if (memcmp(is, MAGIC, sizeof MAGIC) != 0)
        FAIL(RC_INPUT, "%s is no journal: " JOURNAL_ADVICE, r->path);
    memcpy(out->id, is + sizeof MAGIC, JOURNAL_ID);
    r->at = sizeof is;
    if (r->seal == NULL)
        return RC_OK;
    journal_form_head(r->seal, out->id, r->mac, right);
    if (memcmp(is, right, sizeof is) != 0)
        FAIL(RC_INPUT, "%s is sealed with another key than seal_key: name the key that it was made with", r->path);
    return RC_OK;
}

static bool all_zero(const uint8_t *p, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (p[i] != 0)
            return false;
    return true;
}

static enum rc broken(const struct reading *r) {
    FAIL(RC_INPUT, "%s: entry %llu of %llu does not hold, so it was changed: " JOURNAL_ADVICE, r->path,
         (unsigned long long)(r->at / JOURNAL_ENTRY), (unsigned long long)(r->size / JOURNAL_ENTRY - 1));
}

/* A crash of the system may leave the last group longer than what of it was written: then zeros stand there, to the
   end. Whatever else does not hold was changed by somebody: an entry behind zeros was signed. */
static enum rc see_zeros(const struct reading *r) {
    static uint8_t rest[JOURNAL_GROUP * JOURNAL_ENTRY];
    uint64_t left = r->size - r->at;
    if (left > sizeof rest)
        return broken(r);
    TRY(read_at(r, rest, (size_t)left));
    return all_zero(rest, (size_t)left) ? RC_OK : broken(r);
}

/* RC_NOT_FOUND: the journal ends before this one. */
static enum rc take_entry(struct reading *r, const uint8_t *is) {
    struct journal_entry e;
    uint8_t right[JOURNAL_ENTRY];
    memcpy(e.old.bytes, is, sizeof e.old.bytes);
    memcpy(e.bytes.bytes, is + sizeof e.old.bytes, SHA256_LEN);
    if (all_zero(is, JOURNAL_ENTRY)) {
        TRY(see_zeros(r));
        return RC_NOT_FOUND;
    }
    if (r->seal != NULL) {
        journal_form_entry(r->seal, &e, r->mac, right);
        if (memcmp(is, right, sizeof right) != 0)
            return broken(r);
    }
    enum rc rc = journal_book_put(r->book, &e);
    return rc == RC_EXISTS ? broken(r) : rc;
}

static enum rc take_entries(struct reading *r) {
    uint8_t group[256 * JOURNAL_ENTRY];
    while (r->size - r->at >= JOURNAL_ENTRY) {
        uint64_t left = (r->size - r->at) / JOURNAL_ENTRY * JOURNAL_ENTRY;
        size_t len = left < sizeof group ? (size_t)left : sizeof group;
        TRY(read_at(r, group, len));
        for (const uint8_t *is = group; is < group + len; is += JOURNAL_ENTRY) {
            enum rc rc = take_entry(r, is);
            if (rc != RC_OK)
                return rc == RC_NOT_FOUND ? RC_OK : rc;
            r->at += JOURNAL_ENTRY;
        }
    }
    return RC_OK;
}

static enum rc open_reading(struct reading *r) {
    struct stat st;
    if (fstat(r->fd, &st) != 0)
        FAIL(RC_IO, "%s: %s", r->path, strerror(errno));
    r->size = (uint64_t)st.st_size;
    return RC_OK;
}

enum rc journal_form_head_read(int fd, const char *path, const struct seal *seal, struct journal_head *out) {
    struct reading r = {.fd = fd, .path = path};
    struct journal_state is;
    TRY(open_reading(&r));
    TRY(take_head(&r, &is));
    *out = (struct journal_head){.entries = r.size / JOURNAL_ENTRY - 1};
    if (seal == NULL)
        return RC_OK;
    r = (struct reading){.fd = fd, .path = path, .seal = seal, .size = r.size};
    enum rc rc = take_head(&r, &is);
    out->ours = rc == RC_OK;
    return rc == RC_INPUT ? RC_OK : rc;
}

enum rc journal_form_read(int fd, const char *path, const struct seal *seal, struct journal_book *book,
                          struct journal_state *out, uint8_t mac[JOURNAL_MAC]) {
    struct reading r = {.fd = fd, .path = path, .seal = seal, .book = book};
    TRY(open_reading(&r));
    TRY(take_head(&r, out));
    TRY(take_entries(&r));
    out->entries = r.at / JOURNAL_ENTRY - 1;
    out->torn = r.size - r.at;
    memcpy(mac, r.mac, JOURNAL_MAC);
    return RC_OK;
}
