/* Writing, proving and cleaning on the token. Every attempt starts from what a fresh listing shows; any error means
   "unknown", so it is followed by a new session and another attempt, never by a conclusion. */
#include "client/token/swap.h"

#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "base/digest.h"
#include "client/token/copies.h"
#include "client/token/pin.h"
#include "pki/cert/oid.h"
#include "pki/key/key.h"

/* One more than the longest way: refused, refused again, temporary CKA_ID, bare; room made is one more. */
#define ATTEMPTS  5
#define KEYS_MAX  64
#define TEMP_ID   20 /* bytes of the new certificate's SHA-256 */
#define PROBE_LEN 32

struct job {
    struct swap *s;
    struct span old_der;
    struct cert new_cert;
    bool same_key; /* as the old certificate: a renewal, no re-key */
    uint8_t key_id[CKA_ID_MAX];
    size_t key_id_len;
    int refused;         /* creations refused although the token was there */
    bool made_room;      /* the old certificate was removed for the new one */
    struct p11_cert old; /* as it was then; the bytes are old_der's */
    bool destroyed;      /* the old certificate was asked to go */
    bool over;           /* no further attempt in this process */
    bool accepted;       /* C_CreateObject said yes: looked for, never made again */
    size_t unreadable;   /* certificates that the first listing could not read */
    bool listed;
    enum p11_template how; /* as much as the token takes */
};

enum rc swap_open(const struct p11_token *token, struct span pin, struct swap *out) {
    AUTO(swap) s = {.token = *token, .pin = pin};
    TRY(p11_session_open(token, true, &s.session));
    TRY(p11_login(&s.session, pin));
    s.logged_in = true;
    *out = s;
    s = (struct swap){0};
    return RC_OK;
}

void swap_free(struct swap *s) {
    if (s->session.module != NULL)
        p11_session_free(&s->session);
    *s = (struct swap){0};
}

/* Another session in the place of the old one. */
static enum rc session_anew(struct swap *s) {
    AUTO(p11_session) fresh = {0};

    if (s->alone)
        p11_session_free(&s->session);
    enum rc rc = p11_session_open(&s->token, true, &fresh);
    if (rc != RC_OK && p11_last_rv() == CKR_SESSION_COUNT && !s->alone) {
        s->alone = true;
        p11_session_free(&s->session);
        rc = p11_session_open(&s->token, true, &fresh);
    }
    if (s->session.module == NULL)
        s->session.module = s->token.module; /* a session that is none */
    TRY(rc);
    rc = p11_login(&fresh, s->pin);
    s->logged_in = rc == RC_OK;
    s->refused = rc == RC_PIN_WRONG || rc == RC_PIN_LOCKED ? p11_last_rv() : CKR_OK;
    TRY(rc);
    p11_session_free(&s->session);
    s->closed = true;
    s->session = fresh;
    fresh = (struct p11_session){0};
    return RC_OK;
}

/* The session opened first and the old one closed after: while the card stays in, the login lives on and the PIN is not
   tried again. When it was pulled out, the PIN that was right is used once more; one that fails is never tried again.
 */
enum rc swap_login_again(struct swap *s) {
    struct p11_token now = s->token;
    bool full = s->full;
    s->full = false; /* a token that is gone is not full */
    if (!s->logged_in)
        FAIL(RC_TOKEN, "the login to the token was lost");
    enum rc rc = p11_token_refresh(&now);
    if (rc == RC_NOT_FOUND)
        FAIL(RC_TOKEN, "another token was plugged in meanwhile: plug \"%s\" in again", s->token.label);
    TRY(rc);
    s->token = now; /* a caller sees by it why no try was spent */
    TRY(pin_allowed(&now, false));
    TRY(session_anew(s));
    s->full = full;
    return RC_OK;
}

