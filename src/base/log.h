/* The log: JSON lines on stderr, written by edges only (libraries return). Never a PIN, key or personal datum.
   Lines that nobody takes are counted, and a later one tells how many they were (`log-lines-lost`). */
#pragma once

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_open(const char *program, enum log_level least);

/* One line: time, level, program, event, then the pairs key, value ... ended by NULL; values are strings, a NULL
   value is left out.  log_line(LOG_INFO, "ready", "address", url, NULL) */
void log_line(enum log_level level, const char *event, ...) __attribute__((sentinel));
