/* A small world for the CMP tests: two CAs, a subscriber, a server over a store in memory, and faults on the way. */
#pragma once

#include "lib/must.h"
#include "pki/cmp/cmp_cli.h"
#include "pki/cmp/cmp_msg.h"
#include "pki/cmp/cmp_srv.h"

#define WORLD_NOW    1584237600 /* 2020-03-15T02:00:00Z, in the letter's first phase (R3.2) */
#define WORLD_YEAR   (365 * 86400)
#define WORLD_SAVED  16
#define WORLD_SECRET "0123456789abcdef"

struct world_saved {
    struct buf transaction;
    struct cmp_saved kept;
    int confirmed; /* 1 accepted, -1 rejected */
    char text[128];
};

/* An identity: key and certificate. */
struct world_id {
    struct key *key;
    struct buf cert;
};

enum world_key { WORLD_EC, WORLD_RSA, WORLD_RSA_1024 };

struct world {
    struct world_id old_ca, new_ca, cmp, owner, stranger; /* both subscribers are under the old CA */
    struct cmp_srv *srv;
    struct cmp_hooks hooks;
    struct cmp_cli cli;

    struct world_saved saved[WORLD_SAVED];
    int saved_count;
    struct buf issued;  /* for the owner's certificate; the same one again (renewing twice) */
    struct buf receipt; /* what the confirm hook gives back; empty = nothing */
    struct buf instead; /* what a wrong server would issue instead; empty = the right one */
    int reissues, grants, refusals, confirms, installs, sends;
    char refused_code[CMP_CODE], refused_text[640], refused_serial[64];
    struct cmp_consent seen_consent;
    struct buf seen_spki, seen_serial, seen_issuer;

    const char *refuse_code, *refuse_text; /* the verdict; NULL = grant */
    bool refuse_later;
    enum rc reissue_rc, save_rc, load_rc, confirm_rc, refused_rc, install_rc; /* RC_OK = works */
    bool implicit_confirm; /* the campaign grants it: set before world_open */
    bool restart;          /* a fresh server for every message */
    int lose_send;         /* this message never arrives, 1 = the first */
    int lose_answer;       /* it arrives, its answer does not */
    int garble_answer;     /* that answer is no CMP */
    struct buf message[4]; /* what was sent */
    struct buf answer[4];
};

void world_open(struct world *w, enum world_key kind);
/* The server answers by this key and certificate from now on. */
void world_answer_as(struct world *w, const struct world_id *key, const struct buf *cert);
void world_free(struct world *w);

struct key *world_key(enum world_key kind);

/* A new certificate of the letter's profile, or a wrong one. */
struct world_issue {
    const struct world_id *subject; /* whose name it bears */
    struct key *key;
    const struct world_id *issuer;
    int64_t not_after;
};
void world_issue(const struct world_issue *in, struct buf *der);

/* One message to the server. The refusal code lands in w->code. */
enum rc world_handle(struct world *w, struct span message, struct buf *answer, char code[CMP_CODE]);

/* The kur a client would send; what is not said is as the owner does it. */
struct world_kur {
    const struct world_id *from;
    const struct buf *old_cert; /* what oldCertID names */
    struct key *new_key;        /* in the template */
    struct span transaction;
    const char *mac_secret; /* protected by a password instead */
    int digest;             /* NID of the hash signed with, in protection and proof of possession; 0: SHA-256 */
    bool unprotected, ra_verified;
    int body; /* OSSL_CMP_IR … instead of a kur */
};
void world_kur(struct world *w, const struct world_kur *in, struct buf *message);

void world_view(const struct buf *message, struct cmp_msg *view);
void world_text(const struct buf *message, char out[640]); /* statusString of an error or a rejecting kup */
int world_confirmed(const struct world *w);                /* of the last transaction */
