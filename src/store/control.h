/* What people decide while the programme runs: phases opened and halted, assist codes of account managers. */
#pragma once

#include "base/digest.h"
#include "rules/rollout.h"
#include "store/tx.h"

const char *phase_switch_name(enum phase_switch s); /* "planned" "opened" "halted" */

struct phase_row { /* as it stands in the database */
    struct span id, value, why;
};
/* Those of an earlier campaign file too. */
MUST enum rc phase_switch_each(struct db *db, enum rc (*each)(void *arg, const struct phase_row *p), void *arg);

/* Switches in the order of campaign.phases; phases without a row are PHASE_PLANNED. */
MUST enum rc phase_switches_get(struct db *db, const struct campaign *c, struct phase_switches *out);

/* Why a person decided so, in their words; "" where nobody did, or said nothing. In the order of campaign.phases. */
#define PHASE_WHY 501
typedef char phase_why[PHASE_WHY];
MUST enum rc phase_whys_get(struct db *db, const struct campaign *c, phase_why *out);

/* Sets one and audits it. */
MUST enum rc phase_switch_put(struct tx *tx, const char *phase_id, enum phase_switch value, const char *actor,
                              const char *why);

struct assist_row {
    char code[33]; /* as handed out; stored as its SHA-256 only; "" where it is not known */
    char mark[9];  /* the first digits of that: how a list tells of it. Read back only */
    enum channel channel;
    char holder[65]; /* staff number or name of the account manager */
    int64_t expires_at;
    int64_t uses; /* certificates it may be used for, 0: any number */
    int64_t used; /* read back only: by how many others it was */
};
#define ASSIST_HASH (2 * SHA256_LEN + 1)
void assist_hash_of(const char *code, char out[ASSIST_HASH]);                          /* how the code is stored */
MUST enum rc assist_put(struct tx *tx, const struct assist_row *r, const char *actor); /* RC_EXISTS */
/* For the certificate `old_id`, which does not count against itself. RC_NOT_FOUND: no such code. */
MUST enum rc assist_get(struct db *db, const char *code, int64_t old_id, struct assist_row *out);
/* All of them, those that end last first. */
MUST enum rc assist_each(struct db *db, enum rc (*row)(void *arg, const struct assist_row *r), void *arg);
/* Ends it a second before `tx->now`, by the code or by its mark, and audits it. RC_NOT_FOUND. */
MUST enum rc assist_end(struct tx *tx, const char *code_or_mark, const char *actor);
/* Good for this instant, and for one certificate more? */
enum assist_state { ASSIST_GOOD, ASSIST_EXPIRED, ASSIST_USED_UP };
enum assist_state assist_state(const struct assist_row *r, int64_t now);

/* Small facts of this database: "clock_offset", "campaign_hash" … RC_NOT_FOUND. */
MUST enum rc meta_get(struct db *db, const char *key, char *value, size_t cap);
MUST enum rc meta_put(struct tx *tx, const char *key, const char *value);
