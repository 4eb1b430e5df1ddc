/* UTF-16 to UTF-8 and back, and system errors in words. */
#include "base/wide.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

static enum rc trouble(void) {
    if (GetLastError() == ERROR_INSUFFICIENT_BUFFER)
        FAIL(RC_LIMIT, "a text is too long");
    FAIL(RC_INPUT, "a text is no Unicode");
}

enum rc wide_from(const char *text, wchar_t *out, size_t cap) {
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, out, (int)cap) == 0)
        return trouble();
    return RC_OK;
}

enum rc wide_to(const wchar_t *text, char *out, size_t cap) {
    if (WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, out, (int)cap, NULL, NULL) == 0)
        return trouble();
    return RC_OK;
}

void wide_error(unsigned long code, char out[WIDE_ERROR]) {
    wchar_t text[WIDE_ERROR]; /* cut when it does not fit */
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;

    (void)snprintf(out, WIDE_ERROR, "error %lu", code);
    if (FormatMessageW(flags, NULL, code, 0, text, sizeof text / sizeof text[0], NULL) > 0 &&
        wide_to(text, out, WIDE_ERROR) != RC_OK)
        (void)snprintf(out, WIDE_ERROR, "error %lu", code);
    for (size_t len = strlen(out); len > 0 && (out[len - 1] == ' ' || out[len - 1] == '.'); len--)
        out[len - 1] = 0;
}
