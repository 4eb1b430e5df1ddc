/* From a file, read by us, so that a pipe or device is refused; or from the program itself. */
#include "client/net/anchors.h"

#include <string.h>

#include "base/fs.h"
#include "client/settings.h"

#define CA_LIMIT (1024 * 1024) /* a bundle of anchors */

enum rc anchors_read(const char *path, struct buf *pem) {
    if (strcmp(path, SETTINGS_BUILT_CA) == 0)
        return buf_add(pem, server_ca_built, server_ca_built_len);
    if (fs_read(path, CA_LIMIT, pem) != RC_OK)
        return err_in(RC_USAGE, "--server-ca %s: name the server's certificate, PEM", path);
    return RC_OK;
}
