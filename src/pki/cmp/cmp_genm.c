/* Answers general messages (declared in pki/cmp/cmp_genm.h). */
#include "pki/cmp/cmp_genm.h"

#include "pki/cert/cert_in.h"
#include "pki/cert/oid.h"
#include "pki/cmp/cmp_in.h"

#define ASKED_MAX 8 /* questions in one message */

/* Both answers are a SEQUENCE with the certificate first: CaCertsValue, and RootCaKeyUpdateContent without links that
   nobody has made. No certificate: no value. */
static void put_answer(struct derw *w, uint8_t number, struct span new_ca) {
    uint8_t type[32];
    size_t len = OID_IT.len;
    for (size_t i = 0; i < len; i++)
        type[i] = OID_IT.ptr[i];
    type[len++] = number;
    derw_open(w, DER_SEQUENCE);
    derw_put(w, DER_OID, span_of(type, len));
    if (new_ca.len > 0) {
        derw_open(w, DER_SEQUENCE);
        derw_raw(w, new_ca);
        derw_close(w);
    }
    derw_close(w);
}

static enum rc answer(struct der *d, struct span old_ca, struct span new_ca, struct derw *w) {
    struct span type, value;
    TRY(cmp_info_take(d, &type, &value));
    switch (cmp_it(type)) {
    case IT_CA_CERTS:
        put_answer(w, IT_CA_CERTS, new_ca);
        return RC_OK;
    case IT_ROOT_CA_CERT:
        put_answer(w, IT_ROOT_CA_UPDATE, value.len == 0 || span_eq(value, old_ca) ? new_ca : (struct span){0});
        return RC_OK;
    case IT_ROOT_CA_UPDATE:
        put_answer(w, IT_ROOT_CA_UPDATE, new_ca);
        return RC_OK;
    default:
        FAIL(RC_NOT_FOUND, "caCerts and rootCaCert are what may be asked for here");
    }
}

static enum rc answers(struct span content, struct span old_ca, struct span new_ca, struct derw *w) {
    struct der d = der_open(content), all;
    int n = 0;
    TRY(der_enter(&d, DER_SEQUENCE, &all));
    TRY(der_end(&d));
    if (der_empty(&all)) /* "any or all information" (RFC 4210 appendix) */
        put_answer(w, IT_CA_CERTS, new_ca);
    while (!der_empty(&all)) {
        if (n++ == ASKED_MAX)
            FAIL(RC_INPUT, "more than %d questions", ASKED_MAX);
        TRY(answer(&all, old_ca, new_ca, w));
    }
    return RC_OK;
}

bool cmp_genm_keep(struct span content) {
    struct der d = der_open(content), all;
    struct span type, value;
    return der_enter(&d, DER_SEQUENCE, &all) == RC_OK && cmp_info_take(&all, &type, &value) == RC_OK &&
           der_empty(&all) && der_empty(&d) && span_eq(type, OID_RECEIPT);
}

enum rc cmp_genm_answer(struct span content, struct span old_ca, struct span new_ca, struct buf *infos) {
    AUTO(derw) w = {0};
    TRY(cert_at("general message", answers(content, old_ca, new_ca, &w)));
    TRY(derw_end(&w));
    return buf_set(infos, buf_span(&w.out));
}
