/* Certificates and keys on a token: find, read, write, sign. */
#include "p11/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/der.h"

#define FIND_BATCH 32
#define LABEL_CAP  512
#define MOD_CAP    (512 + 1) /* some modules put a leading zero */

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

static CK_ATTRIBUTE attr(CK_ATTRIBUTE_TYPE type, const void *value, size_t len) {
    return (CK_ATTRIBUTE){type, p11_arg(value), len};
}

/* Collects handles between C_FindObjectsInit and C_FindObjectsFinal. */
static enum rc find_loop(const struct p11_session *s, CK_OBJECT_HANDLE *out, size_t *count) {
    size_t n = 0;
    for (;;) {
        CK_OBJECT_HANDLE batch[FIND_BATCH];
        CK_ULONG got = 0;
        TRY(p11_check(s->module->fn->C_FindObjects(s->handle, batch, FIND_BATCH, &got), "C_FindObjects"));
        if (got > FIND_BATCH)
            FAIL(RC_TOKEN, "C_FindObjects says it wrote %lu handles into room for %d", got, FIND_BATCH);
        if (got == 0)
            break;
        if (n + got > OBJECTS_MAX)
            FAIL(RC_LIMIT, "more than %d objects of one class on the token", OBJECTS_MAX);
        memcpy(out + n, batch, got * sizeof batch[0]);
        n += got;
    }
    *count = n;
    return RC_OK;
}

static enum rc find_class(const struct p11_session *s, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out, size_t *count) {
    CK_ATTRIBUTE wanted = attr(CKA_CLASS, &class, sizeof class);
    TRY(p11_check(s->module->fn->C_FindObjectsInit(s->handle, &wanted, 1), "C_FindObjectsInit"));
    size_t n = 0;
    enum rc rc = find_loop(s, out, &n);
    CK_RV end = s->module->fn->C_FindObjectsFinal(s->handle);
    TRY(rc);
    TRY(p11_check(end, "C_FindObjectsFinal"));
    *count = n;
    return RC_OK;
}

/* Reads attributes into buffers of known size. What the object lacks, hides or cannot fit has length 0 afterwards;
 *gone: the object itself is no longer there. */
static enum rc read_attrs(const struct p11_session *s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a, size_t count,
                          bool *gone) {
    CK_ULONG room[8] = {0};
    for (size_t i = 0; i < count; i++)
        room[i] = a[i].ulValueLen;
    CK_RV rv = s->module->fn->C_GetAttributeValue(s->handle, object, a, count);
    *gone = rv == CKR_OBJECT_HANDLE_INVALID;
    if (*gone)
        return RC_OK;
    if (rv != CKR_ATTRIBUTE_TYPE_INVALID && rv != CKR_ATTRIBUTE_SENSITIVE && rv != CKR_BUFFER_TOO_SMALL)
        TRY(p11_check(rv, "C_GetAttributeValue"));
    for (size_t i = 0; i < count; i++)
        if (a[i].ulValueLen > room[i]) /* CK_UNAVAILABLE_INFORMATION, or a lie */
            a[i].ulValueLen = 0;
    return RC_OK;
}

/* For people only: cut to fit, control characters replaced. */
static void copy_label(char *dst, size_t cap, const char *src, size_t len) {
    size_t n = len < cap ? len : cap - 1;
    for (size_t i = 0; i < n; i++)
        dst[i] = (unsigned char)src[i] < 0x20 || src[i] == 0x7f ? '?' : src[i];
    dst[n] = 0;
}

/* *present = false: no X.509 certificate with a readable value. */
static enum rc read_cert(const struct p11_session *s, CK_OBJECT_HANDLE object, struct p11_cert *out, bool *present) {
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    struct p11_cert c = {.handle = object};
    char label[LABEL_CAP];
    uint8_t der[CERT_DER_MAX];
    CK_ATTRIBUTE a[] = {attr(CKA_CERTIFICATE_TYPE, &type, sizeof type), attr(CKA_ID, c.id, sizeof c.id),
                        attr(CKA_LABEL, label, sizeof label), attr(CKA_VALUE, der, sizeof der)};
    bool gone;
    *present = false;
    TRY(read_attrs(s, object, a, 4, &gone));
    if (gone || (a[0].ulValueLen == sizeof type && type != CKC_X_509) || a[3].ulValueLen == 0)
        return RC_OK;
    c.id_len = a[1].ulValueLen;
    copy_label(c.label, sizeof c.label, label, a[2].ulValueLen);
    TRY(buf_set(&c.der, span_of(der, a[3].ulValueLen)));
    *out = c;
    *present = true;
    return RC_OK;
}

