/* Serial numbers in decimal: some tax and customs systems ask for that form. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "rules/facts.h"

#define SERIAL_DECIMAL 52 /* SERIAL_MAX bytes make at most 51 digits */

/* `serial` is big endian, at most SERIAL_MAX bytes. */
void serial_to_decimal(const uint8_t *serial, size_t len, char out[SERIAL_DECIMAL]);
