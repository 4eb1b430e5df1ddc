/* Writes to standard output; the stream itself remembers that a write failed. */
#include "base/out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"

static bool told; /* a JSON text was written */

enum rc out_put(struct span text) {
    if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0 || ferror(stdout))
        FAIL(RC_IO, "%s", errno == EPIPE ? OUT_GONE : "standard output cannot be written: its disk is full");
    return RC_OK;
}

enum rc out_file(const char *path, struct span data) {
    return fs_is_stdout(path) ? out_put(data) : fs_write_named(path, data, 0600);
}

enum rc out_json(struct jsonw *w) {
    TRY(jsonw_end(w));
    TRY(buf_add_char(&w->out, '\n'));
    told = true;
    return out_put(buf_span(&w->out));
}

bool out_json_of_line(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

enum rc out_problem(int status, const char *code, const char *text) {
    AUTO(jsonw) w = {0};

    if (told || ferror(stdout))
        return RC_OK;
    jsonw_object(&w, NULL);
    jsonw_int(&w, "status", status);
    jsonw_str(&w, "code", code);
    jsonw_str(&w, "text", text);
    jsonw_close(&w, '}');
    return out_json(&w);
}
