/* A yes, as people type it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* "c", "có", "đồng ý", "y", "yes", "ok", "agree", with or without marks, in any case; whatever else is typed is no
   yes. */
bool assent_given(const char *text, size_t len);
