/* Fuzzes a whole CMP exchange (dependencies: pki): the input changes a kur by its structure, then the certConf for what
   that was granted; both are signed again, so that what is behind the signatures is reached. What is granted is for the
   certificate beside the request, and confirmed is only what was granted. */
#include <string.h>

#include "fuzz_cmp_world.h"
#include "lib/der_mutate.h"
#include "lib/kur.h"

static struct buf base;
static struct cmp_saved kept; /* of this input */
static int grants, confirmations;

static enum rc on_reissue(void *arg, const struct cmp_kur *kur, struct cmp_answer *a) {
    (void)arg;
    require(span_eq(kur->signer, buf_span(&owner)));
    require(kur->new_spki.len == 0 || kur->new_spki.len > 40);
    grants++;
    TRY(world_grant(kur, a));
    return world_keep(kur, a, &kept);
}

static enum rc on_load(void *arg, struct span transaction, struct cmp_saved *saved) {
    struct cmp_msg m;
    (void)arg;
    if (kept.request.len == 0)
        FAIL(RC_NOT_FOUND, "nothing is kept");
    require(cmp_msg_parse(buf_span(&kept.request), &m) == RC_OK);
    if (!span_eq(m.transaction, transaction))
        FAIL(RC_NOT_FOUND, "another transaction");
    return world_find(&kept, saved);
}

static enum rc on_confirm(void *arg, struct span transaction, struct span certificate, bool accepted, const char *text,
                          struct cmp_keep *keep) {
    (void)arg, (void)transaction, (void)text;
    require(grants > 0 && span_eq(certificate, buf_span(&issued)));
    confirmations += accepted;
    return buf_set(&keep->receipt, span_of("\x30\x03\x02\x01\x07", 5));
}

static struct kur of_owner(void) {
    return (struct kur){.old_cert = buf_span(&owner), .key = owner_key};
}

static void set_up(void) {
    world_set_up(true);
    const struct kur k = of_owner();
    require(kur_write(&k, &base) == RC_OK);
}

/* Changes header and body as the input says, eight bytes a change, at most four; signs again. */
static struct span change(struct span input, struct buf *message) {
    const struct kur k = of_owner();
    AUTO(buf) part = {0};
    struct cmp_msg m;
    int changes = input.len > 0 ? input.ptr[0] % 5 : 0;
    require(cmp_msg_parse(buf_span(message), &m) == RC_OK);
    require(buf_add_span(&part, span_of(m.header.ptr, m.header.len + m.body.len)) == RC_OK);
    if (input.len > 0)
        input = span_of(input.ptr + 1, input.len - 1);
    for (; changes > 0 && input.len >= 8; changes--) {
        AUTO(buf) next = {0};
        struct mutator mutator;
        memcpy(&mutator.state, input.ptr, 8);
        mutator.state |= 1;
        der_mutate(&mutator, buf_span(&part), &next);
        require(buf_set(&part, buf_span(&next)) == RC_OK);
        input = span_of(input.ptr + 8, input.len - 8);
    }
    require(kur_protect(&k, buf_span(&part), message) == RC_OK);
    return input;
}

/* What comes back is ours, signed, and says what it refuses. */
static bool handle(const struct buf *message, struct buf *answer, struct cmp_msg *m) {
    const struct cmp_hooks hooks = {on_reissue, on_load, on_confirm, NULL, world_refused, NULL};
    char code[CMP_CODE];
    buf_clear(answer);
    enum rc rc = cmp_srv_handle(srv, buf_span(message), NOW, &hooks, answer, code);
    require(rc == RC_OK || rc == RC_INPUT || rc == RC_LIMIT);
    if (rc != RC_OK)
        return false;
    require(cmp_msg_parse(buf_span(answer), m) == RC_OK && m->protection == CMP_SIGNED);
    require((m->type == CMP_ERROR) == (code[0] != 0));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(buf) message = {0};
    AUTO(buf) answer = {0};
    AUTO(buf) again = {0};
    AUTO(buf) conf = {0};
    struct cmp_msg m;
    if (srv == NULL)
        set_up();
    const struct kur k = of_owner();
    grants = confirmations = 0;
    buf_clear(&kept.request);
    require(buf_set(&message, buf_span(&base)) == RC_OK);
    struct span rest = change(span_of(data, size), &message);
    if (!handle(&message, &answer, &m) || m.type != CMP_KUP)
        return 0;
    require(grants == 1 && kur_confirm(&k, buf_span(&answer), NULL, &conf) == RC_OK);
    (void)change(rest, &conf);
    (void)handle(&conf, &again, &m);
    require(confirmations <= 2);
    return 0;
}
