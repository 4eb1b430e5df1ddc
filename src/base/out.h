/* Standard output of our programs: did what was printed reach its reader, and failures in JSON for who asked for it. */
#pragma once

#include "base/jsonw.h"

/* Writes all of it and flushes. RC_IO: the disk is full, or the reader has gone as `head` does: then the text is
   OUT_GONE and nobody is told, only the exit status stays. */
#define OUT_GONE "standard output has no reader any more"
MUST enum rc out_put(struct span text);

/* To a file of that name, whole or not at all, readable by its owner; a pipe or a device in place; to standard output
   when fs_is_stdout. RC_IO: a link to a file too. */
MUST enum rc out_file(const char *path, struct span data);

/* Ends the JSON text and writes it as one line. */
MUST enum rc out_json(struct jsonw *w);

/* Was --json given, as far as the command line can be read? For who complains about that line. */
bool out_json_of_line(int argc, char **argv);

/* A failure as one line {"status","code","text"}: the exit status, its stable name, what was told on standard error.
   Nothing when a JSON text was written already, which says more, or when nothing can be written any more. */
MUST enum rc out_problem(int status, const char *code, const char *text);
