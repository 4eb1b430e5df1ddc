/* Long division by ten, digit by digit. */
#include "client/flow/decimal.h"

#include <string.h>

void serial_to_decimal(const uint8_t *serial, size_t len, char out[SERIAL_DECIMAL]) {
    uint8_t n[SERIAL_MAX];
    char digits[SERIAL_DECIMAL];
    int count = 0;

    len = len > sizeof n ? sizeof n : len;
    memcpy(n, serial, len);
    for (int rest = 1; rest != 0 && count < SERIAL_DECIMAL - 1;) {
        unsigned carry = 0;
        rest = 0;
        for (size_t i = 0; i < len; i++) {
            carry = carry * 256 + n[i];
            n[i] = (uint8_t)(carry / 10);
            carry %= 10;
            rest |= n[i];
        }
        digits[count++] = (char)('0' + carry);
    }
    for (int i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    out[count] = '\0';
}
