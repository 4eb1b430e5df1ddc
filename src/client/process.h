/* The beginning of the program and the wish to end it, on each system. Chosen by meson: process_posix.c,
   process_windows.c. */
#pragma once

#include <stdbool.h>

/* A PIN will pass through this process: no core dump, no tracing by others. The words of the command line become UTF-8,
   and so does what is printed. */
void process_begin(int *argc, char ***argv);

/* From now on who wants the process to end is told by process_stopping instead: SIGTERM, SIGINT, SIGHUP; on Windows
   Ctrl-C, Ctrl-Break, the closed window, the end of the session. A second time ends it at once. */
void process_stop_kept(void);
bool process_stopping(void); /* from any thread */
