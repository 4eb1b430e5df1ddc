/* The terminal's side of a renewal: asks for the PIN, tells the steps. */
#pragma once

#include "client/flow/enrol.h"
#include "client/options.h"

/* The PIN from --pin-file, --pin-stdin or the terminal (no echo), checked against the token's own limits. RC_PIN_WRONG:
   length or characters cannot be right, nothing was tried; the text for the person is said already. RC_USAGE: there is
   nowhere to ask. */
MUST enum rc terminal_pin(const struct options *o, const struct p11_token *t, struct secret *pin);

/* Hooks that read the PIN from --pin-file, --pin-stdin or the terminal (no echo), check it against the token's own
   limits, and say what is going on. */
struct enrol_hooks terminal_hooks(const struct options *o);

/* A line of the trail (trail.h) for a failure of `step`, "renew" or "clean". */
void terminal_note(const struct enrol *e, const char *step);

/* Says what the outcome means to the person and gives its exit status; err_text has the details. */
enum exit_status terminal_outcome(const struct options *o, const struct enrol *e, enum rc rc);

/* Says that this program is older than the server serves, and where a new one is. */
enum exit_status terminal_too_old(const struct options *o, const struct api_client *c);
