/* A thread that waits for a module to say that a token came or went (C_WaitForSlotEvent, PKCS#11 2.40, 5.5). */
#pragma once

#include "p11/module.h"

struct p11_watch;

/* `tell` is called on that thread, at most a few times a second, until the module is finalised. A module that cannot
   wait, or that one thread only may use, is told of once and for all: RC_NOT_FOUND, or the thread ends by itself. */
MUST enum rc p11_watch_new(const struct p11_module *m, void (*tell)(void *arg), void *arg, struct p11_watch **out);

/* After the module's last p11_module_free, which is what ends the wait. A module that goes on waiting all the same is
   left alone, and its code stays loaded. */
void p11_watch_free(struct p11_watch *w);
OWN(p11_watch)
