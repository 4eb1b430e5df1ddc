/* The beginning of the program on each system. Chosen by meson: process_posix.c or process_windows.c. */
#pragma once

/* A PIN will pass through this process: no core dump, no tracing by others. The words of the command line become UTF-8,
   and so does what is printed. */
void process_begin(int *argc, char ***argv);
