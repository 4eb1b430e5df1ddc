/* Finds private keys and PIN files of an installation that everybody on the machine can read. */
#include <string.h>
#include <sys/stat.h>

#include "service/site/conf.h"

static bool is_exposed(const char *path) {
    struct stat st;

    return path[0] != '\0' && stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH)) != 0;
}

void conf_exposed(const struct conf *c, void (*take)(void *arg, const char *path), void *arg) {
    const char *secret[] = {c->ca_key,      c->ca_pin_file,      c->cmp_key, c->tls,
                            c->devices_key, c->devices_pin_file, c->seal_key};

    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        if (is_exposed(secret[i])) /* a pkcs11: URI is no file */
            take(arg, secret[i]);
}
