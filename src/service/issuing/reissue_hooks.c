/* Joins pki/cmp/cmp_srv.h to the issuing core and the store: the CMP server asks, these answer from what is recorded.
 */
#include <string.h>

#include "base/day.h"
#include "base/hex.h"
#include "base/jsonw.h"
#include "service/issuing/receipt.h"
#include "service/issuing/reissue.h"
#include "store/audit.h"

#define TEXT_KEPT 256 /* bytes of a client's own words that go into the audit */

static struct store *store_of(const struct reissue_call *c) {
    return c->core->site->store;
}

static int64_t now_of(const struct reissue_call *c) {
    return c->now_ms / 1000;
}

void reissue_call_free(struct reissue_call *c) {
    issued_row_free(&c->loaded);
}

static enum rc hook_reissue(void *arg, const struct cmp_kur *kur, struct cmp_answer *answer) {
    struct reissue_call *c = arg;
    struct cert cert;
    struct reissue_request req = {.kur = *kur, .support_code = c->support_code, .now_ms = c->now_ms};
    TRY(reissue_run(c->core, &req, answer));
    if ((answer->granted || answer->proven) && cert_parse(kur->signer, &cert) == RC_OK)
        serial_to_hex(cert.facts.serial, cert.facts.serial_len, c->old_serial);
    return RC_OK;
}

/* The new certificate's reservation, found by its serial number. */
struct by_certificate {
    struct span der;
    struct issued_row *row;
};

static enum rc find_issued(struct db *db, void *arg) {
    struct by_certificate *b = arg;
    struct cert cert;
    char serial[2 * SERIAL_MAX + 2];
    TRY(cert_parse(b->der, &cert));
    serial_to_hex(cert.facts.serial, cert.facts.serial_len, serial);
    TRY(issue_by_new_serial(db, serial, b->row));
    if (!span_eq(buf_span(&b->row->der), b->der))
        FAIL(RC_NOT_FOUND, "certificate %s is not the one we issued under that serial number", serial);
    return RC_OK;
}

struct load_tx {
    struct span transaction;
    struct cmp_tx_row row;
    struct issued_row *issued;
};

static void load_tx_free(struct load_tx *l) {
    cmp_tx_row_free(&l->row);
}

static enum rc load_body(struct db *db, void *arg) {
    struct load_tx *l = arg;
    TRY(cmp_tx_get(db, l->transaction, &l->row));
    if (l->row.response.len == 0) /* kept before it was answered, and not answered since */
        return RC_OK;
    enum rc rc = issue_get(db, l->row.old_id, l->issued);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && l->issued->der.len == 0))
        FAIL(RC_BUG, "a CMP transaction is recorded without its certificate");
    return rc;
}

static struct buf give(struct buf *b) {
    struct buf given = *b;
    *b = (struct buf){0};
    return given;
}

static bool remembered(struct reissue_call *c, struct span transaction, struct cmp_saved *saved) {
    AUTO(granted) g = {0};
    if (c->core->recent == NULL || !recent_take(c->core->recent, transaction, &g))
        return false;
    saved->request = give(&g.request);
    saved->response = give(&g.response);
    issued_row_free(&c->loaded);
    c->loaded = g.issued;
    g.issued = (struct issued_row){0};
    memcpy(c->old_serial, c->loaded.old_serial, sizeof c->old_serial);
    return true;
}

static enum rc hook_load(void *arg, struct span transaction, struct cmp_saved *saved) {
    struct reissue_call *c = arg;
    AUTO(load_tx) l = {.transaction = transaction, .issued = &c->loaded};
    if (remembered(c, transaction, saved))
        return buf_set(&saved->certificate, buf_span(&c->loaded.der));
    TRY(store_read(store_of(c), load_body, &l));
    memcpy(c->old_serial, l.row.old_serial, sizeof c->old_serial);
    saved->request = give(&l.row.request);
    saved->response = give(&l.row.response);
    return buf_set(&saved->certificate, buf_span(&c->loaded.der));
}

