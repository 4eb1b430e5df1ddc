/* The certificates that vouch for the server, where the system's trust is not asked. */
#pragma once

#include "base/buf.h"

/* Appends the PEM of `path`, or what was built in when that is SETTINGS_BUILT_CA. RC_USAGE: it cannot be read. */
MUST enum rc anchors_read(const char *path, struct buf *pem);
