/* Seals the audit with the key at hand (declared in service/site/sealer.h). */
#include "service/site/sealer.h"

#include <stdlib.h>

#include "base/fs.h"
#include "pki/journal/signed_journal.h"
#include "pki/seal/seal_end.h"
#include "service/site/record.h"

struct sealer {
    char path[PATH_CAP], journal[PATH_CAP];
    struct seal *seal; /* NULL: not read yet */
    enum sealer_from from;
    struct audit_linker linker;
    struct cert_sealer records;
};

enum rc sealer_key(struct sealer *s, const struct seal **out) {
    if (s->seal == NULL)
        TRY(seal_open(s->path, &s->seal));
    *out = s->seal;
    return RC_OK;
}

/* Whoever can write the database alone can take every seal out of it, but not the journal off the disk: init makes that
   together with the key and the first seal. What was signed under a key that is gone was sealed as well. */
enum rc sealer_none_before(struct sealer *s) {
    const struct seal *seal = NULL;
    struct journal_head head;
    if (!fs_exists(s->journal))
        return RC_OK;
    if (fs_exists(s->path))
        TRY(sealer_key(s, &seal));
    TRY(signed_journal_head(s->journal, seal, &head));
    if (head.ours || head.entries > 0)
        FAIL(RC_REFUSED, "this installation was sealed before, %s says so: " CERTS_SEALED_BEFORE, s->journal);
    return RC_OK;
}

/* The same key seals the journal. Where that cannot be read nothing is known of the key. */
static bool is_foreign(const struct sealer *s, const struct seal *seal) {
    struct journal_head head;
    return signed_journal_head(s->journal, seal, &head) == RC_OK && !head.ours;
}

static enum rc end_check(const struct sealer *s, const struct seal *seal, const struct audit_end *end) {
    enum rc rc = seal_end_check(seal, end->seq, &end->hash, &end->mac);
    if (rc != RC_REFUSED)
        return rc;
    if (is_foreign(s, seal))
        FAIL(
            RC_INPUT,
            "seal_key %s is another key than the one that sealed this installation: put that one back from where it is "
            "kept",
            s->path);
    return seal_end_check(seal, end->seq, &end->hash, &end->mac); /* its text again */
}

enum rc sealer_check(struct sealer *s, const struct audit_end *end) {
    const struct seal *seal;
    if (!end->sealed)
        FAIL(RC_REFUSED, SEALER_NO_SEAL);
    TRY(sealer_key(s, &seal));
    return end_check(s, seal, end);
}

static bool may_be_bare(const struct sealer *s, const struct audit_end *from) {
    return !from->sealed && (s->from == SEALER_ADOPTS || (s->from == SEALER_BEGINS && from->seq == 0));
}

/* The lines were hashed in this very process. */
static enum rc link_lines(void *arg, const struct audit_head *head, struct sha256 *mac) {
    struct sealer *s = arg;
    const struct seal *seal;
    if (head->claims.len > 0)
        FAIL(RC_BUG, "what is issued by has its seal checked by the signers' parent");
    if (!may_be_bare(s, &head->from))
        TRY(sealer_check(s, &head->from));
    TRY(sealer_key(s, &seal));
    *mac = seal_end_mac(seal, head->to.seq, &head->to.hash);
    return RC_OK;
}

static enum rc record_mac(void *arg, const struct cert_claim *c, char out[65]) {
    struct seal_record record;
    const struct seal *seal;
    TRY(sealer_key(arg, &seal));
    record_from(c, &record);
    sha256_hex(seal_record_mac(seal, &record), out);
    return RC_OK;
}

enum rc sealer_check_record(struct sealer *s, const struct cert_row *r) {
    const struct signer_claim c = record_claim(r);
    const struct seal *seal;
    if (!c.sealed)
        FAIL(RC_REFUSED, "the record of %s carries no seal: import it again from the operator's file", r->serial);
    TRY(sealer_key(s, &seal));
    TRY(certs_check_hash(r));
    return seal_record_check(seal, &c.record, &c.mac);
}

enum rc sealer_new(const char *key_path, const char *journal_path, struct sealer **out) {
    AUTO_PTR(sealer) s = calloc(1, sizeof *s);
    if (s == NULL)
        FAIL(RC_LIMIT, "out of memory");
    TRY(text_set(s->path, sizeof s->path, key_path));
    TRY(text_set(s->journal, sizeof s->journal, journal_path));
    s->linker = (struct audit_linker){link_lines, NULL, s};
    s->records = (struct cert_sealer){record_mac, s};
    *out = MOVE(s);
    return RC_OK;
}

void sealer_free(struct sealer *s) {
    if (s != NULL)
        seal_free(s->seal);
    free(s);
}

const struct audit_linker *sealer_linker(struct sealer *s, enum sealer_from from) {
    s->from = from;
    return &s->linker;
}

const struct cert_sealer *sealer_records(struct sealer *s) {
    return &s->records;
}
