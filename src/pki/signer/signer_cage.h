/* Inside the signer, and for tests: what a process near the CA key may not do any more. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Of a key in a file nothing is left to do but compute and talk over what is open. A PKCS#11 library opens files and
   sockets as long as it lives, and some start programs while they begin. */
enum cage { CAGE_PARENT, CAGE_TOKEN, CAGE_FILE };

/* No core, no looking in, no new privileges, death with the parent. False: the parent is gone already. */
bool signer_cage_harden(int parent);

/* Closes all that is open but the standard streams and these; -1: none. */
void signer_cage_keep(int fd, int other);

/* For good, in this process and those it forks. What is refused ends the process by exit status SIGNER_REFUSED, its
   number left in *refused; by SIGSYS where *refused is NULL. A file's cage answers ENOSYS to what it does not know. */
MUST enum rc signer_cage_lock(enum cage cage, volatile int *refused);
bool signer_cage_known(void); /* false on a processor that it has no numbers for: signer_cage_lock then does nothing */
#define SIGNER_REFUSED 159
