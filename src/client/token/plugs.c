/* A digest of the tokens tells whether anything came or went; events only make the next look come sooner. */
#include "client/token/plugs.h"

#include <string.h>

#include "base/os.h"
#include "client/token/catalogue.h"
#include "client/token/usb.h"
#include "driver/driver.h"

#define MEND_FIRST 3000  /* for tokens that do not answer: one that is being plugged in fails for a moment, too */
#define MEND_LATER 15000 /* between two tries */
#define MENDS_MAX  3     /* in a row: modules dislike it, and a broken token is no broken module */

static void let_go(struct plug *g) {
    p11_module_free(&g->module);
    p11_module_free(&g->ears);
    p11_watch_free(g->watch);
    *g = (struct plug){0};
}

void plugs_free(struct plugs *p) {
    for (int i = 0; i < p->count; i++)
        let_go(&p->held[i]);
    p->count = 0;
}

static void hold(struct plugs *p, const char *path) {
    for (int k = 0; k < p->count; k++)
        if (strcmp(p->held[k].module.path, path) == 0)
            return;
    if (p->count == PLACES_MAX)
        return;
    struct plug *g = &p->held[p->count];
    *g = (struct plug){0};
    if (driver_open(&g->module, path) != RC_OK)
        return; /* what does not load is tried again at each look */
    p->count++;
    if (driver_open_alone(&g->ears, path) != RC_OK || p11_watch_new(&g->ears, p->tell, p->arg, &g->watch) != RC_OK)
        p11_module_free(&g->ears);
}

/* Opens what is installed and not open yet. */
static int hold_all(struct plugs *p) {
    struct places places;

    if (places_find(p->options, &p->options->catalogue->known.devices, &places) != RC_OK)
        return 0;
    for (int i = 0; i < places.count; i++)
        hold(p, places.path[i]);
    return places.count;
}

static size_t tokens_of(struct plug *g, struct p11_token tokens[TOKENS_MAX]) {
    size_t count = 0;

    g->mute = p11_tokens(&g->module, tokens, TOKENS_MAX, &count) != RC_OK;
    return g->mute ? 0 : count;
}

static struct sha256 digest(struct plugs *p) {
    struct p11_token tokens[TOKENS_MAX];
    AUTO(buf) text = {0};

    int places = hold_all(p);
    enum rc rc = buf_printf(&text, "%d %d\n", places, usb_token_seen());
    for (int i = 0; i < p->count && rc == RC_OK; i++) {
        size_t count = tokens_of(&p->held[i], tokens);
        for (size_t t = 0; t < count && rc == RC_OK; t++)
            if (tokens[t].initialized)
                rc = buf_printf(&text, "%d %lu %s %s %d\n", i, tokens[t].slot, tokens[t].serial, tokens[t].label,
                                tokens[t].pin_locked);
    }
    return sha256_of(buf_span(&text));
}

bool plugs_changed(struct plugs *p) {
    struct sha256 now = digest(p);

    return memcmp(&now, &p->noted, sizeof now) != 0;
}

void plugs_note(struct plugs *p) {
    for (int i = 0; i < p->count; i++)
        p->held[i].blamed = false;
    p->noted = digest(p);
}

bool plugs_have(struct plugs *p, const char *serial) {
    struct p11_token tokens[TOKENS_MAX];

    (void)hold_all(p);
    for (int i = 0; i < p->count; i++) {
        size_t count = tokens_of(&p->held[i], tokens);
        for (size_t t = 0; t < count; t++)
            if (tokens[t].initialized && strcmp(tokens[t].serial, serial) == 0)
                return true;
    }
    return false;
}

void plugs_blame(struct plugs *p, const struct p11_module *m) {
    for (int i = 0; i < p->count; i++)
        p->held[i].blamed |= p->held[i].module.handle == m->handle;
}

static bool unwell(const struct plug *g) {
    return g->mute || g->blamed;
}

bool plugs_want_mending(struct plugs *p) {
    bool any = false, mute = false;

    for (int i = 0; i < p->count; i++) {
        any |= unwell(&p->held[i]);
        mute |= p->held[i].mute;
    }
    if (!any) {
        p->mends = 0;
        p->mend_ms = 0;
        return false;
    }
    if (p->mend_ms == 0)
        p->mend_ms = os_clock_ms() + (mute ? 0 : MEND_FIRST);
    return p->mends < MENDS_MAX && os_clock_ms() >= p->mend_ms;
}

void plugs_mend(struct plugs *p) {
    int kept = 0;

    for (int i = 0; i < p->count; i++) {
        if (unwell(&p->held[i]))
            let_go(&p->held[i]);
        else
            p->held[kept++] = p->held[i];
    }
    p->count = kept;
    p->mends++;
    p->mend_ms = os_clock_ms() + MEND_LATER;
}
