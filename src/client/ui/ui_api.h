/* What the page may ask: its requests as values, without the HTTP library. */
#pragma once

#include "client/ui/ui_state.h"

#define UI_BODY_MAX 4000 /* bytes of a request, kept in one locked page; a PIN has at most SECRET_MAX */

/* A POST to /api/NAME as a command. A PIN's body is the PIN alone and goes straight into locked memory; the caller
   wipes `body`. RC_NOT_FOUND: no such name; RC_INPUT, RC_LIMIT: a body that is none. */
MUST enum rc ui_api_parse(const char *name, long seq, struct span body, struct ui_command *out);
