/* capbu diag: what the hotline needs to know of this machine, and nothing of the person: no PIN, key, name, serial of a
   certificate, tax code or path below a home. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/os.h"
#include "base/out.h"
#include "base/secret.h"
#include "client/desktop.h"
#include "client/flow/trail.h"
#include "client/term/cmd.h"
#include "client/token/journal.h"
#include "client/token/usb.h"

/* "MODULE: C_X: CKR_Y": only what CK_RVs are called leaves the machine, and how a driver ended. */
static void put_rv(struct jsonw *w, const char *key, const char *text) {
    const char *at = strstr(text, "CKR_");
    char name[128] = "";
    size_t len = at == NULL ? 0 : strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789x");

    if (at != NULL && strncmp(at, "CKR_DRIVER_", 11) == 0)
        len = strcspn(at, ")") + 1;

    if (len > 0 && text_set_span(name, sizeof name, span_of(at, len)) != RC_OK)
        name[0] = '\0';
    jsonw_str(w, key, text[0] == '\0' ? NULL : name[0] == '\0' ? "failed" : name);
}

/* File names only: the folder may name a person. */
static void put_modules(struct jsonw *w, const struct survey *s) {
    jsonw_array(w, "modules");
    for (size_t i = 0; i < s->find.module_count; i++) {
        const struct find_module *m = &s->find.modules[i];
        jsonw_object(w, NULL);
        jsonw_str(w, "name", fs_base_name(s->places.path[i]));
        jsonw_bool(w, "works", m->failed[0] == '\0');
        put_rv(w, "failed", m->failed);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static size_t certificates_on(const struct survey *s, const struct find_token *t) {
    size_t n = 0;

    for (size_t i = 0; i < s->find.candidate_count; i++)
        n += s->find.candidates[i].at == t;
    return n;
}

static void put_tokens(struct jsonw *w, const struct survey *s) {
    jsonw_array(w, "tokens");
    for (size_t i = 0; i < s->find.token_count; i++) {
        const struct p11_token *t = &s->find.tokens[i].token;
        jsonw_object(w, NULL);
        jsonw_str(w, "module", fs_base_name(t->module->path));
        jsonw_str(w, "manufacturer", t->manufacturer);
        jsonw_str(w, "model", t->model);
        jsonw_str(w, "firmware", t->firmware);
        jsonw_str(w, "known_as", s->find.tokens[i].model == NULL ? NULL : s->find.tokens[i].model->id);
        jsonw_int(w, "pin_min", t->min_pin);
        jsonw_int(w, "pin_max", t->max_pin);
        jsonw_bool(w, "pin_count_low", t->pin_count_low);
        jsonw_bool(w, "pin_final_try", t->pin_final_try);
        jsonw_bool(w, "pin_locked", t->pin_locked);
        jsonw_bool(w, "protected_path", t->protected_path);
        jsonw_int(w, "free_public", t->free_public);
        jsonw_int(w, "certificates", (int64_t)certificates_on(s, &s->find.tokens[i]));
        jsonw_int(w, "unreadable", s->find.tokens[i].unreadable);
        jsonw_bool(w, "shut", s->find.tokens[i].shut);
        put_rv(w, "failed", s->find.tokens[i].failed);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void put_journals(struct jsonw *w) {
    struct journals j = {0};

    if (!journal_list(&j))
        j.count = 0;
    jsonw_array(w, "unfinished");
    for (size_t i = 0; i < j.count; i++)
        jsonw_str(w, NULL, journal_step_name(j.at[i].step));
    jsonw_close(w, ']');
}

static void put_steps(struct jsonw *w) {
    AUTO(buf) trail = {0};

    if (trail_get(&trail) != RC_OK)
        buf_clear(&trail);
    jsonw_array(w, "steps");
    for (const char *line = buf_str(&trail); *line != '\0';) {
        size_t len = strcspn(line, "\n");
        jsonw_span(w, NULL, span_of(line, len));
        line += len + (line[len] == '\n');
    }
    jsonw_close(w, ']');
}

/* Would a PIN lie in memory that is never swapped? */
static bool memory_locks(void) {
    AUTO(secret) s = {0};

    return secret_open(&s, SECRET_MAX) == RC_OK && os_pages_locked();
}

static enum rc bundle(const struct options *o, struct jsonw *w) {
    AUTO(survey) s = {0};
    const struct desktop_system system = desktop_system();

    enum rc rc = survey_find(o, &s);
    jsonw_object(w, NULL);
    jsonw_str(w, "capbu", CAPBU_VERSION);
    jsonw_str(w, "system", system.name);
    jsonw_str(w, "release", system.release);
    jsonw_str(w, "machine", system.machine);
    jsonw_int(w, "word", (int64_t)sizeof(void *) * 8);
    jsonw_str(w, "look", err_name(rc));
    jsonw_bool(w, "usb_token", usb_token_seen());
    jsonw_bool(w, "card_service", !usb_service_missing());
    jsonw_bool(w, "memory_locked", memory_locks());
    jsonw_int(w, "devices_version", o->catalogue->known.version); /* 0: what is built in */
    put_modules(w, &s);
    put_tokens(w, &s);
    put_journals(w);
    put_steps(w);
    jsonw_close(w, '}');
    return jsonw_end(w);
}

enum exit_status cmd_diag(const struct options *o, struct http *h) {
    AUTO(jsonw) w = {0};

    (void)h;
    enum rc rc = bundle(o, &w);
    if (rc == RC_OK && o->out != NULL)
        return cmd_out(o, buf_span(&w.out), "{\"capbu\":\"");
    return rc == RC_OK ? cmd_print_json(o, &w) : cmd_fail(o, rc);
}
