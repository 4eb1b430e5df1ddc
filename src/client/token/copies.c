/* Each copy gets a CKA_ID of its own before it goes: where another's changed with it, the two are one. */
#include "client/token/copies.h"

#include "base/digest.h"

#define MARK_LEN 20 /* bytes of a hash that no key's CKA_ID is */

static bool is_copy(const struct p11_cert *c, struct span der) {
    return span_eq(buf_span(&c->der), der);
}

static const struct p11_cert *kept_of(const struct p11_certs *all, struct span der, struct span key_id) {
    const struct p11_cert *first = NULL;

    for (size_t i = 0; i < all->count; i++) {
        if (!is_copy(&all->at[i], der))
            continue;
        if (span_eq(span_of(all->at[i].id, all->at[i].id_len), key_id))
            return &all->at[i];
        first = first == NULL ? &all->at[i] : first;
    }
    return first;
}

/* Has `handle` the mark, and `kept` the CKA_ID that it had? */
static bool apart(const struct p11_session *s, CK_OBJECT_HANDLE handle, struct span mark, const struct p11_cert *kept) {
    AUTO(p11_certs) now = {0};
    bool marked = false, left = false;

    if (p11_certs_list(s, &now) != RC_OK)
        return false;
    for (size_t i = 0; i < now.count; i++) {
        struct span id = span_of(now.at[i].id, now.at[i].id_len);
        marked |= now.at[i].handle == handle && span_eq(id, mark);
        left |= now.at[i].handle == kept->handle && span_eq(id, span_of(kept->id, kept->id_len)) &&
                span_eq(buf_span(&now.at[i].der), buf_span(&kept->der));
    }
    return marked && left;
}

/* False: nothing more is asked of the token. */
static bool remove_one(const struct p11_session *s, const struct p11_cert *surplus, const struct p11_cert *kept) {
    struct sha256 hash = sha256_of2(buf_span(&surplus->der), span_str("surplus"));
    struct span mark = span_of(hash.bytes, MARK_LEN);

    if (p11_cert_set_id(s, surplus->handle, mark) != RC_OK)
        return false;
    if (apart(s, surplus->handle, mark, kept))
        return p11_object_destroy(s, surplus->handle) == RC_OK;
    enum rc back = p11_cert_set_id(s, surplus->handle, span_of(surplus->id, surplus->id_len));
    return back == RC_OK;
}

void copies_remove(const struct p11_session *s, struct span der, struct span key_id) {
    AUTO(p11_certs) all = {0};

    if (p11_certs_list(s, &all) != RC_OK)
        return;
    const struct p11_cert *kept = kept_of(&all, der, key_id);
    for (size_t i = 0; i < all.count; i++)
        if (is_copy(&all.at[i], der) && &all.at[i] != kept && !remove_one(s, &all.at[i], kept))
            return;
}
