/* Inside pki only: a key's name on a token, "pkcs11:…" (RFC 7512), taken apart. */
#pragma once

#include "base/fs.h"
#include "p11/object.h"

struct key_uri { /* "" and id_len 0: not given */
    char module[PATH_CAP];
    char token[33];
    char serial[17];
    char manufacturer[33];
    char model[17];
    char object[128];
    char pin_file[PATH_CAP];
    uint8_t id[CKA_ID_MAX];
    size_t id_len;
};

/* RC_USAGE with what is wrong: an attribute we do not know could have meant another key. */
MUST enum rc key_uri_parse(const char *text, struct key_uri *out);

bool key_uri_fits(const struct key_uri *u, const struct p11_token *t);
