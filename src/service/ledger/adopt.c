/* Seals what was written before there was a key (declared in service/ledger/adopt.h). */
#include "service/ledger/adopt.h"

#include "service/site/sealer.h"

static enum rc look(struct db *db, void *arg) {
    return audit_verify(db, arg);
}

struct adopting {
    struct sealer *sealer;
    char *actor;
};

static enum rc adopt(struct tx *tx, void *arg) {
    const struct adopting *a = arg;
    TRY(certs_seal_all(tx, sealer_records(a->sealer)));
    return audit_put(tx, &(struct audit_event){.kind = "adopted", .actor = a->actor});
}

static enum rc make_key(const char *path) {
    return fs_exists(path) ? RC_OK : seal_make(path);
}

static enum rc line_see(void *arg, const struct audit_line *l) {
    (void)arg;
    if (span_eq_str(l->kind, "adopted"))
        FAIL(RC_REFUSED, "this installation was sealed before, line %lld of the audit says so: " CERTS_SEALED_BEFORE,
             (long long)l->seq);
    return RC_OK;
}

static enum rc lines_see(struct db *db, void *arg) {
    return audit_each(db, line_see, arg);
}

static enum rc must_be_older(struct site *s) {
    TRY(store_read(s->store, lines_see, NULL));
    return sealer_none_before(s->sealer);
}

enum rc ledger_adopt(struct site *s, char *actor, int64_t *lines) {
    struct audit_end end;
    TRY(store_read(s->store, look, &end));
    if (end.sealed)
        FAIL(RC_EXISTS, "the audit is sealed already");
    TRY(must_be_older(s));
    TRY(make_key(s->conf.seal_key));
    store_link(s->store, sealer_linker(s->sealer, SEALER_ADOPTS), NULL);
    enum rc rc = store_write(s->store, conf_now(&s->conf), adopt, &(struct adopting){s->sealer, actor});
    store_link(s->store, sealer_linker(s->sealer, SEALER_GOES_ON), NULL);
    *lines = end.seq + 1;
    return rc;
}
