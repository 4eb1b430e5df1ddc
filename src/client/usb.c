/* Reads bInterfaceClass of every USB interface. */
#include "client/usb.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/fs.h"

#define INTERFACES_MAX 1024

static bool is_smart_card(const char *root, const char *name) {
    char folder[PATH_CAP], path[PATH_CAP];
    AUTO(buf) text = {0};

    return fs_join(folder, root, name) == RC_OK && fs_join(path, folder, "bInterfaceClass") == RC_OK &&
           fs_read(path, 16, &text) == RC_OK && text.len >= 2 && span_eq_str(span_of(text.data, 2), "0b");
}

bool usb_token_seen(void) {
    const char *root = getenv("CAPBU_USB_DEVICES");
    bool seen = false;

    if (root == NULL)
        root = "/sys/bus/usb/devices";
    DIR *dir = opendir(root);
    if (dir == NULL)
        return false;
    const struct dirent *e;
    for (int i = 0; !seen && i < INTERFACES_MAX && (e = readdir(dir)) != NULL; i++)
        seen = e->d_name[0] != '.' && is_smart_card(root, e->d_name);
    closedir(dir);
    return seen;
}
