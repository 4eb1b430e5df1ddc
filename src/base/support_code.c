/* Crockford's base 32 with a check character over GF(32), so that slips of tongue and hand are noticed. */
#include "base/support_code.h"

#include <ctype.h>
#include <string.h>

#include "base/digest.h"

#define DATA    8
#define SYMBOLS (DATA + 1)
#define GROUP   4 /* symbols before the dash */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* no I L O U */

/* Times x in GF(2)[x] / (x^5 + x^2 + 1). */
static unsigned times_x(unsigned a) {
    return a & 0x10 ? (a << 1 ^ 0x25) & 0x1f : a << 1;
}

/* The polynomial whose coefficients are the symbols, at x (Horner), without the last. A symbol's weight is a power of
   x, nonzero and different at each place: so one wrong symbol changes the sum, and so do two exchanged ones. */
static unsigned check_of(const unsigned symbols[DATA]) {
    unsigned sum = 0;
    for (int i = 0; i < DATA; i++)
        sum = times_x(sum ^ symbols[i]);
    return sum;
}

static void write_code(const unsigned symbols[SYMBOLS], char out[SUPPORT_CODE_TEXT]) {
    for (int i = 0; i < SYMBOLS; i++)
        out[i + (i >= GROUP ? 1 : 0)] = alphabet[symbols[i]];
    out[GROUP] = '-';
    out[SUPPORT_CODE_TEXT - 1] = 0;
}

void support_code_make(char out[SUPPORT_CODE_TEXT]) {
    unsigned symbols[SYMBOLS];
    for (int i = 0; i < DATA; i++)
        symbols[i] = random_below(32);
    symbols[DATA] = check_of(symbols);
    write_code(symbols, out);
}

/* The symbol a typed character means; -1 for none. */
static int symbol_of(char c) {
    c = (char)toupper((unsigned char)c);
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    const char *found = c == 0 ? NULL : strchr(alphabet, c);
    return found == NULL ? -1 : (int)(found - alphabet);
}

enum rc support_code_parse(const char *typed, char out[SUPPORT_CODE_TEXT]) {
    unsigned symbols[SYMBOLS] = {0};
    int count = 0;
    for (; *typed != 0; typed++) {
        if (*typed == ' ' || *typed == '-')
            continue;
        int symbol = symbol_of(*typed);
        if (symbol < 0 || count == SYMBOLS)
            FAIL(RC_INPUT, "not a support code: it has nine letters and digits, for example K7QF-2M9X4");
        symbols[count++] = (unsigned)symbol;
    }
    if (count != SYMBOLS || symbols[DATA] != check_of(symbols))
        FAIL(RC_INPUT, "not a support code: a character is missing, wrong or exchanged with its neighbour");
    write_code(symbols, out);
    return RC_OK;
}

bool support_code_valid(const char *typed) {
    char code[SUPPORT_CODE_TEXT];
    return support_code_parse(typed, code) == RC_OK;
}
