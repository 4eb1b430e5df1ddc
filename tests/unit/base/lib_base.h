/* What every test of base needs: cmocka in the order it wants, and an assertion that shows the error text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        enum rc ok_rc_ = (call);                                                                                       \
        if (ok_rc_ != RC_OK)                                                                                           \
            fail_msg("%s: %s", err_name(ok_rc_), err_text());                                                          \
    } while (0)
