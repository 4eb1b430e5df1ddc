/* The subscriber's side of CMP: one kur with the token's key, the certificate written to the token inside the
 * transaction, then certConf. */
#pragma once

#include "pki/cmp/cmp_consent.h"
#include "pki/cmp/cmp_keep.h"
#include "pki/key/key.h"

struct cmp_cli {
    struct span old_cert;              /* DER */
    struct key *key;                   /* its private key */
    struct span new_ca;                /* DER: answers and the new certificate must chain to it */
    int64_t now;                       /* the server's clock: certificates are judged by it */
    const struct cmp_consent *consent; /* goes along signed (R5.10); NULL: none */
    /* Sends one CMP message (application/pkixcmp) and appends the answer. RC_NETWORK, RC_BUSY. */
    enum rc (*send)(void *arg, struct span message, struct buf *answer);
    /* Puts the certificate on the token and proves it is there, before certConf goes out. Failing sends a rejecting
     * certConf. */
    enum rc (*install)(void *arg, struct span certificate);
    void *arg;
};

struct cmp_result {
    struct buf certificate; /* what was issued; may be set although the run failed */
    struct cmp_keep keep;   /* verified under new_ca; empty: none came with the acknowledgement */
    bool confirmed;         /* the server acknowledged certConf */
    char refusal[512];      /* statusString of a refusal: "code: text", cut between characters when longer */
};
void cmp_result_free(struct cmp_result *r);

/* RC_REFUSED: see refusal. RC_NETWORK/RC_BUSY: run again; RC_BUSY may come with a refusal too ("not now"). RC_TOKEN,
   RC_PIN_*: install's or the key's failure. RC_CRYPTO: the answer is not from the CA, or is not the certificate it must
   be (same subject, same key, under new_ca). */
MUST enum rc cmp_cli_run(const struct cmp_cli *c, struct cmp_result *out);

/* Asks for receipt and secret once more, by a genm that the old or the new certificate's key signs (`old_cert` is
   either; `consent` and `install` are not used). RC_NOT_FOUND: the server has none; else as above. */
MUST enum rc cmp_cli_keep(const struct cmp_cli *c, struct cmp_keep *out);