/* Repeats `attempt` in new sessions until it says something final. */
static enum rc persist(struct job *j, enum rc (*attempt)(struct job *)) {
    for (int left = ATTEMPTS + (j->s->way.keep != NULL);; left--) {
        bool was_full = j->s->full;
        enum rc rc = attempt(j);
        bool unknown = rc == RC_TOKEN || rc == RC_NOT_FOUND; /* without login private keys are just not there */
        CK_RV rv = p11_last_rv();
        bool logged_out = rv == CKR_USER_NOT_LOGGED_IN && j->s->closed;
        j->s->alone |= unknown && (rv == CKR_SESSION_COUNT || logged_out || rc == RC_NOT_FOUND);
        if (!unknown || left == 1 || was_full || j->over)
            return rc;
        TRY(swap_login_again(j->s));
    }
}

static const struct p11_cert *find_der(const struct p11_certs *certs, struct span der) {
    for (size_t i = 0; i < certs->count; i++)
        if (span_eq(buf_span(&certs->at[i].der), der))
            return &certs->at[i];
    return NULL;
}

static struct span id_of(const struct p11_cert *c) {
    return span_of(c->id, c->id_len);
}

static struct span key_id(const struct job *j) {
    return span_of(j->key_id, j->key_id_len);
}

/* Does another certificate than the new one carry the key's CKA_ID? */
static bool id_in_use(const struct job *j, const struct p11_certs *certs) {
    for (size_t i = 0; i < certs->count; i++)
        if (span_eq(id_of(&certs->at[i]), key_id(j)) && !span_eq(buf_span(&certs->at[i].der), j->new_cert.der))
            return true;
    return false;
}

static bool take_key_id(struct job *j, const struct p11_key *keys, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!p11_key_is(&keys[i], j->new_cert.modulus, j->new_cert.point))
            continue;
        memcpy(j->key_id, keys[i].id, keys[i].id_len);
        j->key_id_len = keys[i].id_len;
        return true;
    }
    return false;
}

/* The CKA_ID the key itself has: from its private half, its public half, or as the last hint the old certificate. */
static enum rc read_key_id(struct job *j, const struct p11_certs *certs) {
    struct p11_key keys[KEYS_MAX];
    size_t count = 0;
    for (int private = 1; private >= 0; private --) {
        TRY(p11_keys_list(&j->s->session, private == 1, keys, KEYS_MAX, &count));
        if (take_key_id(j, keys, count))
            return RC_OK;
    }
    const struct p11_cert *old = j->same_key ? find_der(certs, j->old_der) : NULL;
    if (old == NULL)
        FAIL(RC_NOT_FOUND, "the certificate's key is not on token \"%s\"", j->s->token.label);
    memcpy(j->key_id, old->id, old->id_len);
    j->key_id_len = old->id_len;
    return RC_OK;
}

/* Errors that say nothing about the object: no reason to think that the token dislikes its CKA_ID. */
static bool about_the_device(CK_RV rv) {
    if (p11_rv_of_driver(rv))
        return true;
    switch (rv) {
    case CKR_DEVICE_MEMORY:
    case CKR_DEVICE_REMOVED:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_WRITE_PROTECTED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_SESSION_READ_ONLY:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_HOST_MEMORY:
    case CKR_CRYPTOKI_NOT_INITIALIZED:
        return true;
    default:
        return false;
    }
}

static enum rc put_once(struct job *j, const struct p11_cert *old, struct span id) {
    char label[128];
    CK_OBJECT_HANDLE made;

    swap_label(old != NULL ? old->label : "", &j->new_cert, label);
    struct p11_cert_attrs attrs = {
        j->new_cert.subject, j->new_cert.issuer, j->new_cert.serial_der, j->new_cert.der, id, label};
    enum rc rc = p11_cert_create(&j->s->session, &attrs, j->how, &made);
    j->accepted = rc == RC_OK;
    return rc;
}

/* Fewer attributes each time, as long as it is those that are not liked, and nothing came of it. */
static enum rc put_new(struct job *j, const struct p11_cert *old, struct span id) {
    for (;; j->how++) {
        enum rc rc = put_once(j, old, id);
        if (rc == RC_OK || j->how + 1 == TEMPLATE_COUNT || !p11_rv_of_template(p11_last_rv()))
            return rc;
        AUTO(p11_certs) now = {0};
        CK_RV rv = p11_last_rv();
        TRY(p11_certs_list(&j->s->session, &now));
        if (find_der(&now, j->new_cert.der) != NULL || now.unreadable > j->unreadable)
            return p11_check(rv, "C_CreateObject"); /* "unknown": the next attempt sees it */
    }
}

