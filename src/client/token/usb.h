/* Whether the system sees a smart-card device at all, whatever drivers say. */
#pragma once

#include <stdbool.h>

/* An interface of USB class 0B (smart card, CCID) in Linux's /sys/bus/usb/devices ($CAPBU_USB_DEVICES); on Windows a
   device of the class of smart-card readers. */
bool usb_token_seen(void);
