/* The parent of the helpers as a process: a child of the server, or a service of its own that a server calls. */
#pragma once

#include <sys/types.h>

#include "pki/signer/signer.h"

/* The child that signer_open forks: ends with `client`, the server's socket pair, or with the server itself. */
_Noreturn void signer_service_forked(int client, const struct signer_config *cfg, int server);

struct signer_service {
    const struct signer_config *cfg;
    const char *path;    /* of the socket; one that a dead service left is replaced */
    uid_t peer;          /* whose processes may call: the kernel says who does. One at a time */
    void (*ready)(void); /* all helpers have their key open, and the socket is there */
};

/* Until SIGTERM or SIGINT: RC_OK. SIGHUP: the PIN may be tried again. Before any other thread exists; what it fails
   with before it is ready is that of signer_open. */
MUST enum rc signer_service_run(const struct signer_service *in);
