/* Whether the system sees a smart-card device at all, whatever drivers say, and runs the service that most need. */
#pragma once

#include <stdbool.h>

/* An interface of USB class 0B (smart card, CCID) in Linux's /sys/bus/usb/devices ($CAPBU_USB_DEVICES); on Windows a
   device of the class of smart-card readers. */
bool usb_token_seen(void);

/* No smart-card service answers on this machine: pcscd, by its socket ($PCSCLITE_CSOCK_NAME, else /run/pcscd's). Always
   false on Windows, which starts its own when a reader comes. */
bool usb_service_missing(void);
