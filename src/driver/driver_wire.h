/* The messages between capbu and the process that a driver lives in: a head of 8 bytes (operation, three zeros, length
   of the rest as 32 bits), then fields one after the other. Numbers are little endian. Both ends are the same program,
   but neither trusts the other: every length is checked before anything is read. */
#pragma once

#include "p11/module.h"

#define WIRE_HEAD      8
#define WIRE_MAX       (64 * 1024) /* bytes of a message behind its head */
#define WIRE_ATTRS_MAX 32          /* attributes in one call */
#define WIRE_SLOTS_MAX 1024
#define WIRE_ROOM_MAX  (48 * 1024) /* bytes that one call may ask back */

enum driver_op {
    OP_LOAD = 1, /* path -> code, CK_RV, can it wait, text */
    OP_SLOTS,
    OP_SLOT_INFO,
    OP_TOKEN_INFO,
    OP_MECHANISMS,
    OP_MECHANISM_INFO,
    OP_SESSION_OPEN,
    OP_SESSION_CLOSE,
    OP_SESSION_INFO,
    OP_LOGIN, /* the PIN is the message's end */
    OP_LOGOUT,
    OP_CREATE,
    OP_DESTROY,
    OP_READ,
    OP_SET,
    OP_FIND_INIT,
    OP_FIND,
    OP_FIND_FINAL,
    OP_SIGN_INIT,
    OP_SIGN,
    OP_WAIT,
    OP_COUNT
};

struct wire_out { /* writes into `at`; what does not fit makes it `full` */
    uint8_t *at;
    size_t len, cap;
    bool full;
};
void wire_put_byte(struct wire_out *w, uint8_t v);
void wire_put_number(struct wire_out *w, uint64_t v);
void wire_put_bytes(struct wire_out *w, struct span s); /* with their length before them */
void wire_put_raw(struct wire_out *w, struct span s);
void wire_put_template(struct wire_out *w, const CK_ATTRIBUTE *a, CK_ULONG count); /* types and values */

struct wire_in { /* reads a message; what is not there, or not as it must be, makes it `bad` and reads as nothing */
    const uint8_t *at;
    size_t left;
    bool bad;
};
uint8_t wire_take_byte(struct wire_in *w);
bool wire_take_bool(struct wire_in *w);
CK_ULONG wire_take_number(struct wire_in *w);
CK_ULONG wire_take_count(struct wire_in *w, CK_ULONG most);                     /* more is bad */
struct span wire_take_bytes(struct wire_in *w, size_t most);                    /* a view into the message */
void wire_take_raw(struct wire_in *w, void *out, size_t len);                   /* exactly so many; zeros when bad */
CK_ULONG wire_take_template(struct wire_in *w, CK_ATTRIBUTE a[WIRE_ATTRS_MAX]); /* views; returns their number */
bool wire_whole(const struct wire_in *w);                                       /* nothing was bad, nothing is left */

void wire_head(enum driver_op op, size_t len, uint8_t out[WIRE_HEAD]);
/* False: it is none. */
bool wire_head_parse(const uint8_t head[WIRE_HEAD], enum driver_op *op, size_t *len);
