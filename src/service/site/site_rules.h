/* The files of an installation, which no output of a command ever takes the place of. */
#pragma once

#include "service/out_file.h"
#include "service/site/conf.h"

/* `input`: what the command reads besides, NULL: nothing. */
MUST enum rc site_rules(const struct site *s, const char *input, bool force, struct out_rules *out);
