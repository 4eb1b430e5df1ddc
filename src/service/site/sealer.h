/* Seals what capbuctl writes: in its own process, by the installation's key. Not for the network process. */
#pragma once

#include "pki/seal/seal.h"
#include "store/audit.h"
#include "store/certs.h"

/* What may be gone on from beside an audit whose seal holds. */
enum sealer_from {
    SEALER_GOES_ON, /* nothing */
    SEALER_BEGINS,  /* one that has no line yet: capbuctl init */
    SEALER_ADOPTS   /* one without a seal: capbuctl audit adopt */
};

struct sealer;

/* What to do when the audit carries no seal. */
#define SEALER_NO_SEAL                                                                                                 \
    "the audit carries no seal: if this database is from before there were any, capbuctl audit adopt seals it; else "  \
    "it was rewritten"

/* The key is read when it is first needed, and the journal's head when a seal does not hold: by it one knows whether
   the key is this installation's. */
MUST enum rc sealer_new(const char *key_path, const char *journal_path, struct sealer **out);
void sealer_free(struct sealer *s);
OWN(sealer)

/* Borrowed. As seal_open. */
MUST enum rc sealer_key(struct sealer *s, const struct seal **out);

/* Lives as long as the sealer. */
const struct audit_linker *sealer_linker(struct sealer *s, enum sealer_from from);

/* The same for records. */
const struct cert_sealer *sealer_records(struct sealer *s);

/* RC_REFUSED: the record is not as it was sealed, or carries no seal. */
MUST enum rc sealer_check_record(struct sealer *s, const struct cert_row *r);

/* RC_REFUSED: by its journal this installation was sealed before, whatever its database says. */
MUST enum rc sealer_none_before(struct sealer *s);

/* Does it hold? RC_REFUSED: no, or there is none; RC_INPUT: the key is another installation's. The text says what to
   do. */
MUST enum rc sealer_check(struct sealer *s, const struct audit_end *end);
