/* The strict view of a CMP message (declared in pki/cmp/cmp_msg.h). */
#include "pki/cmp/cmp_msg.h"

#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_in.h"

#define BODY_LAST        26
#define GENERALIZED_TIME 15 /* bytes of YYYYMMDDhhmmssZ */
#define FRACTION_MOST    10 /* bytes of a fraction of a second, with its point */

/* [n] OCTET STRING OPTIONAL, 1 to CMP_ID_MAX bytes; of another length it is told as odd, so that an answer can say
   so. */
static enum rc octets(struct der *d, int n, struct cmp_msg *m, struct span *out) {
    struct der_item item;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(n)))
        return RC_OK;
    TRY(cmp_explicit(d, DER_CONTEXT_CONSTRUCTED(n), DER_OCTET_STRING, &item));
    if (item.value.len == 0 || item.value.len > CMP_ID_MAX)
        m->odd = "transactionID, nonces and key identifiers have 1 to 64 bytes";
    else
        *out = item.value;
    return RC_OK;
}

static enum rc skip_optional(struct der *d, int n) {
    struct der_item item;
    return der_next_is(d, DER_CONTEXT_CONSTRUCTED(n)) ? der_any(d, &item) : RC_OK;
}

/* protectionAlg [1] OPTIONAL: a signature algorithm, or a MAC that we do not take. */
static enum rc protection_alg(struct der *d, struct cmp_msg *m) {
    struct der in;
    struct cmp_alg alg;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(1)))
        return RC_OK;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(1), &in));
    TRY(cmp_alg_take(&in, &alg));
    m->protection_alg = alg.whole;
    m->protection = alg.good ? CMP_SIGNED : alg.mac ? CMP_MACED : CMP_SIGNED_WEAKLY;
    return der_end(&in);
}

static enum rc header(struct der *d, struct cmp_msg *m) {
    struct der_item item;
    struct span key_id = {0};
    TRY(der_take(d, DER_SEQUENCE, &item));
    m->header = item.whole;
    struct der in = der_open(item.value);
    TRY(der_small(&in, &m->version));
    TRY(der_any(&in, &item)); /* sender */
    m->sender = item.whole;
    TRY(der_any(&in, &item));    /* recipient */
    TRY(skip_optional(&in, 0));  /* messageTime */
    TRY(protection_alg(&in, m)); /* [1] */
    TRY(octets(&in, 2, m, &m->sender_kid));
    TRY(octets(&in, 3, m, &key_id)); /* recipKID */
    TRY(octets(&in, 4, m, &m->transaction));
    TRY(octets(&in, 5, m, &m->sender_nonce));
    TRY(octets(&in, 6, m, &m->recip_nonce));
    TRY(skip_optional(&in, 7)); /* freeText */
    if (!der_next_is(&in, DER_CONTEXT_CONSTRUCTED(8)))
        return der_end(&in);
    TRY(der_any(&in, &item)); /* read by who looks for something in it */
    m->info = item.whole;
    return der_end(&in);
}

static enum rc body(struct der *d, struct cmp_msg *m) {
    struct der_item item;
    TRY(der_any(d, &item));
    m->type = item.tag - DER_CONTEXT_CONSTRUCTED(0);
    if (m->type < 0 || m->type > BODY_LAST)
        FAIL(RC_INPUT, "body with the tag %02x", item.tag);
    m->body = item.whole;
    m->content = item.value;
    return RC_OK;
}

/* protection [0] OPTIONAL. An algorithm without a signature protects nothing. */
static enum rc protection(struct der *d, struct cmp_msg *m) {
    struct der in;
    uint8_t unused;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(0))) {
        m->protection = CMP_UNPROTECTED;
        return RC_OK;
    }
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(0), &in));
    TRY(der_bits(&in, &m->signature, &unused));
    if (unused != 0)
        FAIL(RC_INPUT, "protection: %u unused bits", unused);
    return der_end(&in);
}

static enum rc core(struct der *d, struct cmp_msg *m) {
    const uint8_t *from = d->rest.ptr;
    TRY(header(d, m));
    TRY(body(d, m));
    TRY(protection(d, m));
    m->core = span_of(from, (size_t)(d->rest.ptr - from));
    return RC_OK;
}

/* extraCerts [1] OPTIONAL. */
static enum rc extra_certs(struct der *d, struct cmp_msg *m) {
    struct der_item item;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(1)))
        return RC_OK;
    TRY(cmp_explicit(d, DER_CONTEXT_CONSTRUCTED(1), DER_SEQUENCE, &item));
    struct der certs = der_open(item.value);
    for (int n = 0; !der_empty(&certs); n++) {
        if (n == CMP_EXTRA_CERTS)
            m->odd = "there are more than 10 certificates in extraCerts";
        TRY(der_take(&certs, DER_SEQUENCE, &item));
        if (n == 0)
            m->signer = item.whole;
    }
    return RC_OK;
}

static enum rc message(struct der *d, struct cmp_msg *m) {
    struct der in;
    TRY(der_enter(d, DER_SEQUENCE, &in));
    TRY(core(&in, m));
    TRY(extra_certs(&in, m));
    TRY(der_end(&in));
    return der_end(d);
}

enum rc cmp_msg_parse(struct span der, struct cmp_msg *out) {
    struct cmp_msg m = {.der = der};
    struct der d = der_open(der);
    TRY(cert_at("CMP message", message(&d, &m)));
    *out = m;
    return RC_OK;
}

enum rc cmp_core_parse(struct span bytes, struct cmp_msg *out) {
    struct cmp_msg m = {.der = bytes};
    struct der d = der_open(bytes);
    TRY(cert_at("CMP message", core(&d, &m)));
    TRY(der_end(&d));
    *out = m;
    return RC_OK;
}

