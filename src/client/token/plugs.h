/* What is plugged in, from one look of the page to the next: modules held open, what they tell by themselves, and a
   module that answers nothing but errors started anew. */
#pragma once

#include "base/digest.h"
#include "client/options.h"
#include "client/token/places.h"
#include "p11/token.h"
#include "p11/watch.h"

struct plug {
    struct p11_module module;
    struct p11_module ears;  /* waits, and does nothing else: a driver serves one call at a time */
    struct p11_watch *watch; /* NULL: it cannot tell, so it is asked */
    bool mute;               /* it does not even list its tokens */
    bool blamed;             /* it lists them, but they do not answer */
};

struct plugs { /* zero-initialise, then set the first three */
    const struct options *options;
    void (*tell)(void *arg); /* something came or went; called on a thread of its own */
    void *arg;
    struct plug held[PLACES_MAX]; /* kept open: modules misbehave when they are initialised again and again */
    int count;
    struct sha256 noted;
    int mends; /* in a row, without success */
    int64_t mend_ms;
};
void plugs_free(struct plugs *p);

/* Looks which tokens are there; no session is opened. True: not as plugs_note saw it. */
bool plugs_changed(struct plugs *p);
void plugs_note(struct plugs *p);
/* The token of that serial number, in whatever slot. */
bool plugs_have(struct plugs *p, const char *serial);

/* Of a module: its tokens did not answer, though they are there. Forgotten by the next plugs_note. */
void plugs_blame(struct plugs *p, const struct p11_module *m);
/* Some module has failed so long that starting it anew is worth a try: some never recover from a token that was pulled
   out under them. Call it when a look is over. */
bool plugs_want_mending(struct plugs *p);
/* Finalises those and lets go of them; the next look opens them again. Nothing else may hold them open. */
void plugs_mend(struct plugs *p);
