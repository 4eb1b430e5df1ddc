/* What the tests of the signer share, over the world of lib/pki_world.h. */
#pragma once

#include "lib/must.h"
#include "lib/pki_world.h"
#include "lib/softhsm.h"
#include "pki/signer/signer.h"

#define SIGNER_PIN "8gK-grep-me"

extern struct buf signer_tbs, signer_endless; /* to be signed; the other outlives its CA */
extern char signer_key[PATH_CAP];

int signer_world_setup(void **state);
int signer_world_teardown(void **state);

struct signer_config signer_world_config(int helpers); /* forgets what was told */
struct signer_request signer_world_request(void);

/* Joined with its signature it is a certificate under the new CA. */
void signer_world_holds(const struct signer *s, const struct buf *signature);

/* The processes of a parent, by /proc. */
int signer_world_children(pid_t parent, pid_t out[16]);

/* Our only child is the parent of the helpers: those. */
int signer_world_helpers(pid_t out[16]);

/* Until so many helpers are alive, and so many have been replaced: or never. */
void signer_world_full(struct signer *s, int helpers, int64_t restarts);

/* How often the parent, or we, told that. */
int signer_world_told(const char *what);
void signer_world_wait(const char *what); /* until it is told, or never */

/* 25 signatures of `signer_shared`, of which every fifth must be refused: so an answer that went to the wrong thread is
   seen. For run_threads. */
extern struct signer *signer_shared;
bool signer_world_signs(void);

/* SoftHSM is made and filled by another process, so that this one never calls C_Initialize before it forks helpers. */
bool signer_world_token(struct softhsm *hsm, const char *module, char uri[2 * PATH_CAP], char pin_path[PATH_CAP]);

/* The same behind the shim, whose SHIM_FAIL and the like break calls; `cfg` takes its key from there, until the next
   one is made. Without SoftHSM the test is skipped. */
void signer_world_shim(struct softhsm *hsm, struct signer_config *cfg);
