/* What an output may take the place of: nothing, an earlier one of its kind, or what somebody forces. */
#pragma once

#include "service/out_file.h"

/* RC_REFUSED with what to do: the name is kept, or a file stands there that is no earlier output. RC_USAGE: a link. */
MUST enum rc out_guard(const char *path, struct out_mark mark, const struct out_rules *rules);