struct note {                /* what an audit line tells beside the transaction */
    const char *code, *text; /* NULL: none */
    struct span receipt;     /* its hash is told; empty: none */
};

/* {"code":"…","transaction":"HEX","text":"…","receipt":"SHA-256","support_code":"…"} */
static enum rc detail_of(const struct reissue_call *c, struct span transaction, const struct note *n, struct buf *out) {
    AUTO(jsonw) w = {0};
    char id[2 * 64 + 1] = "", hash[2 * SHA256_LEN + 1];
    if (transaction.len <= 64)
        hex_to(transaction.ptr, transaction.len, id);
    jsonw_object(&w, NULL);
    if (n->code != NULL)
        jsonw_str(&w, "code", n->code);
    jsonw_str(&w, "transaction", id);
    if (n->text != NULL && n->text[0] != '\0')
        jsonw_span(&w, "text", span_of(n->text, strnlen(n->text, TEXT_KEPT)));
    if (n->receipt.len > 0) {
        sha256_hex(sha256_of(n->receipt), hash);
        jsonw_str(&w, "receipt", hash);
    }
    if (c->support_code[0] != '\0')
        jsonw_str(&w, "support_code", c->support_code);
    jsonw_close(&w, '}');
    TRY(jsonw_end(&w));
    return buf_add_span(out, buf_span(&w.out));
}

static enum rc confirm_body(struct tx *tx, void *arg) {
    return issue_confirm(tx, arg);
}

struct keeping {
    int64_t old_id;
    struct kept_row row;
    char secret[2 * ISSUE_SECRET_LEN + 1]; /* one that may be given */
};

static void keeping_free(struct keeping *k) {
    kept_row_free(&k->row);
}

static void make_secret(char out[2 * ISSUE_SECRET_LEN + 1]) {
    uint8_t bytes[ISSUE_SECRET_LEN];
    random_bytes(bytes, sizeof bytes);
    hex_to(bytes, sizeof bytes, out);
}

static enum rc read_kept(struct db *db, void *arg) {
    struct keeping *k = arg;
    enum rc rc = issue_kept(db, k->old_id, &k->row);
    return rc == RC_NOT_FOUND ? RC_OK : rc; /* confirmed before receipts were given */
}

static enum rc give_secret(struct tx *tx, void *arg) {
    struct keeping *k = arg;
    TRY(issue_secret(tx, k->old_id, k->secret));
    return read_kept(tx->db, k);
}

static enum rc put_secret(const char *hex, struct buf *out) {
    uint8_t bytes[ISSUE_SECRET_LEN];
    size_t len = sizeof bytes;
    TRY(hex_from(hex, bytes, &len));
    return buf_set(out, span_of(bytes, len));
}

/* As the store has it; what was confirmed before there were secrets gets one now. */
static enum rc stored_keep(const struct reissue_call *c, int64_t old_id, struct cmp_keep *out) {
    AUTO(keeping) k = {.old_id = old_id};
    TRY(store_read(store_of(c), read_kept, &k));
    if (k.row.receipt.len == 0)
        return RC_OK;
    if (k.row.secret[0] == '\0') {
        make_secret(k.secret);
        TRY(store_write(store_of(c), now_of(c), give_secret, &k));
    }
    TRY(buf_set(&out->receipt, buf_span(&k.row.receipt)));
    return put_secret(k.row.secret, &out->secret);
}

static enum rc not_installed(const struct reissue_call *c, const struct issued_row *row, struct span transaction,
                             const char *text) {
    AUTO(buf) detail = {0};
    TRY(detail_of(c, transaction, &(struct note){.text = text}, &detail));
    struct confirmation con = {.old_id = row->old_id, .old_serial = row->old_serial, .detail = buf_str(&detail)};
    return store_write(store_of(c), now_of(c), confirm_body, &con);
}