static bool two_digits(const uint8_t *at, int least, int most) {
    int n = (at[0] - '0') * 10 + at[1] - '0';
    return n >= least && n <= most;
}

/* YYYYMMDDhhmmss[.f…]Z, as DER writes it (X.690 11.7); the day is one of some month. */
static bool is_time(struct span v) {
    size_t fraction = v.len > GENERALIZED_TIME ? v.len - GENERALIZED_TIME : 0;
    if (v.len < GENERALIZED_TIME || fraction == 1 || fraction > FRACTION_MOST || v.ptr[v.len - 1] != 'Z')
        return false;
    for (size_t i = 0; i + 1 < v.len; i++)
        if (i != GENERALIZED_TIME - 1 && (v.ptr[i] < '0' || v.ptr[i] > '9'))
            return false;
    return (fraction == 0 || (v.ptr[GENERALIZED_TIME - 1] == '.' && v.ptr[v.len - 2] != '0')) &&
           two_digits(v.ptr + 4, 1, 12) && two_digits(v.ptr + 6, 1, 31) && two_digits(v.ptr + 8, 0, 23) &&
           two_digits(v.ptr + 10, 0, 59) && two_digits(v.ptr + 12, 0, 60);
}

static enum rc check_time(struct der *d) {
    struct der_item time;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(0)))
        return RC_OK;
    TRY(cmp_explicit(d, DER_CONTEXT_CONSTRUCTED(0), DER_GENERALIZED_TIME, &time));
    return is_time(time.value) ? RC_OK : err_set(RC_INPUT, "it is not YYYYMMDDhhmmssZ");
}

/* recipient: a GeneralName that a server may be known by, a directoryName mostly; who reads it is us. */
static enum rc check_recipient(struct der *d) {
    static const int plain[] = {1, 2, 6, 7}; /* rfc822Name, dNSName, uniformResourceIdentifier, iPAddress */
    struct der_item item;
    struct span name;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (der_next_is(d, DER_CONTEXT(plain[i])))
            return der_any(d, &item);
    return cmp_name_take(d, &name);
}

static enum rc check_free_text(struct der *d) {
    struct der in;
    struct span first;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(7)))
        return RC_OK;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(7), &in));
    TRY(cmp_free_text(&in, &first));
    return der_end(&in);
}

/* Of the types that RFC 4210 5.3.19 gives a shape, three belong into the header of a request; the values of types that
   it does not know are anybody's. */
static enum rc check_info_value(struct span type, struct span value) {
    struct der d = der_open(value);
    struct span first;
    int number = cmp_it(type);
    if (number <= 0 || number > IT_LAST_SHAPED || value.len == 0)
        return RC_OK;
    if (number == IT_LANGUAGES)
        return cmp_free_text(&d, &first);
    if ((number == IT_IMPLICIT_CONFIRM && value.ptr[0] == DER_NULL) ||
        (number == IT_CONFIRM_WAIT_TIME && value.ptr[0] == DER_GENERALIZED_TIME))
        return RC_OK;
    FAIL(RC_INPUT, "id-it %d does not belong there, or has another value", number);
}

static enum rc check_info(struct der *d) {
    struct der in, all;
    struct span type, value;
    if (!der_next_is(d, DER_CONTEXT_CONSTRUCTED(8)))
        return RC_OK;
    TRY(der_enter(d, DER_CONTEXT_CONSTRUCTED(8), &in));
    TRY(der_enter(&in, DER_SEQUENCE, &all));
    do {
        TRY(cmp_info_take(&all, &type, &value));
        TRY(check_info_value(type, value));
    } while (!der_empty(&all));
    return der_end(&in);
}

enum rc cmp_msg_check(const struct cmp_msg *m) {
    struct der d = der_open(m->header), in;
    struct span name;
    int64_t version;
    TRY(der_enter(&d, DER_SEQUENCE, &in));
    TRY(der_small(&in, &version));
    TRY(cert_at("sender", cmp_name_take(&in, &name)));
    TRY(cert_at("recipient", check_recipient(&in)));
    TRY(cert_at("messageTime", check_time(&in)));
    for (int n = 1; n <= 6; n++) /* read by cmp_msg_parse */
        TRY(skip_optional(&in, n));
    TRY(cert_at("freeText", check_free_text(&in)));
    return cert_at("generalInfo", check_info(&in));
}

/* GeneralInfo ::= SEQUENCE OF InfoTypeAndValue, under [8]. */
static enum rc info_find(struct span info, struct span type, struct span *found) {
    struct der d = der_open(info), in, all;
    struct span oid, value;
    TRY(der_enter(&d, DER_CONTEXT_CONSTRUCTED(8), &in));
    TRY(der_enter(&in, DER_SEQUENCE, &all));
    while (!der_empty(&all)) {
        TRY(cmp_info_take(&all, &oid, &value));
        if (!span_eq(oid, type))
            continue;
        if (found->len > 0)
            FAIL(RC_INPUT, "it has two values of one type");
        if (value.len == 0)
            FAIL(RC_INPUT, "a type without its value");
        *found = value;
    }
    return der_end(&in);
}

enum rc cmp_msg_info(const struct cmp_msg *m, struct span type, struct span *value) {
    struct span found = {0};
    if (m->info.len > 0)
        TRY(cert_at("generalInfo", info_find(m->info, type, &found)));
    if (found.len == 0)
        FAIL(RC_NOT_FOUND, "the message's generalInfo has nothing of that type");
    *value = found;
    return RC_OK;
}
