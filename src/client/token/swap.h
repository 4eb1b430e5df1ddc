/* The crash-safe write: the new certificate beside the old one, proven before anyone relies on it (HACKING.md, "On
   the token"). The token is the truth: each attempt begins by listing it, so every call may be repeated after any
   crash. */
#pragma once

#include "p11/object.h"
#include "pki/cert/cert.h"

/* How this token model is written to (rules/device.h); all zero: beside the old one, under the key's CKA_ID. */
struct swap_way {
    bool temporary_id;          /* a second certificate gets a temporary CKA_ID at once */
    bool general_error_is_full; /* QUIRK_GENERAL_ERROR_IS_FULL */
    /* Not NULL: when both do not fit, the old certificate goes first (FULL_DELETE_FIRST, and the programme lets it go),
       but only after this kept a copy of it where the next run finds it. */
    enum rc (*keep)(void *arg, const struct p11_cert *old);
    void *arg;
};

struct swap {
    struct p11_token token;
    struct p11_session session; /* writable, logged in; another one after a failure, in the same place, so that a key
                                   opened on &session follows */
    struct span pin;            /* the caller's; used again only because it was right once */
    bool logged_in;
    struct swap_way way; /* the caller's to set after swap_open */
    bool full;           /* the new certificate did not fit */
    bool alone;          /* one session at a time: the token has but one, or a closed one takes the login along */
};

/* One C_Login. RC_PIN_WRONG, RC_PIN_LOCKED, RC_TOKEN. `pin` must outlive the swap; ptr NULL: protected path. */
MUST enum rc swap_open(const struct p11_token *token, struct span pin, struct swap *out);
void swap_free(struct swap *s);

/* Puts `new_cert` on the token unless it is there, reads it back in a new session, and signs with the key under it.
   Nothing is destroyed, but for `way.keep`: then, when the token is full, the old certificate makes room, and is put
   back when the new one cannot be written all the same. The object gets all attributes, the key's CKA_ID, and the old
   one's label (else the subject's CN) with its own last day behind: "NAME [2022-03-14]". A token that refuses a second
   certificate with that CKA_ID gets a temporary one, which swap_clean sets right; one that refuses an attribute gets
   fewer. What the token accepted once is only looked for from then on, and surplus copies of an earlier run go.
   RC_TOKEN: not proven, nothing harmed, run again (a full token too: the text says so). RC_NOT_FOUND: the key is not on
   this token. RC_CRYPTO: the key does not sign for that certificate. RC_PIN_*: the login after a failure. */
MUST enum rc swap_write(struct swap *s, struct span old_cert, struct span new_cert);

/* Removes the old certificate object, only when the new one is proven as above and has taken the key's CKA_ID where the
   token wants those unique. Fine when that is done already. RC_REFUSED: the new one is not on the token, or is not for
   the same key. The rest as swap_write. Whether policy and server allow it is the caller's to know (R5.11). */
MUST enum rc swap_clean(struct swap *s, struct span old_cert, struct span new_cert);

/* The label of a new certificate object; a long name is cut between characters. */
void swap_label(const char *old_label, const struct cert *new_cert, char out[128]);
