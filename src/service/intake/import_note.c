/* Writes them (declared in import_note.h). */
#include "service/intake/import_note.h"

#include "base/jsonw.h"
#include "service/intake/import_batch.h"
#include "store/audit.h"

struct note {
    const char *kind;
    const char *detail;
};

static enum rc note_body(struct tx *tx, void *arg) {
    const struct note *n = arg;
    return audit_put(tx, &(struct audit_event){.kind = n->kind, .actor = "import", .detail = n->detail});
}

static enum rc write_note(struct site *s, const char *kind, struct jsonw *w) {
    jsonw_close(w, '}');
    TRY(jsonw_end(w));
    struct note n = {kind, buf_str(&w->out)};
    return import_write(s->store, conf_now(&s->conf), note_body, &n);
}

static void begin(struct jsonw *w, const char *file, const struct source *from) {
    jsonw_object(w, NULL);
    jsonw_str(w, "file", file);
    jsonw_int(w, "bytes", from->bytes);
}

enum rc import_note_start(struct site *s, const char *file, const struct source *from) {
    AUTO(jsonw) w = {0};
    begin(&w, file, from);
    return write_note(s, "import-started", &w);
}

enum rc import_note_end(struct site *s, const char *file, const struct source *from, const struct import_counts *counts,
                        const char *why) {
    AUTO(jsonw) w = {0};
    char hash[2 * SHA256_LEN + 1];
    begin(&w, file, from);
    if (why == NULL) {
        sha256_hex(from->sum, hash);
        jsonw_str(&w, "sha256", hash);
    }
    jsonw_int(&w, "rows", counts->rows);
    jsonw_int(&w, "added", counts->added);
    jsonw_int(&w, "changed", counts->changed);
    jsonw_int(&w, "same", counts->same);
    jsonw_int(&w, "refused", counts->refused);
    jsonw_int(&w, "not_taken", counts->not_taken);
    jsonw_int(&w, "noted", counts->noted);
    if (why != NULL)
        jsonw_str(&w, "stopped", why);
    return write_note(s, "import", &w);
}
