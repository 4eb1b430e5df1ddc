/* Reads serial numbers in each way they are written. */
#include "rules/serial_typed.h"

#include <string.h>

#include "base/hex.h"

/* bytes = bytes * 10 + digit, big endian; false when that is longer than any serial number. */
static bool append_digit(uint8_t bytes[SERIAL_MAX], int digit) {
    int carry = digit;
    for (int i = SERIAL_MAX - 1; i >= 0; i--) {
        carry += bytes[i] * 10;
        bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return carry == 0;
}

static bool decimal(const char *typed, char out[SERIAL_HEX]) {
    uint8_t bytes[SERIAL_MAX] = {0};
    bool any = false;
    for (; *typed != '\0'; typed++) {
        if (*typed == ' ')
            continue;
        if (*typed < '0' || *typed > '9' || !append_digit(bytes, *typed - '0'))
            return false;
        any = true;
    }
    serial_to_hex(bytes, sizeof bytes, out);
    return any;
}

int serial_readings(const char *typed, char out[SERIAL_READINGS][SERIAL_HEX]) {
    int n = 0;
    typed += strspn(typed, " ");
    bool prefixed = typed[0] == '0' && (typed[1] == 'x' || typed[1] == 'X');
    if (serial_read(prefixed ? typed + 2 : typed, SERIAL_MAX, out[n]) == RC_OK)
        n++;
    if (!prefixed && decimal(typed, out[n]) && (n == 0 || strcmp(out[0], out[1]) != 0))
        n++;
    return n;
}
