/* Whether the system sees a smart-card device at all, whatever drivers say. */
#pragma once

#include <stdbool.h>

/* Looks for an interface of USB class 0B (smart card, CCID) in Linux's /sys/bus/usb/devices ($CAPBU_USB_DEVICES). */
bool usb_token_seen(void);
