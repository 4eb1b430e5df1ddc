/* What an output may take the place of: nothing, an earlier one of its kind, or what somebody forces. */
#pragma once

#include "service/out_file.h"

/* Would both names be one file: the same one that is there, or will be? A device has room for both. */
bool out_is_one(const char *a, const char *b);

/* RC_REFUSED with what to do: the name is kept, or a file stands there that is no earlier output or was changed since
   it was written. RC_USAGE: a link. */
MUST enum rc out_guard(const char *path, struct out_mark mark, const struct out_rules *rules);
