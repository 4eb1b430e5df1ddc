/* The lines of the audit about an import itself. */
#pragma once

#include "service/intake/import.h"
#include "service/intake/import_source.h"

/* Before the first row is taken, with its size. */
MUST enum rc import_note_start(struct site *s, const char *file, const struct source *from);

/* At the end with the counts and the SHA-256 of all that was read: by it the file is known again (sha256sum). `why`
   NULL: it came to its end; else what stopped it, and there is no SHA-256. */
MUST enum rc import_note_end(struct site *s, const char *file, const struct source *from,
                             const struct import_counts *counts, const char *why);
