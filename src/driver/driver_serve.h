/* The other end: the process that a driver lives in. */
#pragma once

#include "driver/driver_wire.h"

/* Is this program's command line that of such a process? */
bool driver_is_host(int argc, char **argv);

/* Serves until capbu hangs up. Returns the status to end with. */
int driver_serve(const char *word);

/* One message's answer, apart from the way it comes by. `loaded` is the driver, its `fn` NULL before OP_LOAD. False: it
   is no message of ours. */
MUST bool driver_answer(struct p11_module *loaded, enum driver_op op, struct span message, struct wire_out *answer);
