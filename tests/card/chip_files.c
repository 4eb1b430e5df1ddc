/* The card's file system: dedicated files and transparent elementary ones, each with its access conditions. */
#include "card/chip.h"

#include <string.h>

enum { ACL_DELETE = 1, ACL_CREATE_DF = 5, ACL_UPDATE = 6, ACL_CREATE_EF = 6, ACL_READ = 7 };

static bool allowed(const struct chip *c, const struct chip_file *f, int operation) {
    uint8_t condition = f->acl[operation];

    if (condition == 0x00)
        return true;
    return (condition == 0x90 || (condition & 0x9f) == 0x10) && c->authenticated;
}

static uint16_t fid_at(const uint8_t *p) {
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* In the whole tree: file identifiers are unique on this card. */
static int find(const struct chip *c, uint16_t fid) {
    for (int i = 0; i < CHIP_FILES_MAX; i++)
        if (c->memory.file[i].used && c->memory.file[i].fid == fid)
            return i;
    return CHIP_NONE;
}

static int walk(const struct chip *c, int from, const uint8_t *path, size_t len) {
    for (size_t k = 0; k + 1 < len && from != CHIP_NONE; k += 2) {
        int next = find(c, fid_at(path + k));
        from = next != CHIP_NONE && c->memory.file[next].parent == from ? next : CHIP_NONE;
    }
    return from;
}

static int target(const struct chip *c, const struct apdu *a) {
    switch (a->p1) {
    case 0x00:
        return a->lc == 0 ? 0 : a->lc == 2 ? find(c, fid_at(a->data)) : CHIP_NONE;
    case 0x03:
        return c->memory.file[c->df].parent;
    case 0x08:
        return walk(c, 0, a->data, a->lc);
    case 0x09:
        return walk(c, c->df, a->data, a->lc);
    default:
        return CHIP_NONE;
    }
}

static void make_current(struct chip *c, int i) {
    const struct chip_file *f = &c->memory.file[i];

    c->df = f->is_df ? i : f->parent;
    if (!f->is_df)
        c->ef = i;
}

uint16_t files_select(struct chip *c, const struct apdu *a, struct answer *out) {
    if ((a->p2 & 0xf3) != 0)
        return SW_WRONG_P1P2;
    int i = target(c, a);
    if (i == CHIP_NONE)
        return SW_NOT_FOUND;
    make_current(c, i);
    if ((a->p2 & 0x0c) == 0x0c)
        return SW_OK;
    memcpy(out->data, c->memory.file[i].fci, c->memory.file[i].fci_len);
    out->len = c->memory.file[i].fci_len;
    return SW_OK;
}

/* The value of a tag in a flat list with one-byte lengths, NULL when it is not there. */
static const uint8_t *tag(const uint8_t *list, size_t len, uint8_t wanted, size_t *value_len) {
    for (size_t k = 0; k + 2 <= len && k + 2 + list[k + 1] <= len; k += 2u + list[k + 1]) {
        if (list[k] != wanted)
            continue;
        *value_len = list[k + 1];
        return list + k + 2;
    }
    *value_len = 0;
    return NULL;
}

/* File control information: 82 kind, 83 identifier, 81 size, 86 conditions. */
static bool read_fci(const struct apdu *a, struct chip_file *f) {
    size_t n;

    if (a->lc < 2 || a->lc > CHIP_FCI_CAP || (a->data[0] != 0x6f && a->data[0] != 0x62) || a->data[1] != a->lc - 2)
        return false;
    const uint8_t *list = a->data + 2, *value;
    size_t len = a->lc - 2;
    value = tag(list, len, 0x82, &n);
    if (n < 1)
        return false;
    f->is_df = (value[0] & 0x3f) == 0x38;
    if (!f->is_df && (value[0] & 0x37) != 0x01)
        return false;
    value = tag(list, len, 0x83, &n);
    if (n != 2)
        return false;
    f->fid = fid_at(value);
    value = tag(list, len, 0x81, &n);
    f->size = n == 2 ? fid_at(value) : 128;
    value = tag(list, len, 0x86, &n);
    if (n == 8)
        memcpy(f->acl, value, 8);
    f->fci_len = (uint8_t)a->lc;
    memcpy(f->fci, a->data, a->lc);
    return f->is_df || f->size <= CHIP_FILE_CAP;
}

uint16_t files_create(struct chip *c, const struct apdu *a) {
    struct chip_file f = {.used = true, .parent = (int16_t)c->df};

    if (!read_fci(a, &f) || find(c, f.fid) != CHIP_NONE)
        return SW_DATA_INVALID;
    if (!allowed(c, &c->memory.file[c->df], f.is_df ? ACL_CREATE_DF : ACL_CREATE_EF))
        return SW_NOT_AUTHENTICATED;
    for (int i = 1; i < CHIP_FILES_MAX; i++) {
        if (c->memory.file[i].used)
            continue;
        c->memory.file[i] = f;
        make_current(c, i);
        c->save(c);
        return SW_OK;
    }
    return SW_FULL;
}

static void forget(struct chip *c, int i) {
    for (int k = 1; k < CHIP_FILES_MAX; k++)
        if (c->memory.file[k].used && c->memory.file[k].parent == i)
            forget(c, k);
    c->memory.file[i] = (struct chip_file){0};
}

uint16_t files_delete(struct chip *c, const struct apdu *a) {
    if (a->lc != 2)
        return SW_WRONG_LENGTH;
    int i = find(c, fid_at(a->data));
    if (i == CHIP_NONE)
        return SW_NOT_FOUND;
    if (i == 0)
        return SW_NOT_ALLOWED;
    if (!allowed(c, &c->memory.file[i], ACL_DELETE))
        return SW_NOT_AUTHENTICATED;
    c->df = c->memory.file[i].parent;
    c->ef = CHIP_NONE;
    forget(c, i);
    c->save(c);
    return SW_OK;
}

uint16_t files_read(struct chip *c, const struct apdu *a, struct answer *out) {
    size_t at = (size_t)(a->p1 << 8 | a->p2);

    if ((a->p1 & 0x80) != 0 || c->ef == CHIP_NONE)
        return SW_NOT_ALLOWED;
    const struct chip_file *f = &c->memory.file[c->ef];
    if (!allowed(c, f, ACL_READ))
        return SW_NOT_AUTHENTICATED;
    if (at >= f->size)
        return SW_OUTSIDE;
    out->len = f->size - at < a->le ? f->size - at : a->le;
    memcpy(out->data, f->data + at, out->len);
    return SW_OK;
}

uint16_t files_update(struct chip *c, const struct apdu *a) {
    size_t at = (size_t)(a->p1 << 8 | a->p2);

    if ((a->p1 & 0x80) != 0 || c->ef == CHIP_NONE)
        return SW_NOT_ALLOWED;
    struct chip_file *f = &c->memory.file[c->ef];
    if (!allowed(c, f, ACL_UPDATE))
        return SW_NOT_AUTHENTICATED;
    if (at + a->lc > f->size)
        return SW_OUTSIDE;
    memcpy(f->data + at, a->data, a->lc);
    c->save(c);
    return SW_OK;
}
