/* The issuing core: judge again, reserve (recorded), sign, store (recorded), and only then hand out. Never a second
   certificate. */
#pragma once

#include "pki/cmp/cmp_srv.h"
#include "pki/signer/signer.h"
#include "service/issuing/recent.h"
#include "service/issuing/screen.h"
#include "service/site/responder.h"

struct reissue {
    struct site *site;
    struct signer *signer;
    const struct responder *responder; /* signs the receipts */
    struct recent *recent;             /* NULL: all is asked of the store */
};

/* A verified request for renewal. */
struct reissue_request {
    struct cmp_kur kur;       /* `transaction` empty: neither request nor answer is kept, and none composed */
    const char *support_code; /* goes into the audit; "" or NULL: none */
    int64_t now_ms;
};

/* granted: answer->certificate is the one certificate of this old certificate, the same bytes every time. Refusals
   carry the reason codes joined by ';' (as many as fit), or one of enum refusal (service/issuing/texts.h), with a text,
   and are audited here; a refusal that cannot be recorded is an error. Of an old certificate that neither CA issued
   nothing is recorded: `proven` is false, and who knows where it came from counts it. Other codes: our failure, nothing
   is granted, and asking again goes on with the same reservation; RC_EXISTS: another request has this transaction. */
MUST enum rc reissue_run(struct reissue *r, const struct reissue_request *req, struct cmp_answer *answer);

/* The hooks of pki/cmp/cmp_srv.h over this core; arg is a struct reissue_call made per message. */
struct reissue_call {
    struct reissue *core;
    int64_t now_ms;
    char support_code[16];               /* goes into the audit */
    char old_serial[2 * SERIAL_MAX + 2]; /* filled in as soon as it is known, for the log */
    struct issued_row loaded;            /* the hooks' own: what was issued in the transaction that was looked up */
};
void reissue_call_free(struct reissue_call *c);
struct cmp_hooks reissue_hooks(struct reissue_call *call);
