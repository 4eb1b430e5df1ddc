/* The bytes that the seal on the audit's end is made of: "seq hash" as text. */
#include "pki/seal/seal_end.h"

#include <inttypes.h>
#include <stdio.h>

#define END_TEXT (32 + 2 * SHA256_LEN)

static struct span text_of(int64_t seq, const struct sha256 *hash, char out[END_TEXT]) {
    char hex[2 * SHA256_LEN + 1];
    sha256_hex(*hash, hex);
    int len = snprintf(out, END_TEXT, "%" PRId64 " %s", seq, hex);
    return span_of(out, (size_t)len);
}

struct sha256 seal_end_mac(const struct seal *s, int64_t seq, const struct sha256 *hash) {
    char text[END_TEXT];
    return seal_mac(s, SEAL_AUDIT, text_of(seq, hash, text));
}

enum rc seal_end_check(const struct seal *s, int64_t seq, const struct sha256 *hash, const struct sha256 *mac) {
    char text[END_TEXT];
    enum rc rc = seal_check(s, SEAL_AUDIT, text_of(seq, hash, text), mac);
    if (rc == RC_REFUSED)
        FAIL(RC_REFUSED,
             "the audit was rewritten: the seal on its end, line %" PRId64
             ", does not hold; see capbuctl audit verify, and put the last good copy back",
             seq);
    return rc;
}
