/* The loader of POSIX. */
#include <dlfcn.h>
#include <string.h>

#include "base/fs.h"
#include "p11/load.h"

enum rc load_open(const char *path, void **handle) {
    AUTO_FD fd = -1;
    if (strchr(path, '/') != NULL && !fs_exists(path))
        FAIL(RC_NOT_FOUND, "cannot load the PKCS#11 module %s: there is no such file", path);
    if (fs_exists(path) && fs_open(path, &fd) != RC_OK) /* without a slash the loader may find it elsewhere */
        return err_in(RC_TOKEN, "cannot load the PKCS#11 module");
    void *opened = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (opened == NULL) {
        const char *why = dlerror();
        FAIL(fs_exists(path) ? RC_TOKEN : RC_NOT_FOUND, "cannot load the PKCS#11 module %s: %s", path, why ? why : "?");
    }
    *handle = opened;
    return RC_OK;
}

void load_close(void *handle) {
    dlclose(handle);
}

void (*load_symbol(void *handle, const char *name))(void) {
    return (void (*)(void))dlsym(handle, name);
}
