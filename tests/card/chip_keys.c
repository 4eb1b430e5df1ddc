/* The card's RSA-2048 keys: made on the card, never read, used after the PIN only (CKM_RSA_PKCS, no more). */
#include "card/chip.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#define RSA_BYTES 256
enum { ALG_MAKE_RSA_2048 = 0xf3, ALG_SIGN_PKCS1 = 0x11 };

/* MANAGE SECURITY ENVIRONMENT: 80 the algorithm, 84 the key. */
uint16_t keys_environment(struct chip *c, const struct apdu *a) {
    if (!c->authenticated)
        return SW_NOT_AUTHENTICATED;
    for (size_t k = 0; k + 2 < a->lc; k += 2u + a->data[k + 1]) {
        if (a->data[k] == 0x80)
            c->algorithm = a->data[k + 2];
        if (a->data[k] == 0x84)
            c->key = a->data[k + 2];
    }
    return c->key < CHIP_KEYS_MAX ? SW_OK : SW_DATA_INVALID;
}

static bool keep(struct chip *c, const EVP_PKEY *pkey) {
    unsigned char *at = c->memory.key[c->key];
    int len = i2d_PrivateKey(pkey, NULL);

    if (len <= 0 || len > CHIP_KEY_CAP || i2d_PrivateKey(pkey, &at) != len)
        return false;
    c->memory.key_len[c->key] = (uint16_t)len;
    c->save(c);
    return true;
}

/* 7F49 { 81 modulus, 82 exponent }. */
static bool tell_public(const EVP_PKEY *pkey, struct answer *out) {
    static const uint8_t head[] = {0x7f, 0x49, 0x82, 0x01, 0x09, 0x81, 0x82, 0x01, 0x00};
    static const uint8_t tail[] = {0x82, 0x03, 0x01, 0x00, 0x01};
    BIGNUM *n = NULL;
    uint8_t *modulus = out->data + sizeof head;

    bool fine =
        EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 && BN_bn2binpad(n, modulus, RSA_BYTES) == RSA_BYTES;
    BN_free(n);
    memcpy(out->data, head, sizeof head);
    memcpy(modulus + RSA_BYTES, tail, sizeof tail);
    out->len = sizeof head + RSA_BYTES + sizeof tail;
    return fine;
}

uint16_t keys_generate(struct chip *c, const struct apdu *a, struct answer *out) {
    if (!c->authenticated)
        return SW_NOT_AUTHENTICATED;
    if (a->p1 != 0x42 || a->p2 != 0 || c->algorithm != ALG_MAKE_RSA_2048)
        return SW_WRONG_P1P2;
    EVP_PKEY *pkey = EVP_RSA_gen(2048);
    bool fine = pkey != NULL && tell_public(pkey, out) && keep(c, pkey);
    EVP_PKEY_free(pkey);
    return fine ? SW_OK : SW_BROKEN;
}

uint16_t keys_sign(struct chip *c, const struct apdu *a, struct answer *out) {
    const unsigned char *der = c->memory.key[c->key];

    if (!c->authenticated)
        return SW_NOT_AUTHENTICATED;
    if (a->p1 != 0x9e || a->p2 != 0x9a)
        return SW_WRONG_P1P2;
    if (c->algorithm != ALG_SIGN_PKCS1 || c->memory.key_len[c->key] == 0)
        return SW_CONDITIONS;
    if (a->lc > RSA_BYTES - RSA_PKCS1_PADDING_SIZE)
        return SW_WRONG_LENGTH;
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &der, c->memory.key_len[c->key]);
    EVP_PKEY_CTX *sign = pkey == NULL ? NULL : EVP_PKEY_CTX_new(pkey, NULL);
    out->len = sizeof out->data;
    bool fine = sign != NULL && EVP_PKEY_sign_init(sign) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(sign, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_sign(sign, out->data, &out->len, a->data, a->lc) == 1;
    EVP_PKEY_CTX_free(sign);
    EVP_PKEY_free(pkey);
    return fine ? SW_OK : SW_BROKEN;
}
