/* Serial numbers in decimal: some tax and customs systems ask for that form. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SERIAL_DECIMAL 52 /* 20 bytes make at most 49 digits */

/* `serial` is big endian, at most 20 bytes. */
void serial_to_decimal(const uint8_t *serial, size_t len, char out[SERIAL_DECIMAL]);
