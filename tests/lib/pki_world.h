/* The two CAs of the letter and one subscriber, made by mint.c, for every test that needs certificates. */
#pragma once

#include "base/fs.h"
#include "pki/ca/ca.h"
#include "pki/ca/mint.h"
#include "pki/ca/profile.h"
#include "pki/signer/signer.h"

#define OLD_CA_FROM  1443753140 /* 2015-10-02T02:32:20Z */
#define OLD_CA_TO    1601606540 /* 2020-10-02T02:42:20Z */
#define NEW_CA_FROM  1557705600 /* 2019-05-13T00:00:00Z */
#define NEW_CA_TO    1715558400 /* 2024-05-13T00:00:00Z */
#define SUB_FROM     1531728735 /* 2018-07-16T08:12:15Z */
#define DRILL_NOW    1584237600 /* 2020-03-15T02:00:00Z */
#define CONTRACT_END 1625158799 /* 2021-07-01T16:59:59Z, the end of that day in Viet Nam */

struct pki_world {
    char dir[PATH_CAP]; /* temporary: old.key new.key sub.key, old.pem new.pem sub.pem */
    struct key *old_key, *new_key, *sub_key;
    struct buf old_der, new_der, sub_der, sub_spki;
    struct ca *old_ca, *new_ca;
    struct cert sub;
};

extern bool pki_world_ec; /* set before it is opened: the new CA has an EC key, whose signatures differ each time */

void pki_world_open(struct pki_world *w);
void pki_world_free(struct pki_world *w);

/* One world for a whole group of tests, by cmocka's set-up and tear-down. */
extern struct pki_world world;
int pki_world_setup(void **state);
int pki_world_teardown(void **state);

void pki_world_path(const struct pki_world *w, const char *name, char out[PATH_CAP]);
void pki_world_put(const struct pki_world *w, const char *name, struct span der); /* as PEM */

/* The subscriber's certificate as it was asked for; a test may change it and mint another. */
struct mint_subscriber pki_world_subscriber(const struct pki_world *w);

/* What the subscriber is owed: input and bounds, to be changed by a test before it uses them. */
struct profile_input pki_world_input(const struct pki_world *w);
/* The core of a kur under an old certificate with `sub_key`, for that key or (not NULL) a new one; the buffer holds the
   whole message. */
struct span pki_world_kur(const struct pki_world *w, struct span old_cert, struct key *new_key, struct buf *message);
/* What a pool of signers of this world may sign: the profile of pki_world_input, by the drill's clock. */
struct signer_terms pki_world_terms(void);

struct profile_bounds pki_world_bounds(const struct pki_world *w);

/* Signs and joins. */
void pki_world_issue(const struct pki_world *w, struct span tbs, struct buf *der);