/* Where this fails nothing more is asked of the module: OpenSC 0.23 has freed the object then and still shows it, and
   reads freed memory when its attributes are wanted. Another process starts from what is on the token. */
static enum rc destroy(struct job *j, CK_OBJECT_HANDLE old) {
    j->destroyed = true;
    enum rc rc = p11_object_destroy(&j->s->session, old);
    j->over = rc != RC_OK;
    return rc;
}

/* R5.11: the old certificate may go, and only so the new one fits. What is removed is kept first, where the next run
   finds it whatever happens here. */
static enum rc make_room(struct job *j, const struct p11_cert *old) {
    TRY(j->s->way.keep(j->s->way.arg, old));
    j->old = *old;
    j->old.der = (struct buf){0};
    j->made_room = true;
    TRY(destroy(j, old->handle));
    j->s->full = false;
    return RC_OK;
}

static enum rc say_full(const struct job *j) {
    FAIL(RC_TOKEN,
         "token \"%s\" is full: the new certificate does not fit beside the old one. Nothing was changed; "
         "the old certificate and its key work as before",
         j->s->token.label);
}

static bool is_full(const struct job *j, CK_RV rv, bool temporary) {
    bool general = rv == CKR_GENERAL_ERROR && j->s->way.general_error_is_full;
    return rv == CKR_DEVICE_MEMORY || (general && temporary);
}

static enum rc create(struct job *j, const struct p11_certs *certs) {
    const struct p11_cert *old = find_der(certs, j->old_der);
    struct sha256 hash = sha256_of(j->new_cert.der);

    if (j->s->full && (j->s->way.keep == NULL || old == NULL))
        return say_full(j);
    if (j->s->full)
        TRY(make_room(j, old));
    /* Refused twice the same way, in two sessions: there are cards that want every CKA_ID once only. */
    bool taken = !j->made_room && id_in_use(j, certs);
    bool temporary = j->refused >= 2 || (taken && j->s->way.temporary_id);
    temporary = temporary && !j->made_room;
    enum rc rc = put_new(j, j->made_room ? &j->old : old, temporary ? span_of(hash.bytes, TEMP_ID) : key_id(j));
    if (rc == RC_OK)
        return RC_OK;
    j->s->full = is_full(j, p11_last_rv(), temporary);
    bool dislike = !about_the_device(p11_last_rv());
    if (dislike && (temporary || !taken)) /* it is not the CKA_ID, so it may be the rest */
        j->how = TEMPLATE_BARE;
    j->refused += dislike && taken;
    /* A directory file that is full is CKR_GENERAL_ERROR in OpenSC, not CKR_DEVICE_MEMORY. */
    return temporary && dislike ? err_in(rc, "it takes no further certificate, perhaps it is full") : rc;
}

/* A certificate whose key is here under another CKA_ID gets that one, unless another certificate has it. */
static enum rc repair_id(struct job *j) {
    AUTO(p11_certs) certs = {0};
    TRY(p11_certs_list(&j->s->session, &certs));
    const struct p11_cert *c = find_der(&certs, j->new_cert.der);
    if (c == NULL || span_eq(id_of(c), key_id(j)) || id_in_use(j, &certs))
        return RC_OK;
    return p11_cert_set_id(&j->s->session, c->handle, key_id(j));
}

static enum rc seen_back(struct job *j, const struct p11_session *session, bool old_gone) {
    AUTO(p11_certs) certs = {0};
    TRY(p11_certs_list(session, &certs));
    if (find_der(&certs, j->new_cert.der) == NULL)
        FAIL(RC_TOKEN, "the new certificate cannot be read back from token \"%s\"", j->s->token.label);
    if (old_gone && find_der(&certs, j->old_der) != NULL)
        FAIL(RC_TOKEN, "the old certificate is still on token \"%s\"", j->s->token.label);
    return RC_OK;
}

