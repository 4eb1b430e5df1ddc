/* Asks Windows for a device of the class of smart-card readers, which is what a token is to it. */
#include <windows.h>

#include <setupapi.h>

#include "client/token/usb.h"

/* GUID_DEVCLASS_SMARTCARDREADER */
static const GUID READERS = {0x50dd5230, 0xba8a, 0x11d1, {0xbf, 0x5d, 0x00, 0x00, 0xf8, 0x05, 0xf5, 0x30}};

bool usb_token_seen(void) {
    SP_DEVINFO_DATA first = {.cbSize = sizeof first};

    HDEVINFO list = SetupDiGetClassDevsW(&READERS, NULL, NULL, DIGCF_PRESENT);
    if (list == INVALID_HANDLE_VALUE)
        return false;
    bool seen = SetupDiEnumDeviceInfo(list, 0, &first);
    SetupDiDestroyDeviceInfoList(list);
    return seen;
}

bool usb_service_missing(void) {
    return false;
}
