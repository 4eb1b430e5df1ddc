/* Opens a private key by what an operator calls it: a file, or a pkcs11: URI with its PIN in a file. */
#include <string.h>

#include "base/secret.h"
#include "pki/key/key.h"
#include "pki/key/key_in.h"

bool key_on_token(const char *ref) {
    return strncmp(ref, "pkcs11:", 7) == 0;
}

enum rc key_open(const char *ref, const char *pin_file, struct key **out) {
    if (!key_on_token(ref))
        return key_open_file(ref, out);
    AUTO(secret) pin = {0};
    if (pin_file != NULL && pin_file[0] != '\0')
        TRY(secret_read_file(pin_file, &pin));
    return key_open_uri(ref, span_of(pin.text, pin.len), out);
}

enum rc key_open_lasting(const char *ref, const char *pin_file, struct key **out) {
    return key_on_token(ref) ? key_open_uri_lasting(ref, pin_file, out) : key_open_file(ref, out);
}
