/* The sudden death of this process, as a power cut would be, and what else drivers do to the process they are in.
   Chosen by meson: kill_posix.c or kill_windows.c. */
#pragma once

#define KILL_HOST_WORD "--driver-host" /* on the command line of a process that capbu keeps a driver in */

void kill_all(void);   /* status 137; of capbu itself too, when this is the process it keeps a driver in */
void kill_crash(void); /* SIGSEGV, or on Windows an access violation */
void kill_hang(void);
void kill_quit(void);  /* exit, status 3 */
void exec_other(void); /* /bin/true, status 0; aborts where that is not to be had */
