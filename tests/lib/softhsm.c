/* SoftHSM2 tokens through the module itself: no command line tool is needed. */
#include "lib/softhsm.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/der.h"
#include "lib/tmp.h"
#include "p11/soft.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ATTR(type, var)                                                                                                \
    (CK_ATTRIBUTE) {                                                                                                   \
        type, p11_arg(&(var)), sizeof(var)                                                                             \
    }
#define BYTES(type, span)                                                                                              \
    (CK_ATTRIBUTE) {                                                                                                   \
        type, p11_arg((span).ptr), (span).len                                                                          \
    }

const char *softhsm_path(void) {
    const char *path = getenv("CAPBU_SOFTHSM");
    return path != NULL && path[0] ? path : "/usr/lib/softhsm/libsofthsm2.so";
}

enum rc softhsm_dir(struct softhsm *h) {
    struct softhsm made = {0};
    struct tmp folder;
    const char *wanted = getenv("TMPDIR"); /* SoftHSM syncs every object to the disk: memory is several times faster */
    bool memory = (wanted == NULL || wanted[0] == 0) && fs_exists("/dev/shm");
    char path[PATH_CAP];
    TRY(tmp_make(&folder, memory ? "/dev/shm" : NULL, "softhsm"));
    TRY(text_set(made.dir, sizeof made.dir, folder.dir));
    AUTO(buf) conf = {0};
    TRY(fs_join(path, made.dir, "tokens"));
    TRY(fs_mkdir(path, 0700));
    TRY(buf_printf(&conf, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", path));
    TRY(buf_add_str(&conf, "slots.removable = true\n"));
    TRY(fs_join(path, made.dir, "softhsm2.conf"));
    TRY(fs_write(path, buf_span(&conf), 0600));
    setenv("SOFTHSM2_CONF", path, 1);
    *h = made;
    return RC_OK;
}

enum rc softhsm_open(struct softhsm *h, const char *module_path) {
    if (!fs_exists(softhsm_path()))
        FAIL(RC_NOT_FOUND, "SoftHSM2 is not installed: no %s", softhsm_path());
    AUTO(softhsm) made = {0};
    TRY(softhsm_dir(&made));
    TRY(p11_module_open(&made.module, module_path != NULL ? module_path : softhsm_path()));
    *h = made;
    made = (struct softhsm){0};
    return RC_OK;
}

enum rc softhsm_reload(struct softhsm *h, const char *module_path) {
    p11_module_free(&h->module);
    return p11_module_open(&h->module, module_path != NULL ? module_path : softhsm_path());
}

void softhsm_free(struct softhsm *h) {
    p11_module_free(&h->module);
    tmp_remove(h->dir);
}

enum rc softhsm_find(const struct softhsm *h, const char *label, struct p11_token *out) {
    return soft_find(&h->module, label, out);
}

enum rc softhsm_token(struct softhsm *h, const char *label, const char *pin, struct p11_token *out) {
    return soft_token(&h->module, label, span_str(pin), out);
}

enum rc softhsm_login(const struct p11_token *t, const char *pin, struct p11_session *s) {
    AUTO(p11_session) made = {0};
    TRY(p11_session_open(t, true, &made));
    TRY(p11_login(&made, span_str(pin)));
    *s = made;
    made = (struct p11_session){0};
    return RC_OK;
}

enum rc softhsm_make_rsa(const struct p11_session *s, unsigned bits, struct span id, const char *label) {
    return soft_rsa(s, bits, id, label);
}

enum rc softhsm_make_p256(const struct p11_session *s, struct span id, const char *label) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    return soft_pair(s, CKM_EC_KEY_PAIR_GEN, ATTR(CKA_EC_PARAMS, p256), id, label);
}

/* RSAPrivateKey (RFC 8017 A.1.2), alone or inside PrivateKeyInfo (RFC 5208): modulus, exponents, primes … */
static enum rc rsa_numbers(struct span in, struct span n[8]) {
    struct der outer = der_open(in), d;
    struct der_item item;
    int64_t version;
    TRY(der_enter(&outer, DER_SEQUENCE, &d));
    TRY(der_small(&d, &version));
    if (der_next_is(&d, DER_SEQUENCE)) {
        TRY(der_take(&d, DER_SEQUENCE, &item));
        TRY(der_take(&d, DER_OCTET_STRING, &item));
        return rsa_numbers(item.value, n);
    }
    for (size_t i = 0; i < 8; i++) {
        TRY(der_integer(&d, &n[i]));
        if (n[i].len > 1 && n[i].ptr[0] == 0)
            n[i] = span_of(n[i].ptr + 1, n[i].len - 1);
    }
    return RC_OK;
}

enum rc softhsm_put_rsa(const struct p11_session *s, struct span private_key_der, struct span id, const char *label) {
    const CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY, private_class = CKO_PRIVATE_KEY;
    const CK_KEY_TYPE type = CKK_RSA;
    const CK_BBOOL yes = CK_TRUE;
    struct span n[8];
    TRY(rsa_numbers(private_key_der, n));
    CK_ATTRIBUTE own = {CKA_LABEL, p11_arg(label), strlen(label)};
    CK_ATTRIBUTE public[] = {ATTR(CKA_CLASS, public_class),
                             ATTR(CKA_KEY_TYPE, type),
                             ATTR(CKA_TOKEN, yes),
                             ATTR(CKA_VERIFY, yes),
                             own,
                             BYTES(CKA_ID, id),
                             BYTES(CKA_MODULUS, n[0]),
                             BYTES(CKA_PUBLIC_EXPONENT, n[1])};
    CK_ATTRIBUTE private[] = {ATTR(CKA_CLASS, private_class),
                              ATTR(CKA_KEY_TYPE, type),
                              ATTR(CKA_TOKEN, yes),
                              ATTR(CKA_PRIVATE, yes),
                              ATTR(CKA_SENSITIVE, yes),
                              ATTR(CKA_SIGN, yes),
                              own,
                              BYTES(CKA_ID, id),
                              BYTES(CKA_MODULUS, n[0]),
                              BYTES(CKA_PUBLIC_EXPONENT, n[1]),
                              BYTES(CKA_PRIVATE_EXPONENT, n[2]),
                              BYTES(CKA_PRIME_1, n[3]),
                              BYTES(CKA_PRIME_2, n[4]),
                              BYTES(CKA_EXPONENT_1, n[5]),
                              BYTES(CKA_EXPONENT_2, n[6]),
                              BYTES(CKA_COEFFICIENT, n[7])};
    CK_OBJECT_HANDLE made;
    const CK_FUNCTION_LIST *fn = s->module->fn;
    TRY(p11_check(fn->C_CreateObject(s->handle, public, COUNT(public), &made), "C_CreateObject"));
    return p11_check(fn->C_CreateObject(s->handle, private, COUNT(private), &made), "C_CreateObject");
}

/* serialNumber, issuer and subject, whole (RFC 5280 4.1). */
static enum rc cert_names(struct span der, struct p11_cert_attrs *a) {
    struct der outer = der_open(der), cert, tbs;
    struct der_item item;
    TRY(der_enter(&outer, DER_SEQUENCE, &cert));
    TRY(der_enter(&cert, DER_SEQUENCE, &tbs));
    if (der_next_is(&tbs, DER_CONTEXT_CONSTRUCTED(0)))
        TRY(der_any(&tbs, &item));
    TRY(der_take(&tbs, DER_INTEGER, &item));
    a->serial = item.whole;
    TRY(der_any(&tbs, &item)); /* signature algorithm */
    TRY(der_take(&tbs, DER_SEQUENCE, &item));
    a->issuer = item.whole;
    TRY(der_any(&tbs, &item)); /* validity */
    TRY(der_take(&tbs, DER_SEQUENCE, &item));
    a->subject = item.whole;
    return RC_OK;
}

enum rc softhsm_put_cert(const struct p11_session *s, struct span der, struct span id, const char *label) {
    static const uint8_t no_name[] = {0x30, 0x00}, serial_1[] = {0x02, 0x01, 0x01};
    struct p11_cert_attrs a = {0};
    if (cert_names(der, &a) != RC_OK) {
        a.subject = a.issuer = span_of(no_name, sizeof no_name);
        a.serial = span_of(serial_1, sizeof serial_1);
    }
    a.value = der;
    a.id = id;
    a.label = label;
    CK_OBJECT_HANDLE made;
    return p11_cert_create(s, &a, TEMPLATE_FULL, &made);
}
