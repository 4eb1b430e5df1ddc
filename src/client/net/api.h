/* What the server says of a certificate, and the beginning of a renewal: its JSON API as the client uses it. */
#pragma once

#include "base/day.h"
#include "client/net/http.h"
#include "p11/token.h"

#define SUBJECT_LINES 12
#define API_CODE      256 /* room for reason codes joined by ";" */
#define API_HOTLINE   64
#define API_NAME      64
#define API_TITLE     160

struct api_line { /* a line of subscriber data to confirm */
    char label[64];
    char value[320];
};

struct api_client {                               /* what the server says to the program itself, with any answer */
    char minimum[33], latest[33];                 /* versions; "" any, "" not told */
    char download[256];                           /* where to get the latest: an address or words, "" not told */
    char hotline[API_HOTLINE];                    /* whom to call, "" when the programme names nobody */
    char issuer_name[API_NAME], branch[API_NAME]; /* who provides the certificates, where a token is taken to; "" */
    char programme[API_TITLE], letter[API_TITLE]; /* the campaign's title, and what orders it; "" */
    int64_t devices_version;                      /* of the published token models, 0: none */
    int64_t server_time;
    struct buf issuer; /* DER of the new CA */
};
void api_client_free(struct api_client *c);

/* GET /api/v1/client. RC_REFUSED, RC_NETWORK, RC_BUSY. */
MUST enum rc api_client_run(struct http *h, struct api_client *out);

/* The published token models (client/token/devices.h opens them). RC_LIMIT: larger than PUBLICATION_LIMIT. */
MUST enum rc api_devices(struct http *h, struct buf *out);

struct api_check { /* POST /api/v1/check */
    char serial[48], new_serial[48];
    char verdict[16];  /* eligible refused held done */
    char reasons[256]; /* joined by ';' */
    char state[16];    /* owed reserved issued confirmed */
    char device[8], opens_on[DAY_TEXT];
    char old_not_after[INSTANT_TEXT], new_not_after[INSTANT_TEXT];
    int64_t owed_days;
    bool open, halted, may_clean;
    bool successor_wanted; /* the server has lost the new certificate: show it that */
    char channels[64];     /* open today, joined by ';'; "" when the server names none */
    char message[1024];    /* in the caller's language */
    struct api_line subject[SUBJECT_LINES];
    int subject_count;
    struct api_client client; /* issuer: the new CA */
};
void api_check_free(struct api_check *c);

/* Is what is open today open with an assist code (any but "self"), or for one who is alone? True where the server names
   no channels: begin will tell. */
bool api_opens(const struct api_check *c, bool assisted);

/* RC_REFUSED: the server refuses the question itself (err_text says why). RC_NETWORK, RC_BUSY. */
MUST enum rc api_check_run(struct http *h, struct span certificate, struct api_check *out);

struct api_begin {
    struct span certificate; /* DER of the old one */
    const char *device_model;
    const struct p11_token *unknown; /* a token of no known model, reported as it calls itself; NULL: a known one */
    const char *assist;              /* NULL: self-care */
    char ticket[80];                 /* "" at first; kept while waiting, so that the place is kept */
    bool go;
    int64_t position, wait_seconds; /* ask again then */
    int64_t about_seconds;          /* until our turn; 0: the server does not say */
};
/* Consent was given (R5.10). RC_REFUSED with the server's text; `code` gets its reason code. */
MUST enum rc api_begin_run(struct http *h, struct api_begin *b, char code[API_CODE]);

/* The receipt of a confirmed renewal (CMS), by its old or new certificate and the secret that came with it; appended.
   RC_NOT_FOUND: there is none; RC_REFUSED: another secret. */
MUST enum rc api_receipt(struct http *h, struct span certificate, const char *secret, struct buf *out);

/* Tells which systems know the new certificate: bits of rules/mark.h. */
MUST enum rc api_marks(struct http *h, struct span certificate, const char *secret, unsigned marks);

/* One CMP message (RFC 9480); appends the answer. */
MUST enum rc api_cmp(struct http *h, struct span message, struct buf *answer);
