/* Writes the answers of a CMP server, signed (RFC 4210 5.1.3, RFC 9483): kup, pkiConf, error and genp. */
#pragma once

#include "pki/cmp/cmp_keep.h"
#include "pki/cmp/cmp_msg.h"
#include "pki/key/key.h"

/* What all answers have in common. */
struct cmp_reply {
    const struct cmp_msg *to; /* its transaction, nonce and version come back */
    struct key *key;          /* signs */
    const struct cert *cert;  /* of `key`; goes along, with its issuer behind it */
    struct span issuer;       /* DER */
    int64_t now;              /* messageTime */
};

/* A refusal, as an error message (5.3.21). Its one statusString is `text`. */
MUST enum rc cmp_write_error(const struct cmp_reply *r, enum cmp_fail fail, const char *text, struct buf *out);

/* A kup that grants a certificate (5.3.4). */
struct cmp_grant {
    struct span certificate;
    bool modified;         /* other than it was asked for: the status says so */
    bool implicit_confirm; /* no certConf is waited for (5.1.1.1) */
};
MUST enum rc cmp_write_kup(const struct cmp_reply *r, const struct cmp_grant *g, struct buf *out);
/* A kup that rejects. */
MUST enum rc cmp_write_rejection(const struct cmp_reply *r, enum cmp_fail fail, const char *text, struct buf *out);

/* pkiConf (5.3.17), with that in its generalInfo. */
MUST enum rc cmp_write_pkiconf(const struct cmp_reply *r, const struct cmp_keep *keep, struct buf *out);

/* The same as InfoTypeAndValues for a genp; appended. */
MUST enum rc cmp_keep_infos(const struct cmp_keep *keep, struct buf *infos);

/* genp (5.3.20) with the InfoTypeAndValues in `infos`, one after the other, DER. */
MUST enum rc cmp_write_genp(const struct cmp_reply *r, struct span infos, struct buf *out);