/* OpenSC#564: success reported, nothing stored. What a new session shows is what there is. */
static enum rc read_back(struct job *j, bool old_gone) {
    AUTO(p11_session) fresh = {0};
    if (!j->s->alone) {
        enum rc rc = p11_session_open(&j->s->token, false, &fresh);
        j->s->alone = rc != RC_OK && p11_last_rv() == CKR_SESSION_COUNT;
        if (!j->s->alone)
            TRY(rc);
        j->s->closed = true; /* when we are through with it */
    }
    if (j->s->alone)
        TRY(session_anew(j->s));
    return seen_back(j, j->s->alone ? &j->s->session : &fresh, old_gone);
}

static enum rc test_sign(struct job *j) {
    uint8_t probe[PROBE_LEN];
    AUTO_PTR(key) key = NULL;
    AUTO(buf) signature = {0};
    random_bytes(probe, sizeof probe);
    TRY(key_open_token(&j->s->session, &j->new_cert, &key));
    TRY(key_sign(key, span_of(probe, sizeof probe), &signature));
    enum rc rc = key_verify(&j->new_cert, span_of(probe, sizeof probe), buf_span(&signature));
    return rc == RC_OK ? RC_OK : err_in(rc, "test signature under the new certificate");
}

static enum rc prove(struct job *j) {
    TRY(read_back(j, false));
    return test_sign(j);
}

static enum rc write_once(struct job *j) {
    AUTO(p11_certs) certs = {0};
    TRY(p11_certs_list(&j->s->session, &certs));
    TRY(read_key_id(j, &certs));
    const struct p11_cert *there = find_der(&certs, j->new_cert.der);
    j->unreadable = j->listed ? j->unreadable : certs.unreadable;
    j->listed = true;
    if (there == NULL && (j->accepted || certs.unreadable > j->unreadable)) /* never a second copy */
        FAIL(RC_TOKEN, "the new certificate cannot be read back from token \"%s\"", j->s->token.label);
    if (there == NULL)
        TRY(create(j, &certs));
    enum rc repaired = there == NULL ? RC_OK : repair_id(j);
    (void)repaired; /* it keeps its CKA_ID then: the certificate counts, and the proof shows whether it works */
    TRY(prove(j));
    if (there != NULL)
        copies_remove(&j->s->session, j->new_cert.der, key_id(j));
    return RC_OK;
}

static enum rc list_with_new(struct job *j, struct p11_certs *certs) {
    TRY(p11_certs_list(&j->s->session, certs));
    if (find_der(certs, j->new_cert.der) == NULL)
        FAIL(j->destroyed ? RC_TOKEN : RC_REFUSED, "the new certificate is not on token \"%s\"", j->s->token.label);
    return RC_OK;
}

/* The old certificate gets a temporary CKA_ID and the new one the key's, where the token wants them unique. */
static enum rc move_ids(struct job *j, const struct p11_certs *certs) {
    if (span_eq(id_of(find_der(certs, j->new_cert.der)), key_id(j)))
        return RC_OK;
    for (size_t i = 0; i < certs->count; i++) {
        const struct p11_cert *c = &certs->at[i];
        struct sha256 hash = sha256_of(j->old_der);
        if (span_eq(buf_span(&c->der), j->old_der) && span_eq(id_of(c), key_id(j)))
            TRY(p11_cert_set_id(&j->s->session, c->handle, span_of(hash.bytes, TEMP_ID)));
    }
    return repair_id(j);
}

