/* The card's command loop: which command there is, and how long answers are handed out. */
#include "card/chip.h"

#include <string.h>

static const char MAGIC[8] = "vcard 1";
static const uint8_t APPLET[] = {0xf2, 0x76, 0xa2, 0x88, 0xbc, 0xfb, 0xa6, 0x9d, 0x34, 0xf3, 0x10, 0x01};
static const uint8_t ABOUT[] = {0x00, 0x06, 0x00}; /* version 00.06; no extended APDUs, no EC, no random numbers */

void chip_new(struct chip *c) {
    static const uint8_t fci[] = {0x6f, 0x07, 0x82, 0x01, 0x38, 0x83, 0x02, 0x3f, 0x00};
    struct chip_memory *m = &c->memory;

    *m = (struct chip_memory){.pin = {.tries_max = 3}, .puk = {.tries_max = 5}};
    memcpy(m->magic, MAGIC, sizeof MAGIC);
    m->file[0] = (struct chip_file){.used = true, .is_df = true, .fid = 0x3f00, .parent = CHIP_NONE};
    m->file[0].fci_len = sizeof fci;
    memcpy(m->file[0].fci, fci, sizeof fci);
    chip_reset(c);
}

bool chip_usable(const struct chip_memory *m) {
    return memcmp(m->magic, MAGIC, sizeof MAGIC) == 0;
}

void chip_reset(struct chip *c) {
    c->selected = c->authenticated = false;
    c->df = 0;
    c->ef = CHIP_NONE;
    c->algorithm = c->key = 0;
    c->rest_len = 0;
}

bool apdu_parse(const uint8_t *b, size_t len, struct apdu *out) {
    if (len < 4)
        return false;
    struct apdu a = {b[0], b[1], b[2], b[3], NULL, 0, 0};
    if (len == 5)
        a.le = b[4] == 0 ? 256 : b[4];
    if (len > 5) {
        a.lc = b[4];
        a.data = b + 5;
        if (a.lc == 0 || (len != 5 + a.lc && len != 6 + a.lc))
            return false;
        if (len == 6 + a.lc)
            a.le = b[len - 1] == 0 ? 256 : b[len - 1];
    }
    *out = a;
    return true;
}

bool apdu_writes(const struct apdu *a) {
    return a->ins == 0xe0 || a->ins == 0xe4 || a->ins == 0xd6 || a->ins == 0x46;
}

/* Choosing the applet is what logs out; until a PIN is set everything is open. */
static uint16_t select_applet(struct chip *c, struct answer *out) {
    chip_reset(c);
    c->selected = true;
    c->authenticated = !c->memory.pin.set;
    memcpy(out->data, ABOUT, sizeof ABOUT);
    out->len = sizeof ABOUT;
    return SW_OK;
}

static uint16_t dispatch(struct chip *c, const struct apdu *a, struct answer *out) {
    if (a->ins == 0xa4 && a->p1 == 4)
        return a->lc == sizeof APPLET && memcmp(a->data, APPLET, a->lc) == 0 ? select_applet(c, out) : SW_NOT_FOUND;
    if (!c->selected)
        return SW_NO_INS;
    switch (a->ins) {
    case 0xa4:
        return files_select(c, a, out);
    case 0xb0:
        return files_read(c, a, out);
    case 0xe0:
        return files_create(c, a);
    case 0xe4:
        return files_delete(c, a);
    case 0xd6:
        return files_update(c, a);
    case 0x20:
        return pin_verify(c, a);
    case 0x24:
        return pin_change(c, a);
    case 0x2c:
        return pin_unblock(c, a);
    case 0x22:
        return keys_environment(c, a);
    case 0x46:
        return keys_generate(c, a, out);
    case 0x2a:
        return keys_sign(c, a, out);
    default:
        return SW_NO_INS;
    }
}

/* As much of the waiting answer as was asked for; the status word says how much is left. */
static size_t hand_out(struct chip *c, size_t le, uint16_t sw, uint8_t *out) {
    size_t n = c->rest_len < le ? c->rest_len : le;

    memcpy(out, c->rest, n);
    c->rest_len -= n;
    memmove(c->rest, c->rest + n, c->rest_len);
    if (c->rest_len > 0)
        sw = (uint16_t)(SW_MORE | (c->rest_len > 255 ? 0 : c->rest_len));
    out[n] = (uint8_t)(sw >> 8);
    out[n + 1] = (uint8_t)sw;
    return n + 2;
}

size_t chip_run(struct chip *c, const struct apdu *a, uint8_t *out) {
    struct answer answer = {0};

    if (a->ins == 0xc0)
        return hand_out(c, a->le, c->rest_len > 0 ? SW_OK : SW_CONDITIONS, out);
    c->rest_len = 0;
    uint16_t sw = (a->cla & 0x10) != 0 ? SW_NO_CHAINING : a->cla != 0 ? 0x6e00 : dispatch(c, a, &answer);
    if (sw == SW_OK) {
        memcpy(c->rest, answer.data, answer.len);
        c->rest_len = answer.len;
    }
    return hand_out(c, a->le, sw, out);
}
