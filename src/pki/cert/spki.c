/* Writes the SubjectPublicKeyInfo of a bare RSA modulus. */
#include "pki/cert/spki.h"

#include "base/der.h"

enum rc spki_rsa(struct span modulus, struct buf *out) {
    static const uint8_t rsa_encryption[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                             0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    AUTO(derw) key = {0};
    AUTO(derw) w = {0};

    derw_open(&key, DER_SEQUENCE);
    derw_integer(&key, modulus);
    derw_small(&key, 65537);
    derw_close(&key);
    TRY(derw_end(&key));
    derw_open(&w, DER_SEQUENCE);
    derw_raw(&w, span_of(rsa_encryption, sizeof rsa_encryption));
    derw_bits(&w, buf_span(&key.out), 0);
    derw_close(&w);
    TRY(derw_end(&w));
    return buf_add_span(out, buf_span(&w.out));
}
