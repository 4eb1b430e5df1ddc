/* Drivers, each in a process of its own: a vendor's library that crashes, hangs, ends the program, prints, changes the
   folder or keeps a lock does so there. What is opened here is used as any other p11_module, on any thread. */
#pragma once

#include "p11/module.h"

/* From now on drivers live apart. Only for a program whose main calls driver_serve when driver_is_host says so; before
   it, and in programs that never call it, driver_open is p11_module_open. */
void driver_apart(void);

/* Begins to load it, so that several are loaded at the same time. driver_open follows. */
void driver_prepare(const char *path);

/* As p11_module_open, and freed as that: p11_module_free. The same library under any path is one. RC_TOKEN also: it
   crashed, ended or was silent, and is left alone for some seconds. */
MUST enum rc driver_open(struct p11_module *m, const char *path);

/* RC_TOKEN: its process has ended, and the text says how. Any other module lives. */
MUST enum rc driver_check(const struct p11_module *m);

/* Drivers that crashed, ended otherwise or were silent when they were let go: `how` is "signal 11 in C_Finalize".
   Nothing that was done depends on it; each is told once. Call it when no driver is open any more. */
void driver_farewells(void (*tell)(void *arg, const char *path, const char *how), void *arg);

/* The same in one more process, shared with nobody: to see what is on a token with new eyes, or to wait for one. */
MUST enum rc driver_open_alone(struct p11_module *m, const char *path);
