/* The sudden death of this process, as a power cut would be, and its becoming another. Chosen by meson: kill_posix.c or
   kill_windows.c. */
#pragma once

_Noreturn void kill_self(void);  /* status 137 */
_Noreturn void exec_other(void); /* /bin/true, status 0; aborts where that is not to be had */
