/* The sudden death of this process, as a power cut would be. Chosen by meson: kill_posix.c or kill_windows.c. */
#pragma once

_Noreturn void kill_self(void); /* status 137 */
