/* The receipts that were given to this machine: signed by the server, kept under the new serial in the state folder. */
#pragma once

#include "base/day.h"
#include "base/fs.h"
#include "pki/ca/ca.h"
#include "pki/cmp/cmp_keep.h"

#define SECRET_TEXT   33 /* 32 hex digits and NUL */
#define RECEIPTS_MAX  64 /* kept ones looked at */
#define RECEIPT_LIMIT (32 * 1024)

struct receipt {         /* what one says; "" where it says nothing */
    struct buf document; /* CMS, DER */
    char old_serial[48], new_serial[48], tax_code[24], channel[16];
    char contract_end[DAY_TEXT], new_not_after[INSTANT_TEXT], consent_at[INSTANT_TEXT], confirmed_at[INSTANT_TEXT];
    char consent_text[512];
    char secret[SECRET_TEXT]; /* of receipt_given only, "" when none came; no part of the document */
};
void receipt_free(struct receipt *r);

/* Reads one; `ca` NULL: its signature must hold, but nobody vouches for the signer. RC_INPUT, RC_LIMIT, RC_CRYPTO. */
MUST enum rc receipt_read(struct span document, const struct ca *ca, struct receipt *out);

/* Reads what came with an acknowledgement, its secret too. */
MUST enum rc receipt_given(const struct cmp_keep *keep, const struct ca *ca, struct receipt *out);

/* Keeps one (mode 0600), and its secret beside it; a convenience: the server gives both again, to the token's key. */
void receipts_keep(const struct receipt *r);

/* The secret kept under that new serial; "" when none is. */
void receipts_secret(const char *new_serial, char out[SECRET_TEXT]);

/* Of the renewal with that old or new serial. RC_NOT_FOUND: none, or a damaged one; RC_CRYPTO: not signed under `ca`.
 */
MUST enum rc receipts_get(const char *serial, const struct ca *ca, struct receipt *out);

/* The new serials of those that are kept; the number of them. */
int receipts_list(char serials[RECEIPTS_MAX][48]);