static enum rc clean_once(struct job *j) {
    AUTO(p11_certs) before = {0};
    AUTO(p11_certs) certs = {0};
    TRY(list_with_new(j, &before));
    TRY(read_key_id(j, &before));
    TRY(prove(j));
    /* Before anything is destroyed: a token that refuses it keeps the old certificate, which applications find by that
       CKA_ID; and destroying, which is what a power cut harms on PKCS#15 cards, leaves nothing to do. */
    enum rc moved = move_ids(j, &before);
    if (moved != RC_OK)
        return err_in(moved, "the new certificate cannot take the key's CKA_ID, so the old one stays");
    TRY(list_with_new(j, &certs)); /* as it is now */
    for (size_t i = 0; i < certs.count; i++)
        if (span_eq(buf_span(&certs.at[i].der), j->old_der))
            TRY(destroy(j, certs.at[i].handle));
    return read_back(j, true);
}

static enum rc job_open(struct swap *s, struct span old_der, struct span new_der, struct job *j) {
    struct cert old;
    *j = (struct job){.s = s, .old_der = old_der};
    TRY(cert_parse(new_der, &j->new_cert));
    TRY(cert_parse(old_der, &old));
    j->same_key = cert_same_key(&old, &j->new_cert);
    return RC_OK;
}

/* The old certificate goes back under what it was called, unless the new one came after all. */
static enum rc put_back(struct job *j) {
    AUTO(p11_certs) certs = {0};
    struct cert old;
    CK_OBJECT_HANDLE made;

    TRY(cert_parse(j->old_der, &old));
    TRY(swap_login_again(j->s));
    TRY(p11_certs_list(&j->s->session, &certs));
    if (find_der(&certs, j->old_der) != NULL)
        return RC_OK;
    if (find_der(&certs, j->new_cert.der) != NULL)
        FAIL(RC_TOKEN, "the new certificate is there, but not proven");
    struct p11_cert_attrs attrs = {old.subject, old.issuer, old.serial_der, old.der, id_of(&j->old), j->old.label};
    return p11_cert_create(&j->s->session, &attrs, j->how, &made);
}

enum rc swap_write(struct swap *s, struct span old_cert, struct span new_cert) {
    struct job j;
    TRY(job_open(s, old_cert, new_cert, &j));
    enum rc rc = persist(&j, write_once);
    if (rc == RC_OK || !j.made_room || j.over)
        return rc;
    enum rc back = put_back(&j);
    FAIL(RC_TOKEN, "the new certificate could not be written; %s",
         back == RC_OK ? "the old one was put back" : "a copy of the old one is kept on this computer: run again");
}

enum rc swap_clean(struct swap *s, struct span old_cert, struct span new_cert) {
    struct job j;
    TRY(job_open(s, old_cert, new_cert, &j));
    if (span_eq(old_cert, new_cert) || !j.same_key)
        FAIL(RC_REFUSED, "the certificate that stays is not a renewal of the one to remove");
    return persist(&j, clean_once);
}

/* "NAME [2022-03-14]" without its end, when it has one. */
static size_t bare_len(const char *label) {
    const char *mark = strrchr(label, '[');
    int32_t day;
    char text[DAY_TEXT];
    bool marked = mark != NULL && mark > label && mark[-1] == ' ' && strlen(mark) == DAY_TEXT + 1 &&
                  mark[DAY_TEXT] == ']' && text_set_span(text, sizeof text, span_of(mark + 1, DAY_TEXT - 1)) == RC_OK &&
                  day_parse(text, &day) == RC_OK;
    return marked ? (size_t)(mark - 1 - label) : strlen(label);
}

void swap_label(const char *old_label, const struct cert *new_cert, char out[128]) {
    AUTO(buf) cn = {0};
    char day[DAY_TEXT];
    if (old_label[0] == 0 && cert_name_get(new_cert->subject, OID_CN, &cn) == RC_OK)
        old_label = buf_str(&cn);
    size_t len = bare_len(old_label), room = 128 - 1 - (DAY_TEXT - 1 + 3);
    if (len > room) /* between characters of UTF-8 */
        for (len = room; len > 0 && ((unsigned char)old_label[len] & 0xc0) == 0x80;)
            len--;
    day_format(day_of(new_cert->facts.not_after, 0), day); /* as the certificate itself says: UTC */
    snprintf(out, 128, "%.*s%s[%s]", (int)len, old_label, len > 0 ? " " : "", day);
}
