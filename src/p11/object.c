/* Certificates and keys on a token: find, read, write, sign. */
#include "p11/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/der.h"
#include "base/utf8.h"
#include "p11/attrs.h"

#define FIND_BATCH 32
#define TOLD_MAX   (4 * OBJECTS_MAX) /* handles, told again ones too */
#define LABEL_CAP  512
#define VALUE_CAP  (4 * CERT_DER_MAX) /* a file of fixed size may be much longer than what is in it */
#define MOD_CAP    (512 + 1)          /* some modules put a leading zero */

void p11_cert_free(struct p11_cert *c) {
    buf_free(&c->der);
    *c = (struct p11_cert){0};
}

void p11_certs_free(struct p11_certs *list) {
    for (size_t i = 0; i < list->count; i++)
        p11_cert_free(&list->at[i]);
    free(list->at);
    *list = (struct p11_certs){0};
}

static bool told(const CK_OBJECT_HANDLE *known, size_t count, CK_OBJECT_HANDLE handle) {
    for (size_t i = 0; i < count; i++)
        if (known[i] == handle)
            return true;
    return false;
}

/* Collects handles between C_FindObjectsInit and C_FindObjectsFinal. */
static enum rc find_loop(const struct p11_session *s, CK_OBJECT_HANDLE *out, size_t *count) {
    size_t n = 0;
    for (size_t all = 0; all <= TOLD_MAX;) {
        CK_OBJECT_HANDLE batch[FIND_BATCH];
        CK_ULONG got = 0;
        TRY(p11_check(s->module->fn->C_FindObjects(s->handle, batch, FIND_BATCH, &got), "C_FindObjects"));
        if (got > FIND_BATCH)
            FAIL(RC_TOKEN, "C_FindObjects says it wrote %lu handles into room for %d", got, FIND_BATCH);
        if (got == 0) {
            *count = n;
            return RC_OK;
        }
        all += got;
        for (CK_ULONG i = 0; i < got; i++) {
            if (told(out, n, batch[i]))
                continue;
            if (n == OBJECTS_MAX)
                FAIL(RC_LIMIT, "more than %d objects of one class on the token", OBJECTS_MAX);
            out[n++] = batch[i];
        }
    }
    FAIL(RC_LIMIT, "more than %d objects of one class on the token", OBJECTS_MAX);
}

static enum rc find_class(const struct p11_session *s, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out, size_t *count) {
    CK_ATTRIBUTE wanted = attr_of(CKA_CLASS, &class, sizeof class);
    CK_RV rv = s->module->fn->C_FindObjectsInit(s->handle, &wanted, 1);
    if (rv == CKR_OPERATION_ACTIVE) { /* an earlier search did not end */
        (void)s->module->fn->C_FindObjectsFinal(s->handle);
        rv = s->module->fn->C_FindObjectsInit(s->handle, &wanted, 1);
    }
    TRY(p11_check(rv, "C_FindObjectsInit"));
    size_t n = 0;
    enum rc rc = find_loop(s, out, &n);
    (void)s->module->fn->C_FindObjectsFinal(s->handle); /* what was told was told, however that ends */
    TRY(rc);
    *count = n;
    return RC_OK;
}

/* For people only: cut to fit, and nothing in it that drives a terminal. */
static void copy_label(char *dst, size_t cap, const char *src, size_t len) {
    size_t n = len < cap ? len : cap - 1;
    memcpy(dst, src, n);
    utf8_tame_bytes(dst, n);
    for (size_t i = 0; i < n; i++)
        dst[i] = dst[i] == 0 ? '?' : dst[i];
    dst[n] = 0;
}

/* A certificate is as long as its DER says: devices keep it in a file of fixed size and give that. What is no DER at
   all stays as it is, for who counts what cannot be read. */
static struct span der_of(struct span value) {
    struct der d = der_open(value);
    struct der_item item;
    return der_take(&d, DER_SEQUENCE, &item) == RC_OK ? item.whole : value;
}

enum reading { ABSENT, UNREADABLE, PRESENT }; /* of an X.509 certificate */

