/* Links the audit's lines: verifies the end that they go on from, hashes them, seals the end that they lead to. */
#include "pki/signer/signer_chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki/seal/seal_end.h"

struct signer_chain {
    const struct seal *seal;
    int64_t floor;  /* no lines are linked to an end before this one */
    int64_t linked; /* the last end that was sealed here */
    int64_t seq;    /* of what is being linked: the end so far */
    struct sha256 hash;
    enum rc rc;
    char text[CHAIN_TEXT];
};

enum rc signer_chain_new(const struct seal *seal, struct signer_chain **out) {
    struct signer_chain *c = calloc(1, sizeof *c);
    if (c == NULL)
        FAIL(RC_LIMIT, "out of memory");
    c->seal = seal;
    c->rc = RC_BUG;
    *out = c;
    return RC_OK;
}

void signer_chain_free(struct signer_chain *c) {
    free(c);
}

/* What an end goes on from is committed: another one reads it out of the database. */
static enum rc begin(struct signer_chain *c, const struct chain_ask *ask) {
    if (c->seal == NULL)
        FAIL(RC_NOT_FOUND, "the signers' parent has no seal key");
    if (seal_end_check(c->seal, ask->seq, &ask->hash, &ask->mac) != RC_OK)
        FAIL(RC_DB, "%s", err_text());
    if (ask->seq < c->floor)
        FAIL(RC_DB,
             "the audit ends with line %" PRId64 ", but line %" PRId64
             " was committed: an older copy of the database was put in its place",
             ask->seq, c->floor);
    c->floor = ask->seq;
    c->seq = ask->seq;
    c->hash = ask->hash;
    return RC_OK;
}

static enum rc add_lines(struct signer_chain *c, struct span lines) {
    while (lines.len > 0) {
        uint32_t len;
        if (lines.len < sizeof len)
            FAIL(RC_BUG, "lines of the audit that do not add up");
        memcpy(&len, lines.ptr, sizeof len);
        lines = span_of(lines.ptr + sizeof len, lines.len - sizeof len);
        if (len > lines.len || c->seq == INT64_MAX)
            FAIL(RC_BUG, "lines of the audit that do not add up");
        c->hash = sha256_of2(span_of(c->hash.bytes, SHA256_LEN), span_of(lines.ptr, len));
        c->seq++;
        lines = span_of(lines.ptr + len, lines.len - len);
    }
    return RC_OK;
}

static enum rc check_claims(const struct signer_chain *c, struct span claims) {
    struct signer_claim claim;
    if (claims.len % sizeof claim != 0)
        FAIL(RC_BUG, "records of %zu bytes", claims.len);
    for (size_t at = 0; at < claims.len; at += sizeof claim) {
        memcpy(&claim, claims.ptr + at, sizeof claim);
        if (!claim.sealed)
            FAIL(RC_REFUSED, "the record carries no seal: import it again from the operator's file");
        TRY(seal_record_check(c->seal, &claim.record, &claim.mac));
    }
    return RC_OK;
}

static enum rc go_on(struct signer_chain *c, const struct chain_ask *ask, struct span rest) {
    if (ask->word == CHAIN_LINK)
        TRY(begin(c, ask));
    else
        TRY(c->rc == RC_OK ? RC_OK : err_set(c->rc, "%s", c->text)); /* why it was not even begun */
    return ask->word == CHAIN_CLAIMS ? check_claims(c, rest) : add_lines(c, rest);
}

static void answer(struct signer_chain *c, uint64_t id, struct chain_tell *tell) {
    *tell = (struct chain_tell){.id = id};
    if (c->rc == RC_OK)
        tell->mac = seal_end_mac(c->seal, c->seq, &c->hash);
    tell->rc = c->rc;
    if (c->rc == RC_OK)
        c->linked = c->seq;
    else
        memcpy(tell->text, c->text, sizeof tell->text);
    c->rc = RC_BUG; /* a CHAIN_MORE without its CHAIN_LINK goes on from nothing */
    (void)snprintf(c->text, sizeof c->text, "%s", "nothing was begun to be linked");
}

bool signer_chain_take(struct signer_chain *c, struct span packet, struct chain_tell *tell) {
    struct chain_ask ask;
    if (packet.len < sizeof ask)
        return false;
    memcpy(&ask, packet.ptr, sizeof ask);
    if (ask.word == CHAIN_KEPT) {
        if (ask.seq == c->linked && ask.seq > c->floor)
            c->floor = ask.seq;
        return false;
    }
    c->rc = go_on(c, &ask, span_of(packet.ptr + sizeof ask, packet.len - sizeof ask));
    if (c->rc != RC_OK)
        (void)snprintf(c->text, sizeof c->text, "%.255s", err_text());
    if (!ask.last)
        return false;
    answer(c, ask.id, tell);
    return true;
}
