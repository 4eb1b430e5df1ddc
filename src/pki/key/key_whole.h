/* Inside pki only: tokens that sign what was not hashed yet (CKM_SHA256_RSA_PKCS and its like), because they refuse
   what was. The data is handed past OpenSSL, which would hash it first. */
#pragma once

#include "pki/key/key_in.h"

/* What k->token is asked to sign, for as long as the operation lasts. */
void key_whole_put(struct key *k, enum hash h, struct span data);
void key_whole_end(struct key *k);

/* The mechanism for that data; false: there is no data, or none that hashes so. */
bool key_whole_mechanism(const struct key *k, CK_MECHANISM_TYPE *mechanism);

/* From now on the data reaches the token also where OpenSSL's protocols sign by an EVP_PKEY: for all keys of the
   process, `find` tells the token's ones (NULL: another). */
void key_whole_hook(struct key *(*find)(const EVP_PKEY *));
