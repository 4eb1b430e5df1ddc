/* Between the prompt and the login minutes can pass: what changes then costs no PIN try and destroys nothing. */
#include "unit/client/token/card.h"

#include <stdlib.h>
#include <string.h>

#include "client/term/terminal.h"
#include "client/token/successor.h"

#define NOW 1584237600 /* 2020-03-15 */

struct scene {
    struct card card;
    struct find_token at;
    struct find_candidate old, new;
    struct survey_item item;
    const char *flags; /* SHIM_FLAGS from the moment the PIN is asked for; NULL: nothing happens */
};

static void candidate(struct find_candidate *c, const struct find_token *at, const struct buf *der) {
    c->at = at;
    MUST_OK(buf_set(&c->der, buf_span(der)));
    MUST_OK(cert_parse(buf_span(&c->der), &c->cert));
}

static void scene_open(struct scene *s) {
    *s = (struct scene){0};
    card_open(&s->card, false);
    buf_free(&s->card.new_der);
    s->card.new_der = (struct buf){0};
    card_renew(&s->card, &s->card.new_der);
    s->at.token = s->card.token;
    candidate(&s->old, &s->at, &s->card.old_der);
    candidate(&s->new, &s->at, &s->card.new_der);
    s->item = (struct survey_item){.candidate = &s->old, .successor = &s->new, .asked = true, .due = DUE_DONE};
    s->item.check.client.server_time = NOW;
    MUST_OK(buf_set(&s->item.check.client.issuer, card_ca(true)));
    AUTO(p11_session) session = {0};
    MUST_OK(softhsm_login(&s->card.token, CARD_PIN, &session));
    MUST_OK(softhsm_put_cert(&session, buf_span(&s->card.new_der), SPAN(card_key_id), "new"));
}

static void scene_free(struct scene *s) {
    buf_free(&s->old.der);
    buf_free(&s->new.der);
    buf_free(&s->item.check.client.issuer);
    card_free(&s->card);
}

/* The person at the prompt: something may happen to the token while they type. */
static enum rc person(void *arg, const struct p11_token *token, struct secret *pin) {
    const struct scene *s = arg;
    (void)token;
    if (s->flags != NULL)
        setenv("SHIM_FLAGS", s->flags, 1);
    return secret_from(pin, span_str(CARD_PIN));
}

static enum rc clean(struct scene *s, const char *flags) {
    const struct options o = {.lang = LANG_EN};
    struct enrol_hooks hooks = terminal_hooks(&o);
    AUTO(enrol) e = {.item = &s->item, .hooks = &hooks};
    s->flags = flags;
    hooks.pin = person;
    hooks.arg = s;
    enum rc rc = enrol_clean(&e);
    unsetenv("SHIM_FLAGS");
    return rc;
}

static void a_token_swapped_at_the_prompt_gets_no_pin(void **state) {
    (void)state;
    AUTO(scene) s;
    struct card_sees seen;
    scene_open(&s);
    size_t before = card_calls(&s.card, "C_Login");
    MUST_FAIL(RC_NOT_FOUND, clean(&s, "other"));
    MUST_FAIL(RC_PIN_LOCKED, clean(&s, "final_try"));
    MUST_FAIL(RC_PIN_LOCKED, clean(&s, "locked"));
    assert_int_equal(card_calls(&s.card, "C_Login"), before);
    MUST_OK(clean(&s, NULL));
    assert_int_equal(card_calls(&s.card, "C_Login"), before + 1);
    card_look(&s.card, &seen);
    assert_int_equal(seen.certs, 1);
    assert_int_equal(seen.new_certs, 1);
}

/* R5.11: the old certificate goes only when the one that stays is what the programme promised. */
static void an_unfit_successor_is_not_left_alone(void **state) {
    (void)state;
    AUTO(scene) s;
    struct card_sees seen;
    scene_open(&s);
    MUST_OK(buf_set(&s.item.check.client.issuer, card_ca(false))); /* a server that names another CA */
    const struct options o = {.pin_file = "/nonexistent/pin", .lang = LANG_EN};
    const struct enrol_hooks hooks = terminal_hooks(&o);
    AUTO(enrol) e = {.item = &s.item, .hooks = &hooks};
    MUST_FAIL(RC_CRYPTO, enrol_clean(&e)); /* no PIN is asked for */
    card_look(&s.card, &seen);
    assert_int_equal(seen.certs, 2);
    assert_int_equal(seen.old_certs, 1);
}

static void says_what_a_successor_must_be(void **state) {
    (void)state;
    AUTO(scene) s;
    scene_open(&s);
    const struct cert *old = &s.old.cert, *new = &s.new.cert;
    struct cert other;
    MUST_OK(successor_check(old, new, card_ca(true), NOW));
    MUST_FAIL(RC_CRYPTO, successor_check(old, new, card_ca(false), NOW));
    MUST_FAIL(RC_INPUT, successor_check(old, new, span_str("no CA"), NOW));
    MUST_FAIL(RC_REFUSED, successor_check(new, new, card_ca(true), NOW)); /* does not end later */
    MUST_FAIL(RC_REFUSED, successor_check(old, new, card_ca(true), new->facts.not_before - 1));
    MUST_FAIL(RC_REFUSED, successor_check(old, new, card_ca(true), new->facts.not_after + 1));
    MUST_OK(successor_check(old, new, card_ca(true), new->facts.not_after));
    other = *old;
    other.subject = old->issuer;
    MUST_FAIL(RC_REFUSED, successor_check(&other, new, card_ca(true), NOW));
    uint8_t modulus[512];
    memcpy(modulus, old->modulus.ptr, old->modulus.len);
    modulus[old->modulus.len - 1] ^= 2;
    other = *old;
    other.modulus = span_of(modulus, old->modulus.len);
    MUST_FAIL(RC_REFUSED, successor_check(&other, new, card_ca(true), NOW));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_swapped_at_the_prompt_gets_no_pin),
        cmocka_unit_test(an_unfit_successor_is_not_left_alone),
        cmocka_unit_test(says_what_a_successor_must_be),
    };
    return cmocka_run_group_tests(tests, card_cas, card_cas_end);
}
