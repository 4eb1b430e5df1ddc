/* capbud.conf and the folder it lies in: everything a program needs to know about one installation (DIR). */
#pragma once

#include "base/day.h"
#include "base/digest.h"
#include "base/fs.h"
#include "pki/ca/ca.h"
#include "rules/campaign.h"
#include "rules/semver.h"
#include "service/site/provinces.h"
#include "store/store.h"

#define CONF_NAME "capbud.conf"

struct conf { /* paths are absolute; relative ones in the file are taken from DIR */
    char dir[PATH_CAP];
    char listen_host[128];
    int listen_port; /* 0: any free port, told by the ready line */
    char database[PATH_CAP];
    char old_ca[PATH_CAP], new_ca[PATH_CAP];      /* PEM */
    char ca_key[PATH_CAP], ca_pin_file[PATH_CAP]; /* FILE or pkcs11:URI */
    char cmp_cert[PATH_CAP], cmp_key[PATH_CAP], cmp_pin_file[PATH_CAP];
    char devices_cert[PATH_CAP], devices_key[PATH_CAP], devices_pin_file[PATH_CAP]; /* who signs token models */
    char seal_key[PATH_CAP]; /* pki/seal/seal.h: not for the network process */
    char signed_journal[PATH_CAP];
    char tls[PATH_CAP]; /* key and certificate in one PEM */
    char campaign[PATH_CAP], devices[PATH_CAP];
    int64_t clock_offset; /* seconds added to the machine's clock; 0 unless a drill (interfaces.md, init) */
    bool drill;
    int signers;                  /* helper processes */
    char signer_socket[PATH_CAP]; /* where `capbud --signer` is called; "": the helpers are capbud's own */
    char signer_peer[64];         /* the user who may call; "": the service's own */
    int max_connections, max_body, requests_per_minute, max_active; /* limits */
    char client_min_version[SEMVER_CAP];                            /* oldest version of capbu served; "" any */
    char client_latest_version[SEMVER_CAP];                         /* newest there is; "" not told */
    char client_download[256];                                      /* where it is: an address or words */
};

MUST enum rc conf_load(const char *dir,
                       struct conf *out);  /* RC_NOT_FOUND: no such folder or file, RC_INPUT: file and line */
int64_t conf_now(const struct conf *c);    /* the instant of DIR's clock: the edges' only clock */
int64_t conf_now_ms(const struct conf *c); /* milliseconds */

/* HOST:PORT, or [ADDRESS]:PORT for IPv6: sets listen_host and listen_port. What is wrong with it, else NULL. */
const char *conf_listen(const char *listen, struct conf *out);

/* The files it names, the database aside, by place from 0 on: "" where it names none, NULL after the last. */
const char *conf_file(const struct conf *c, size_t place);

/* Names each private key and PIN file that others on this machine can read or change, a group included. */
void conf_exposed(const struct conf *c, void (*take)(void *arg, const char *path), void *arg);
MUST enum rc conf_kept(const struct conf *c); /* RC_INPUT: there are some; what to do about them all */

/* Says of the folder, and of each file that is believed as it stands, when others on this machine can change it. */
void conf_open(const struct conf *c, void (*say)(void *arg, const char *text), void *arg);

struct sealer; /* service/site/sealer.h */

/* An installation opened: configuration, campaign with the new CA's bounds filled in, and both issuers. */
struct site {
    struct conf conf;
    struct campaign campaign;
    struct provinces provinces;  /* R3.1 */
    struct sha256 campaign_hash; /* of the campaign file and the list of provinces */
    struct buf old_ca_der, new_ca_der;
    struct ca *old_ca, *new_ca;
    struct sealer *sealer; /* its key is read when it is first needed; the network process never does */
    struct store *store;   /* NULL until site_open_store */
    struct gaps *gaps;     /* service/site/gaps.h: NULL where nobody looked for any */
};
MUST enum rc site_open(const char *dir, struct site *out);
/* What is written is sealed only after store_link. */
MUST enum rc site_open_store(struct site *s, int readers);
void site_free(struct site *s);
struct ca_pair site_cas(const struct site *s);
