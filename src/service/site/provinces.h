/* The 63 provinces and cities of the programme (R3.1) by their two-digit code. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PROVINCE_COUNT 63

struct province {
    uint8_t code;
    const char *name;
};
extern const struct province provinces[PROVINCE_COUNT]; /* by code, ascending */

const char *province_name(uint8_t code);             /* NULL when there is none */
bool province_from(const char *text, uint8_t *code); /* exactly two digits, and in the list */
