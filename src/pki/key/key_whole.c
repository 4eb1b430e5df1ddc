/* A method that OpenSSL asks with the whole text, where its own ones would only see the hash. */
#include "pki/key/key_whole.h"

#include <openssl/err.h>
#include <pthread.h>

static struct key *(*find_key)(const EVP_PKEY *);
static pthread_once_t hook_once = PTHREAD_ONCE_INIT;

void key_whole_put(struct key *k, enum hash h, struct span data) {
    k->token.whole = data;
    k->token.hash = h;
}

void key_whole_end(struct key *k) {
    k->token.whole = (struct span){0};
}

bool key_whole_mechanism(const struct key *k, CK_MECHANISM_TYPE *mechanism) {
    static const CK_MECHANISM_TYPE rsa[] = {[HASH_SHA1] = CKM_SHA1_RSA_PKCS,
                                            [HASH_SHA256] = CKM_SHA256_RSA_PKCS,
                                            [HASH_SHA384] = CKM_SHA384_RSA_PKCS,
                                            [HASH_SHA512] = CKM_SHA512_RSA_PKCS},
                                   ec[] = {[HASH_SHA1] = CKM_ECDSA_SHA1,
                                           [HASH_SHA256] = 0x1044, /* CKM_ECDSA_SHA256 …: not in p11-kit's header */
                                           [HASH_SHA384] = 0x1045,
                                           [HASH_SHA512] = 0x1046};

    *mechanism = k->raw.rsa != NULL ? rsa[k->token.hash] : ec[k->token.hash];
    return k->token.whole.ptr != NULL;
}

static bool hash_of(const EVP_MD *md, enum hash *h) {
    static const int nids[] = {
        [HASH_SHA1] = NID_sha1, [HASH_SHA256] = NID_sha256, [HASH_SHA384] = NID_sha384, [HASH_SHA512] = NID_sha512};

    for (size_t i = 0; i < sizeof nids / sizeof nids[0]; i++)
        if (EVP_MD_is_a(md, OBJ_nid2sn(nids[i]))) {
            *h = (enum hash)i;
            return true;
        }
    return false;
}

static int digest_sign(EVP_MD_CTX *ctx, unsigned char *sig, size_t *sig_len, const unsigned char *data, size_t len) {
    EVP_PKEY_CTX *pctx = EVP_MD_CTX_get_pkey_ctx(ctx);
    const EVP_MD *md = EVP_MD_CTX_get0_md(ctx);
    struct key *k = find_key(EVP_PKEY_CTX_get0_pkey(pctx));
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;
    enum hash h;

    if (!EVP_Digest(data, len, hash, &hash_len, md, NULL))
        return 0;
    if (k != NULL && sig != NULL && hash_of(md, &h))
        key_whole_put(k, h, span_of(data, len));
    int ok = EVP_PKEY_sign(pctx, sig, sig_len, hash, hash_len);
    if (k != NULL)
        key_whole_end(k);
    return ok;
}

static void hook(void) {
    static const int kinds[] = {EVP_PKEY_RSA, EVP_PKEY_EC};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const EVP_PKEY_METHOD *theirs = EVP_PKEY_meth_find(kinds[i]);
        EVP_PKEY_METHOD *ours = EVP_PKEY_meth_new(kinds[i], EVP_PKEY_FLAG_AUTOARGLEN);
        if (theirs == NULL || ours == NULL)
            return; /* signing stays as it was */
        EVP_PKEY_meth_copy(ours, theirs);
        EVP_PKEY_meth_set_digestsign(ours, digest_sign);
        if (!EVP_PKEY_meth_add0(ours))
            EVP_PKEY_meth_free(ours);
    }
    ERR_clear_error();
}

void key_whole_hook(struct key *(*find)(const EVP_PKEY *)) {
    find_key = find;
    (void)pthread_once(&hook_once, hook);
}