enum rc p11_certs_list(const struct p11_session *s, struct p11_certs *out) {
    CK_OBJECT_HANDLE handles[OBJECTS_MAX];
    size_t count = 0;
    TRY(find_class(s, CKO_CERTIFICATE, handles, &count));
    AUTO(p11_certs) list = {calloc(count ? count : 1, sizeof(struct p11_cert)), 0};
    if (list.at == NULL)
        FAIL(RC_LIMIT, "out of memory");
    for (size_t i = 0; i < count; i++) {
        bool present;
        TRY(read_cert(s, handles[i], &list.at[list.count], &present));
        list.count += present;
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
    CK_ATTRIBUTE a = attr(CKA_MODULUS, value, sizeof value);
    bool gone;
    TRY(read_attrs(s, k->handle, &a, 1, &gone));
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
    CK_ATTRIBUTE a = attr(CKA_EC_POINT, value, sizeof value);
    bool gone;
    TRY(read_attrs(s, k->handle, &a, 1, &gone));
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
    CK_ATTRIBUTE a[] = {attr(CKA_KEY_TYPE, &k.type, sizeof k.type), attr(CKA_ID, k.id, sizeof k.id),
                        attr(CKA_LABEL, label, sizeof label)};
    bool gone;
    *present = false;
    TRY(read_attrs(s, object, a, 3, &gone));
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

enum rc p11_cert_create(const struct p11_session *s, const struct p11_cert_attrs *a, CK_OBJECT_HANDLE *handle) {
    const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    const CK_CERTIFICATE_TYPE type = CKC_X_509;
    const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE t[] = {attr(CKA_CLASS, &class, sizeof class),
                        attr(CKA_CERTIFICATE_TYPE, &type, sizeof type),
                        attr(CKA_TOKEN, &yes, sizeof yes),
                        attr(CKA_PRIVATE, &no, sizeof no),
                        attr(CKA_LABEL, a->label, strlen(a->label)),
                        attr(CKA_ID, a->id.ptr, a->id.len),
                        attr(CKA_SUBJECT, a->subject.ptr, a->subject.len),
                        attr(CKA_ISSUER, a->issuer.ptr, a->issuer.len),
                        attr(CKA_SERIAL_NUMBER, a->serial.ptr, a->serial.len),
                        attr(CKA_VALUE, a->value.ptr, a->value.len)};
    if (a->id.len > CKA_ID_MAX || a->value.len > CERT_DER_MAX) /* we could not read it back */
        FAIL(RC_LIMIT, "certificate or its CKA_ID too long for a token: %zu and %zu bytes", a->value.len, a->id.len);
    CK_OBJECT_HANDLE made = 0;
    TRY(p11_check(s->module->fn->C_CreateObject(s->handle, t, sizeof t / sizeof t[0], &made), "C_CreateObject"));
    *handle = made;
    return RC_OK;
}

enum rc p11_cert_set_id(const struct p11_session *s, CK_OBJECT_HANDLE cert, struct span id) {
    CK_ATTRIBUTE a = attr(CKA_ID, id.ptr, id.len);
    return p11_check(s->module->fn->C_SetAttributeValue(s->handle, cert, &a, 1), "C_SetAttributeValue");
}

enum rc p11_object_destroy(const struct p11_session *s, CK_OBJECT_HANDLE handle) {
    return p11_check(s->module->fn->C_DestroyObject(s->handle, handle), "C_DestroyObject");
}

enum rc p11_sign(const struct p11_session *s, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, struct span in,
                 uint8_t *out, size_t *out_len) {
    CK_MECHANISM how = {mechanism, NULL, 0};
    TRY(p11_check(s->module->fn->C_SignInit(s->handle, &how, key), "C_SignInit"));
    CK_ULONG len = *out_len;
    TRY(p11_check(s->module->fn->C_Sign(s->handle, p11_arg(in.ptr), in.len, out, &len), "C_Sign"));
    if (len > *out_len)
        FAIL(RC_TOKEN, "C_Sign says it wrote %lu bytes into room for %zu", len, *out_len);
    *out_len = len;
    return RC_OK;
}
