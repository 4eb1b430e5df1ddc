/* Looks a word up in a table of names. */
#pragma once

/* Its place, -1 when it is not there. Empty names in the table are never found. */
int names_find(const char *const *names, int count, const char *name);
