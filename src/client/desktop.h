/* What the person's system gives a program: where it keeps its state, the browser, its own name. Chosen by meson:
   desktop_posix.c or desktop_windows.c. */
#pragma once

#include "base/fs.h"

/* The folder of our own state: in $XDG_STATE_HOME or ~/.local/state, on Windows in %LOCALAPPDATA%. RC_NOT_FOUND. */
MUST enum rc desktop_state(char out[PATH_CAP]);

/* The folder of what people set: in $XDG_CONFIG_HOME or ~/.config, on Windows in %APPDATA%. RC_NOT_FOUND. */
MUST enum rc desktop_config(char out[PATH_CAP]);

/* The folder that the program itself lies in, and the one of what is set for everybody on this computer: /etc/capbu, on
   Windows capbu in %ProgramData%. RC_NOT_FOUND. */
MUST enum rc desktop_program(char out[PATH_CAP]);
MUST enum rc desktop_machine(char out[PATH_CAP]);

/* Opens a file in the browser. RC_NOT_FOUND, RC_IO. */
MUST enum rc desktop_browse(const char *path);

/* Started by a double-click and not from a terminal or a script. */
bool desktop_started(void);

/* Ends a connection for both sides and leaves closing it to its owner. */
void desktop_hang_up(intptr_t socket);
bool desktop_hung_up(intptr_t socket); /* the other side did; what it sent is left where it is */

struct desktop_system {
    char name[32], release[80], machine[32];
};
struct desktop_system desktop_system(void);
