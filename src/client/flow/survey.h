/* What is plugged in together with what the server says of it: the ground every command decides on. No PIN. */
#pragma once

#include "client/options.h"
#include "client/token/catalogue.h"
#include "client/token/find.h"

/* What can be done for one certificate, here and now. */
enum due {
    DUE_NOTHING,   /* not eligible */
    DUE_LATER,     /* owed, not open yet */
    DUE_OTHER_WAY, /* owed, open today only without the assist code that was given, or only with one */
    DUE_HELD,      /* owed, held back (R5.7) */
    DUE_NOW,       /* owed and open; or begun and not finished; or finished but not on this token */
    DUE_DONE,      /* confirmed, and on this token */
    DUE_FULL       /* issued by the new CA, on a token without the old one: it has its full term (R2.6) */
};

struct survey_item {
    const struct find_candidate *candidate;
    const struct find_candidate *successor; /* the new certificate on the same token, NULL: not there */
    bool asked;                             /* the server was asked: `check` holds its answer */
    struct api_check check;
    enum due due;
};

struct survey { /* zero-initialised is empty; must not be copied */
    struct places places;
    struct find find;
    struct survey_item *items; /* one per subscriber certificate, oldest first */
    size_t count;
    const struct api_client
        *told; /* inside `items`: what the server said of this program, NULL when it was not asked */
};
void survey_free(struct survey *s);

/* Finds what is there. RC_NOT_FOUND: no driver, or no token (err_text says which). */
MUST enum rc survey_find(const struct options *o, struct survey *out);

/* The one token that shows nothing before its PIN, NULL: none, or several. */
struct find_token *survey_shut(struct survey *s);
/* Looks into it (find_unlock). What was asked of the server is to be asked again. */
MUST enum rc survey_unlock(struct survey *s, struct find_token *t, struct span pin);

/* Is this program older than the server serves, or than the newest there is? */
bool survey_too_old(const struct api_client *c);
bool survey_newer(const struct api_client *c);

/* Nothing was found: does the server know of drivers that this program does not, and whom to call? Asked once a run,
   and briefly. True: look again. `hotline` is written when the server answered; NULL: not wanted. */
bool survey_learn(const struct options *o, struct http *h, char hotline[API_HOTLINE]);

/* Asks the server of each certificate (only of --serial's when given), the new CA's own left out, and takes newer token
 * models over when it has some. What is due depends on whether --assist was given. RC_NETWORK, RC_BUSY,
 * RC_REFUSED: its no, or a new CA that is not --ca's. RC_USAGE: --ca cannot be read. */
MUST enum rc survey_check(const struct options *o, struct http *h, struct survey *s);

/* The certificate of --ca, DER appended; nothing when none was given. RC_USAGE: it cannot be read. */
MUST enum rc survey_anchor(const struct options *o, struct buf *der);

bool survey_asked(const struct survey *s); /* was the server asked about any? */

/* A token or driver did not answer: what is missing from the list may be there all the same. */
bool survey_is_partial(const struct survey *s);
/* A token that shows a key and no certificate at all, NULL when there is none: seen on PKCS#15 cards after the power
   went while a certificate was removed. What is on it is not lost, but PKCS#11 neither shows nor mends it. */
const struct find_token *survey_bare(const struct survey *s);
/* May the item's old certificate go from its token: by the programme (R5.11), and by what is known of the model? */
bool survey_may_clean(const struct survey_item *i);
/* Can it be renewed today, with an assist code or by who is alone? What was begun may be finished any way. */
bool survey_opens(const struct survey_item *i, bool assisted);
bool survey_unfinished(const struct survey_item *i); /* begun earlier: what `resume` is for */

/* The item's serial number in upper-case hex. */
void survey_serial(const struct survey_item *i, char out[2 * SERIAL_MAX + 2]);
