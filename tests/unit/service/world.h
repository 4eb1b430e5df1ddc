/* An installation in a temporary folder: the letter's campaign and CAs, a store, a signer, and people as a test wants
   them. */
#pragma once

#include "lib/must.h"
#include "lib/pki_world.h"
#include "service/intake/import.h"
#include "service/issuing/reissue.h"
#include "service/issuing/sealing.h"

struct world {
    struct pki_world pki;
    struct site site;
    struct signer *signer;
    struct signer *refusing; /* signs nothing: it thinks that another CA is the old one */
    struct responder responder;
    struct reissue core;
    struct audit_linker linker; /* by `signer` */
};

/* The one of a test program: fixtures of its group. New keys are up to the campaign. */
extern struct world w;
int world_setup(void **state);
int world_teardown(void **state);

void world_open(struct world *w, bool new_key_allowed);
void world_free(struct world *w);
/* A seal key in the folder, and a store whose audit is sealed by it. */
void world_make_key(const struct world *w, char path[PATH_CAP]);
void world_make_store(const char *key, const char *dsn);
void world_path(const struct world *w, const char *name, char out[PATH_CAP]);
void world_write(const struct world *w, const char *name, const char *text);
void world_read(const struct world *w, const char *name, struct buf *out);

struct person {      /* NULL and 0: those of an owed v4 in Hà Nội */
    uint32_t number; /* makes the serial number */
    const char *tax_code, *name, *province, *device, *contract_to, *status;
    int64_t not_before, not_after;
    bool by_new_ca, forged; /* forged: named as the old CA's, signed by another key */
};

#define WORLD_CSV_HEADER "contract,tax_code,name,province,device,contract_to,status,certificate\n"

void world_mint(const struct world *w, const struct person *p, struct buf *der);
/* The person's row of the import file, appended. */
void world_row(const struct world *w, const struct person *p, struct buf *csv);
/* Imports the text; fails the test when it does not count so. */
void world_import(struct world *w, const char *csv, struct import_counts expected);
/* Mints and imports one, whose certificate is returned in `der`. */
void world_add(struct world *w, const struct person *p, struct buf *der);
/* Changes the status of one who is imported already. */
void world_set_status(struct world *w, const struct person *p, const char *status);

/* Asks the core with a kur of the person's key for the key in `req` (none: the same one). */
enum rc world_reissue(struct reissue *core, struct reissue_request *req, struct cmp_answer *answer);

/* Reserves and goes no further: to the store this is a server that died between the two transactions. */
void world_reserve_only(const struct buf *der);

/* How many audit lines contain the text. */
int64_t world_audit_count(struct world *w, const char *text);
MUST enum rc world_audit_verify(struct world *w, int64_t *lines);
/* The person's row as stored. */
void world_row_of(struct world *w, const struct person *p, struct cert_row *out);
/* The id under which a person's certificate is stored. */
int64_t world_id(struct world *w, const struct person *p);
