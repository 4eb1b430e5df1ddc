/* Reads bInterfaceClass of every USB interface, and looks for pcscd's socket. */
#include "client/token/usb.h"

#include "base/fs.h"
#include "base/os.h"

#define INTERFACES_MAX 1024

struct looking {
    const char *root;
    bool seen;
};

static bool is_smart_card(const char *root, const char *name) {
    char folder[PATH_CAP], path[PATH_CAP];
    AUTO(buf) text = {0};

    return fs_join(folder, root, name) == RC_OK && fs_join(path, folder, "bInterfaceClass") == RC_OK &&
           fs_read(path, 16, &text) == RC_OK && text.len >= 2 && span_eq_str(span_of(text.data, 2), "0b");
}

static void look_at(void *arg, const char *name) {
    struct looking *l = arg;

    l->seen = l->seen || (name[0] != '.' && is_smart_card(l->root, name));
}

bool usb_token_seen(void) {
    const char *root = os_env("CAPBU_USB_DEVICES");
    struct looking l = {root == NULL ? "/sys/bus/usb/devices" : root, false};

    fs_each(l.root, INTERFACES_MAX, look_at, &l);
    return l.seen;
}

bool usb_service_missing(void) {
    const char *socket = os_env("PCSCLITE_CSOCK_NAME");

    return !fs_exists(socket == NULL ? "/run/pcscd/pcscd.comm" : socket);
}
