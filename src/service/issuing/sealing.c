/* Between the store's ends of the audit and the signer's (declared in service/issuing/sealing.h). */
#include "service/issuing/sealing.h"

#include "pki/signer/signer_lines.h"
#include "service/site/sealer.h"

/* The parent comes to the new end by itself. */
static enum rc link_lines(void *arg, const struct audit_head *head, struct sha256 *mac) {
    const struct audit_end *from = &head->from;
    const struct signer_lines in = {from->seq, from->hash, from->mac, buf_span(&head->lines), buf_span(&head->claims)};
    if (!from->sealed)
        FAIL(RC_DB, SEALER_NO_SEAL);
    return signer_lines_link(arg, &in, mac);
}

static void kept(void *arg, int64_t seq) {
    signer_lines_kept(arg, seq);
}

struct audit_linker sealing_by(struct signer *s) {
    return (struct audit_linker){link_lines, kept, s};
}
