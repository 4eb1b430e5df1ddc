/* PIN and PUK. A try is written down before the PIN is compared, so no power cut gives one back. */
#include "card/chip.h"

#include <openssl/sha.h>
#include <string.h>

#define PIN_MIN 4
enum { REF_PIN = 1, REF_PUK = 2 };

static bool lawful(size_t len) {
    return len >= PIN_MIN && len <= CHIP_PIN_LEN;
}

static void digest(const uint8_t *value, size_t len, uint8_t out[32]) {
    uint8_t padded[CHIP_PIN_LEN] = {0};

    memcpy(padded, value, len);
    SHA256(padded, sizeof padded, out);
}

static void secret_set(struct chip_secret *s, const uint8_t *value, size_t len) {
    digest(value, len, s->digest);
    s->tries = s->tries_max;
    s->set = true;
}

static uint16_t secret_try(struct chip *c, struct chip_secret *s, const uint8_t *value, size_t len) {
    uint8_t tried[sizeof s->digest];

    if (s->tries == 0)
        return SW_TRIES_LEFT;
    s->tries--;
    c->save(c);
    digest(value, len, tried);
    if (memcmp(tried, s->digest, sizeof tried) != 0)
        return (uint16_t)(SW_TRIES_LEFT | s->tries);
    s->tries = s->tries_max;
    c->save(c);
    return SW_OK;
}

uint16_t pin_verify(struct chip *c, const struct apdu *a) {
    struct chip_secret *pin = &c->memory.pin;

    if (a->p1 != 0 || a->p2 != REF_PIN)
        return SW_WRONG_P1P2;
    if (a->lc == 0) /* is a PIN wanted? */
        return pin->set ? (uint16_t)(SW_TRIES_LEFT | pin->tries) : SW_OK;
    if (!lawful(a->lc))
        return SW_WRONG_LENGTH;
    uint16_t sw = secret_try(c, pin, a->data, a->lc);
    c->authenticated = sw == SW_OK;
    return sw;
}

/* Before a PIN is set: the PUK, then the PIN, each without the old one (P1 01). Later: old and new PIN, both padded. */
uint16_t pin_change(struct chip *c, const struct apdu *a) {
    struct chip_memory *m = &c->memory;

    if (!m->pin.set && a->p1 == 1 && a->p2 == REF_PUK && !m->puk.set) {
        if (a->lc != CHIP_PIN_LEN)
            return SW_WRONG_LENGTH;
        secret_set(&m->puk, a->data, a->lc);
    } else if (!m->pin.set && a->p1 == 1 && a->p2 == REF_PIN) {
        if (!lawful(a->lc))
            return SW_WRONG_LENGTH;
        secret_set(&m->pin, a->data, a->lc);
    } else if (m->pin.set && a->p1 == 0 && a->p2 == REF_PIN) {
        if (a->lc != 2 * CHIP_PIN_LEN)
            return SW_WRONG_LENGTH;
        uint16_t sw = secret_try(c, &m->pin, a->data, CHIP_PIN_LEN);
        if (sw != SW_OK)
            return sw;
        secret_set(&m->pin, a->data + CHIP_PIN_LEN, CHIP_PIN_LEN);
    } else {
        return SW_WRONG_P1P2;
    }
    c->save(c);
    return SW_OK;
}

/* The PUK and a new PIN behind it. */
uint16_t pin_unblock(struct chip *c, const struct apdu *a) {
    if (!c->memory.pin.set || !c->memory.puk.set)
        return SW_NOT_ALLOWED;
    if (a->p1 != 0 || a->p2 != REF_PIN)
        return SW_WRONG_P1P2;
    if (a->lc < CHIP_PIN_LEN || !lawful(a->lc - CHIP_PIN_LEN))
        return SW_WRONG_LENGTH;
    uint16_t sw = secret_try(c, &c->memory.puk, a->data, CHIP_PIN_LEN);
    if (sw != SW_OK)
        return sw;
    secret_set(&c->memory.pin, a->data + CHIP_PIN_LEN, a->lc - CHIP_PIN_LEN);
    c->save(c);
    return SW_OK;
}
