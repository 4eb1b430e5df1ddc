/* Owed subscribers without end, each with a real RSA-2048 key of his own, a certificate of the drill's old CA and a row
   in the records. */
#pragma once

#include <openssl/evp.h>

#include "place.h"

struct people; /* knows how many there are already */

MUST enum rc people_open(const struct place *place, struct people **out);
void people_free(struct people *p);
OWN(people)

struct person {
    struct buf old_der;
    EVP_PKEY *key;
};
void person_free(struct person *p);
/* The key as the product holds one; `place` lends the folder that it goes through. */
MUST enum rc person_key(const struct person *p, const struct place *place, struct key **out);

/* Makes `count` new ones and imports them into the place's store. */
MUST enum rc people_add(struct people *p, struct place *place, struct person *out, int count);
