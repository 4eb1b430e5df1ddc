/* The mock token's memory: a folder with a file for each object and one for the token's state. Plugged in as long as
   the folder is there. The same on every system, so that one may read what another wrote. */
#pragma once

#include "p11/module.h"

#define MOCK_ATTRIBUTES 32
#define MOCK_OBJECTS    64
#define MOCK_TRIES      5

struct mock_attribute {
    CK_ATTRIBUTE_TYPE type;
    struct span value; /* into the object's bytes; numbers as 4 bytes, little endian, however wide CK_ULONG is here */
};

struct mock_object {
    CK_OBJECT_HANDLE handle;
    size_t count;
    struct mock_attribute at[MOCK_ATTRIBUTES];
    struct buf bytes;
};
void mock_object_free(struct mock_object *o);

bool mock_plugged(void);

/* The handles of all objects, ascending. */
size_t mock_handles(CK_OBJECT_HANDLE out[MOCK_OBJECTS]);

/* CKR_OBJECT_HANDLE_INVALID: there is none of that handle. Replaces what is in `out`. */
CK_RV mock_read(CK_OBJECT_HANDLE handle, struct mock_object *out);

/* Writes `old` (NULL: a new object) with `changes` in place of what it had, whole or not at all. */
CK_RV mock_write(const struct mock_object *old, const CK_ATTRIBUTE *changes, CK_ULONG count, CK_OBJECT_HANDLE *handle);
CK_RV mock_destroy(CK_OBJECT_HANDLE handle);

const struct mock_attribute *mock_find(const struct mock_object *o, CK_ATTRIBUTE_TYPE type); /* NULL: it has none */
bool mock_number(CK_ATTRIBUTE_TYPE type); /* is its value a CK_ULONG? */
CK_ULONG mock_ulong(const struct mock_object *o, CK_ATTRIBUTE_TYPE type, CK_ULONG none);
bool mock_true(const struct mock_object *o, CK_ATTRIBUTE_TYPE type);
/* Has it this attribute with this value, as a caller here writes it? */
bool mock_matches(const struct mock_object *o, const CK_ATTRIBUTE *wanted);

struct mock_state {
    char label[33];
    char so_pin[65], pin[65]; /* SHA-256 in hex, "-" not set */
    unsigned tries;
};
CK_RV mock_state_get(struct mock_state *out);
CK_RV mock_state_put(const struct mock_state *s);
