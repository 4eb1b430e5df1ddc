/* A serial number as people write it: in hexadecimal as capbu shows it, with 0x before it, or in decimal as others do.
 */
#pragma once

#include "rules/facts.h"

#define SERIAL_READINGS 2
#define SERIAL_HEX      (2 * SERIAL_MAX + 2)

/* How `typed` may be meant, the likelier first: upper-case hex without leading zeros; how many there are is returned.
   Blanks, colons and leading zeros do not count. Digits alone are hexadecimal or else decimal. 0: no serial number. */
int serial_readings(const char *typed, char out[SERIAL_READINGS][SERIAL_HEX]);