static enum rc read_cert(const struct p11_session *s, CK_OBJECT_HANDLE object, struct p11_cert *out,
                         enum reading *how) {
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    struct p11_cert c = {.handle = object};
    char label[LABEL_CAP];
    uint8_t value[VALUE_CAP];
    CK_ATTRIBUTE a[] = {attr_of(CKA_CERTIFICATE_TYPE, &type, sizeof type), attr_of(CKA_ID, c.id, sizeof c.id),
                        attr_of(CKA_LABEL, label, sizeof label), attr_of(CKA_VALUE, value, sizeof value)};
    bool gone;
    *how = ABSENT;
    TRY(attrs_read(s, object, a, 4, &gone));
    if (gone || (a[0].ulValueLen == sizeof type && type != CKC_X_509))
        return RC_OK;
    struct span der = der_of(span_of(value, a[3].ulValueLen));
    *how = der.len == 0 || der.len > CERT_DER_MAX ? UNREADABLE : PRESENT;
    if (*how == UNREADABLE)
        return RC_OK;
    c.id_len = a[1].ulValueLen;
    copy_label(c.label, sizeof c.label, label, a[2].ulValueLen);
    TRY(buf_set(&c.der, der));
    *out = c;
    return RC_OK;
}

enum rc p11_certs_list(const struct p11_session *s, struct p11_certs *out) {
    CK_OBJECT_HANDLE handles[OBJECTS_MAX];
    size_t count = 0;
    TRY(find_class(s, CKO_CERTIFICATE, handles, &count));
    AUTO(p11_certs) list = {calloc(count ? count : 1, sizeof(struct p11_cert)), 0, 0};
    if (list.at == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (size_t i = 0; i < count; i++) {
        enum reading how;
        TRY(read_cert(s, handles[i], &list.at[list.count], &how));
        list.count += how == PRESENT;
        list.unreadable += how == UNREADABLE;
    }
    *out = list;
    list = (struct p11_certs){0};
    return RC_OK;
}

/* CKA_EC_POINT is an OCTET STRING around the point; some modules give the bare point. A bare P-256 point taken for an
   OCTET STRING would leave 63 bytes, so the size decides. */
static struct span bare_point(struct span in) {
    static const size_t sizes[] = {49, 57, 65, 97, 129, 133}; /* uncompressed points of 192 to 521 bits */
    struct der d = der_open(in);
    struct der_item item;
    if (der_take(&d, DER_OCTET_STRING, &item) != RC_OK || !der_empty(&d))
        return in;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (item.value.len == sizes[i])
            return item.value;
    return in;
}

static enum rc read_modulus(const struct p11_session *s, struct p11_key *k) {
    uint8_t value[MOD_CAP];
    CK_ATTRIBUTE a = attr_of(CKA_MODULUS, value, sizeof value);
    bool gone;
    TRY(attrs_read(s, k->handle, &a, 1, &gone));
    size_t skip = 0;
    if (gone)
        return RC_OK;
    while (skip < a.ulValueLen && value[skip] == 0)
        skip++;
    if (a.ulValueLen - skip > sizeof k->modulus)
        return RC_OK;
    k->modulus_len = a.ulValueLen - skip;
    memcpy(k->modulus, value + skip, k->modulus_len);
    return RC_OK;
}

static enum rc read_point(const struct p11_session *s, struct p11_key *k) {
    uint8_t value[sizeof k->point];
    CK_ATTRIBUTE a = attr_of(CKA_EC_POINT, value, sizeof value);
    bool gone;
    TRY(attrs_read(s, k->handle, &a, 1, &gone));
    if (gone || a.ulValueLen == 0)
        return RC_OK;
    struct span point = bare_point(span_of(value, a.ulValueLen));
    memcpy(k->point, point.ptr, point.len);
    k->point_len = point.len;
    return RC_OK;
}

static enum rc read_key(const struct p11_session *s, CK_OBJECT_HANDLE object, struct p11_key *out, bool *present) {
    struct p11_key k = {.handle = object, .is_private = out->is_private};
    char label[LABEL_CAP];
    CK_ATTRIBUTE a[] = {attr_of(CKA_KEY_TYPE, &k.type, sizeof k.type), attr_of(CKA_ID, k.id, sizeof k.id),
                        attr_of(CKA_LABEL, label, sizeof label)};
    bool gone;
    *present = false;
    TRY(attrs_read(s, object, a, 3, &gone));
    if (gone || a[0].ulValueLen != sizeof k.type)
        return RC_OK;
    k.id_len = a[1].ulValueLen;
    copy_label(k.label, sizeof k.label, label, a[2].ulValueLen);
    if (k.type == CKK_RSA)
        TRY(read_modulus(s, &k));
    if (k.type == CKK_EC)
        TRY(read_point(s, &k));
    *out = k;
    *present = true;
    return RC_OK;
}

enum rc p11_keys_list(const struct p11_session *s, bool private_keys, struct p11_key *out, size_t cap, size_t *count) {
    CK_OBJECT_HANDLE handles[OBJECTS_MAX];
    size_t found = 0, n = 0;
    TRY(find_class(s, private_keys ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY, handles, &found));
    for (size_t i = 0; i < found; i++) {
        struct p11_key k = {.is_private = private_keys};
        bool present;
        TRY(read_key(s, handles[i], &k, &present));
        if (!present)
            continue;
        if (n == cap)
            FAIL(RC_LIMIT, "more than %zu keys on the token", cap);
        out[n++] = k;
    }
    *count = n;
    return RC_OK;
}

bool p11_key_is(const struct p11_key *k, struct span modulus, struct span point) {
    if (k->type == CKK_RSA)
        return k->modulus_len > 0 && span_eq(span_of(k->modulus, k->modulus_len), modulus);
    return k->type == CKK_EC && k->point_len > 0 && span_eq(span_of(k->point, k->point_len), point);
}

#define LABEL_SHORT 32 /* bytes that every token takes which takes a label */

/* Between characters of UTF-8. */
static size_t short_len(const char *label) {
    size_t len = strlen(label);

    if (len > LABEL_SHORT)
        for (len = LABEL_SHORT; len > 0 && ((unsigned char)label[len] & 0xc0) == 0x80;)
            len--;
    return len;
}

enum rc p11_cert_create(const struct p11_session *s, const struct p11_cert_attrs *a, enum p11_template how,
                        CK_OBJECT_HANDLE *handle) {
    const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    const CK_CERTIFICATE_TYPE type = CKC_X_509;
    const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE t[10] = {attr_of(CKA_CLASS, &class, sizeof class),
                          attr_of(CKA_CERTIFICATE_TYPE, &type, sizeof type),
                          attr_of(CKA_TOKEN, &yes, sizeof yes),
                          attr_of(CKA_ID, a->id.ptr, a->id.len),
                          attr_of(CKA_SUBJECT, a->subject.ptr, a->subject.len),
                          attr_of(CKA_VALUE, a->value.ptr, a->value.len)};
    size_t count = 6;
    if (a->id.len > CKA_ID_MAX || a->value.len > CERT_DER_MAX) /* we could not read it back */
        FAIL(RC_LIMIT, "certificate or its CKA_ID too long for a token: %zu and %zu bytes", a->value.len, a->id.len);
    if (how < TEMPLATE_BARE) {
        t[count++] = attr_of(CKA_ISSUER, a->issuer.ptr, a->issuer.len);
        t[count++] = attr_of(CKA_SERIAL_NUMBER, a->serial.ptr, a->serial.len);
    }
    if (how < TEMPLATE_NO_PRIVATE)
        t[count++] = attr_of(CKA_PRIVATE, &no, sizeof no);
    if (how < TEMPLATE_NO_LABEL || how == TEMPLATE_NO_PRIVATE)
        t[count++] = attr_of(CKA_LABEL, a->label, how == TEMPLATE_FULL ? strlen(a->label) : short_len(a->label));
    CK_OBJECT_HANDLE made = 0;
    TRY(p11_check(s->module->fn->C_CreateObject(s->handle, t, count, &made), "C_CreateObject"));
    *handle = made;
    return RC_OK;
}

enum rc p11_cert_set_id(const struct p11_session *s, CK_OBJECT_HANDLE cert, struct span id) {
    CK_ATTRIBUTE a = attr_of(CKA_ID, id.ptr, id.len);
    return p11_check(s->module->fn->C_SetAttributeValue(s->handle, cert, &a, 1), "C_SetAttributeValue");
}

enum rc p11_object_destroy(const struct p11_session *s, CK_OBJECT_HANDLE handle) {
    return p11_check(s->module->fn->C_DestroyObject(s->handle, handle), "C_DestroyObject");
}