/* Whoever confirms first, its receipt is the one: what is answered is always what the store holds. */
static enum rc confirm(const struct reissue_call *c, const struct issued_row *row, struct span transaction,
                       struct cmp_keep *keep) {
    const struct reissue *core = c->core;
    char secret[2 * ISSUE_SECRET_LEN + 1];
    AUTO(buf) fresh = {0};
    AUTO(buf) detail = {0};
    if (row->confirmed_at != INSTANT_NONE) /* said before: nothing to record */
        return stored_keep(c, row->old_id, keep);
    make_secret(secret);
    TRY(receipt_make(core->responder, &core->site->campaign, row, now_of(c), &fresh));
    TRY(detail_of(c, transaction, &(struct note){.receipt = buf_span(&fresh)}, &detail));
    struct confirmation con = {.old_id = row->old_id,
                               .old_serial = row->old_serial,
                               .accepted = true,
                               .receipt = buf_span(&fresh),
                               .secret = secret,
                               .detail = buf_str(&detail)};
    TRY(store_write(store_of(c), now_of(c), confirm_body, &con));
    if (!con.first)
        return stored_keep(c, row->old_id, keep);
    TRY(buf_set(&keep->receipt, buf_span(&fresh)));
    return put_secret(secret, &keep->secret);
}

static enum rc hook_confirm(void *arg, struct span transaction, struct span certificate, bool accepted,
                            const char *text, struct cmp_keep *keep) {
    struct reissue_call *c = arg;
    struct by_certificate issued = {certificate, &c->loaded};
    if (!span_eq(buf_span(&c->loaded.der), certificate)) /* confirmed with the grant: nothing was looked up */
        TRY(store_read(store_of(c), find_issued, &issued));
    memcpy(c->old_serial, c->loaded.old_serial, sizeof c->old_serial);
    return accepted ? confirm(c, &c->loaded, transaction, keep) : not_installed(c, &c->loaded, transaction, text);
}

static enum rc find_subject(struct db *db, void *arg) {
    struct by_certificate *b = arg;
    return receipt_subject(db, b->der, b->row);
}

static enum rc hook_keep(void *arg, struct span certificate, struct cmp_keep *keep) {
    struct reissue_call *c = arg;
    struct by_certificate subject = {certificate, &c->loaded};
    TRY(store_read(store_of(c), find_subject, &subject));
    memcpy(c->old_serial, c->loaded.old_serial, sizeof c->old_serial);
    TRY(stored_keep(c, c->loaded.old_id, keep));
    if (keep->receipt.len == 0)
        FAIL(RC_NOT_FOUND, "nothing is confirmed for that certificate, so there is no receipt");
    return RC_OK;
}

static enum rc refused_body(struct tx *tx, void *arg) {
    return audit_put(tx, arg);
}

/* As an INTEGER a serial number has a zero byte more when its high bit is set. */
static struct span magnitude(struct span integer) {
    bool sign_byte = integer.len > 1 && integer.ptr[0] == 0;
    return sign_byte ? span_of(integer.ptr + 1, integer.len - 1) : integer;
}

/* Nothing is recorded of who proves nothing. */
static enum rc hook_refused(void *arg, struct span transaction, struct span signer_serial, const char *code,
                            const char *text) {
    struct reissue_call *c = arg;
    AUTO(buf) detail = {0};
    struct span serial = magnitude(signer_serial);
    if (serial.len == 0 || serial.len > SERIAL_MAX)
        return RC_OK;
    serial_to_hex(serial.ptr, serial.len, c->old_serial);
    TRY(detail_of(c, transaction, &(struct note){.code = code, .text = text}, &detail));
    struct audit_event e = {
        .kind = "refused", .old_serial = c->old_serial, .actor = "subscriber", .detail = buf_str(&detail)};
    return store_write(store_of(c), now_of(c), refused_body, &e);
}

struct cmp_hooks reissue_hooks(struct reissue_call *call) {
    return (struct cmp_hooks){.reissue = hook_reissue,
                              .load = hook_load,
                              .confirm = hook_confirm,
                              .keep = hook_keep,
                              .refused = hook_refused,
                              .arg = call};
}
