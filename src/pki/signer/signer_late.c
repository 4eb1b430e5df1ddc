/* Proves and enters what an older journal lacks (declared in pki/signer/signer_late.h). */
#include "pki/signer/signer_late.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "pki/ca/ca.h"

struct late {
    struct ca *old_ca, *new_ca;
    bool new_key_allowed;
};

static void late_free(struct late *l) {
    ca_free(l->old_ca);
    ca_free(l->new_ca);
}

static enum rc take_der(struct span *packet, struct span *out) {
    uint32_t len;
    if (packet->len < sizeof len)
        FAIL(RC_BUG, "certificates that do not add up");
    memcpy(&len, packet->ptr, sizeof len);
    if (len > packet->len - sizeof len)
        FAIL(RC_BUG, "certificates that do not add up");
    *out = span_of(packet->ptr + sizeof len, len);
    *packet = span_of(packet->ptr + sizeof len + len, packet->len - sizeof len - len);
    return RC_OK;
}

/* Each by its CA's signature, and the new one made for the old one's holder: else whoever asks could have any old
   certificate kept from its renewal. */
static enum rc prove(const struct late *l, struct span old_der, struct span new_der, struct journal_entry *out) {
    struct cert old, made;
    char serial[2 * SERIAL_MAX + 2];
    TRY(cert_parse(old_der, &old));
    TRY(ca_verify(l->old_ca, &old, true));
    TRY(cert_parse(new_der, &made));
    TRY(ca_verify(l->new_ca, &made, false));
    if (!(l->new_key_allowed ? span_eq(made.subject, old.subject) : span_eq(made.spki, old.spki)))
        FAIL(RC_REFUSED, "it is another holder's");
    serial_to_hex(old.facts.serial, old.facts.serial_len, serial);
    *out = (struct journal_entry){journal_old(sha256_of(ca_cert(l->old_ca)->spki), serial), sha256_of(made.tbs)};
    return RC_OK;
}

struct taken {
    struct journal_entry entries[SIGNER_LATE];
    uint32_t bit[SIGNER_LATE]; /* of each: whose it is */
    size_t count;
};

static void refuse(struct chain_tell *tell, enum rc rc, uint32_t bits) {
    tell->left |= bits;
    tell->rc = rc;
    (void)snprintf(tell->text, sizeof tell->text, "%.255s", err_text());
}

static enum rc prove_all(const struct late *l, struct span packet, struct taken *t, struct chain_tell *tell) {
    struct span old, made;
    for (uint32_t i = 0; packet.len > 0; i++) {
        if (i == SIGNER_LATE)
            FAIL(RC_BUG, "more than %d certificates at once", SIGNER_LATE);
        TRY(take_der(&packet, &old));
        TRY(take_der(&packet, &made));
        enum rc rc = prove(l, old, made, &t->entries[t->count]);
        if (rc == RC_OK)
            t->bit[t->count++] = 1u << i;
        else
            refuse(tell, RC_REFUSED, 1u << i);
    }
    return RC_OK;
}

static enum rc open_cas(const struct signer_config *cfg, struct late *l) {
    l->new_key_allowed = cfg->terms.new_key_allowed;
    TRY(ca_open(cfg->ca_der, &l->new_ca));
    return ca_open(cfg->old_ca_der, &l->old_ca);
}

static enum rc take(const struct signer_config *cfg, struct signer_journal *j, struct span packet,
                    struct chain_tell *tell) {
    AUTO(late) l = {0};
    struct taken t = {.count = 0};
    bool other[SIGNER_LATE] = {0};
    TRY(open_cas(cfg, &l));
    TRY(prove_all(&l, packet, &t, tell));
    TRY(signer_journal_late(j, t.entries, t.count, other));
    for (size_t i = 0; i < t.count; i++)
        if (other[i]) {
            (void)err_set(RC_EXISTS, "other bytes were signed for this old certificate");
            refuse(tell, RC_EXISTS, t.bit[i]);
        }
    return RC_OK;
}

void signer_late_take(const struct signer_config *cfg, struct signer_journal *j, struct span packet,
                      struct chain_tell *tell) {
    struct chain_ask ask;
    memcpy(&ask, packet.ptr, sizeof ask);
    *tell = (struct chain_tell){.id = ask.id};
    enum rc rc = take(cfg, j, span_of(packet.ptr + sizeof ask, packet.len - sizeof ask), tell);
    if (rc != RC_OK)
        refuse(tell, rc, UINT32_MAX);
}
