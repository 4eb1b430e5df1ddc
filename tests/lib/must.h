/* The few lines every cmocka test begins with, and assertions that show the error text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

/* The call succeeds. */
#define MUST_OK(call)                                                                                                  \
    do {                                                                                                               \
        enum rc must_rc_ = (call);                                                                                     \
        if (must_rc_ != RC_OK)                                                                                         \
            fail_msg("%s: %s: %s", #call, err_name(must_rc_), err_text());                                             \
    } while (0)

/* The call fails with exactly that code. */
#define MUST_FAIL(code, call)                                                                                          \
    do {                                                                                                               \
        enum rc must_rc_ = (call);                                                                                     \
        if (must_rc_ != (code))                                                                                        \
            fail_msg("%s: %s instead of %s: %s", #call, err_name(must_rc_), err_name(code), err_text());               \
    } while (0)
