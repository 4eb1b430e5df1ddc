/* devices.conf: the token models of a programme as data. Read whole or refused with file and line. */
#pragma once

#include "base/buf.h"
#include "rules/device.h"

/* RC_INPUT, RC_LIMIT with "path:line: …"; RC_NOT_FOUND, RC_IO. `text`, when not NULL, gets the file's bytes. */
MUST enum rc devices_file_load(const char *path, struct devices *out, struct buf *text);

/* The one judgement of check-config and of capbud: what devices_file_load says. */
MUST enum rc devices_file_check(const char *path);

/* The members "folders" and "devices" of the published form (doc/protocol.md, "Token models"). */
struct jsonw;
void devices_file_write(struct jsonw *w, const struct devices *d);
