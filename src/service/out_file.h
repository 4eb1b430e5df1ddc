/* Files that a command writes for people who named them: lists of subscribers, so a new one is not for everybody. */
#pragma once

#include <stdio.h>

#include "base/buf.h"

/* Written in place, for OUT may be a link or a device, which a rename would replace; a new file is 0640. Standard
   output when fs_is_stdout. RC_IO. The caller closes it with out_file_close, or with fclose when something failed. */
MUST enum rc out_file_open(const char *path, FILE **out);

/* RC_IO: what was written is not all there. */
MUST enum rc out_file_close(const char *path, FILE **out);

/* Opens, writes and closes. RC_IO. */
MUST enum rc out_file_put(const char *path, struct span text);
