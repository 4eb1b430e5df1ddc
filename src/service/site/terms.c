/* Reads and judges the terms of the server's own certificates (declared in service/site/terms.h). */
#include "service/site/terms.h"

#include <stdio.h>
#include <time.h>

#include "base/day.h"
#include "pki/ca/ca.h"

static enum rc read_one(const char *path, enum term which, struct terms *out) {
    AUTO(buf) der = {0};
    struct cert c;
    TRY(which == TERM_TLS ? cert_first_from_file(path, &der) : cert_from_file(path, &der));
    if (cert_parse(buf_span(&der), &c) != RC_OK)
        return err_in(RC_INPUT, "%s", path);
    out->from[which] = c.facts.not_before;
    out->to[which] = c.facts.not_after;
    return RC_OK;
}

enum rc terms_read(const struct conf *c, struct terms *out) {
    struct terms t;
    TRY(read_one(c->cmp_cert, TERM_CMP, &t));
    TRY(read_one(c->tls, TERM_TLS, &t));
    *out = t;
    return RC_OK;
}

enum term_state terms_look(const struct terms *t, enum term which, int64_t now, char text[TERMS_TEXT]) {
    static const struct {
        const char *name, *effect;
    } known[TERM_COUNT] = {
        [TERM_CMP] = {"the CMP certificate (cmp_cert)", "nothing can be issued: make a new certificate"},
        [TERM_TLS] = {"the TLS certificate (tls)", "no client connects: make a new certificate"},
    };
    char from[INSTANT_TEXT], to[INSTANT_TEXT];
    instant_format(t->from[which], from);
    instant_format(t->to[which], to);
    text[0] = '\0';
    if (now < t->from[which])
        (void)snprintf(text, TERMS_TEXT, "%s is not valid before %s; %s", known[which].name, from, known[which].effect);
    else if (now > t->to[which])
        (void)snprintf(text, TERMS_TEXT, "%s has expired, it was valid until %s; %s", known[which].name, to,
                       known[which].effect);
    else if (now > t->to[which] - TERMS_SOON)
        (void)snprintf(text, TERMS_TEXT, "%s expires soon, it is valid until %s; then %s", known[which].name, to,
                       known[which].effect);
    bool out = now < t->from[which] || now > t->to[which];
    return out ? TERM_OUT : text[0] != '\0' ? TERM_ENDING : TERM_FINE;
}

int64_t terms_now(const struct conf *c, enum term which) {
    return which == TERM_TLS ? (int64_t)time(NULL) : conf_now(c);
}
