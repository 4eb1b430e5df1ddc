/* Windows only: UTF-16 as its calls take it, UTF-8 as all of ours do, and its errors in words. */
#pragma once

#include <wchar.h>

#include "base/buf.h"

/* RC_LIMIT: it does not fit. RC_INPUT: no UTF-8. */
MUST enum rc wide_from(const char *text, wchar_t *out, size_t cap);
MUST enum rc wide_to(const wchar_t *text, char *out, size_t cap);

#define WIDE_ERROR 200
/* What the system says of an error of GetLastError, in the person's language; "error 5" when it has no words. */
void wide_error(unsigned long code, char out[WIDE_ERROR]);
