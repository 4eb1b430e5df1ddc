/* What operating systems do each in their own way and everybody needs: environment, clock, wiping, locked memory.
   Chosen by meson: os_posix.c or os_windows.c. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A variable of the environment as UTF-8, NULL when it is not set. The text lives as long as the process. */
const char *os_env(const char *name);

int64_t os_clock_ms(void); /* only goes forward; from where on is unknown */
void os_pause_ms(int64_t ms);

/* A condition whose waits end by os_clock_ms, not by the clock that people set. */
void os_cond_init(pthread_cond_t *c);
bool os_cond_wait(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until_ms); /* false: time is up */

/* Can some bytes (OS_AT_ONCE) be written without waiting, within `ms` at the latest? Yes also when they cannot be at
   all: writing says why. */
#define OS_AT_ONCE 4096
bool os_writable(int fd, int ms);

const void *os_loopback(void); /* a struct sockaddr_in: 127.0.0.1, any port */

void os_wipe(void *memory, size_t len); /* is never optimised away */

/* Has the process open so many files if its hard limit lets it; how many it may open now. */
int os_files(int wanted);

/* First thing in main of a program that PINs or keys pass through: no core dump, no tracing by others, no death by a
   closed pipe. */
void os_guard(void);

/* One page that is never swapped where the system lets it be locked (os_pages_locked), and never dumped. RC_IO. */
size_t os_page_size(void);
MUST enum rc os_page_new(char **page);
void os_page_free(char *page); /* wipes first */
bool os_pages_locked(void);    /* each that was made so far */
