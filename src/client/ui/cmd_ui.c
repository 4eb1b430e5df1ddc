/* capbu ui: the page on loopback, opened in the person's browser. */
#include <stdio.h>
#include <unistd.h>

#include "client/desktop.h"
#include "client/process.h"
#include "client/say.h"
#include "client/term/cmd.h"
#include "client/token/journal.h"
#include "client/ui/ui_guard.h"
#include "client/ui/ui_http.h"
#include "client/ui/ui_serve.h"

/* The address must not stand in a process list where other users of the machine read it: so the browser is given a file
   that only this person can read, and which leads to the address. */
static enum rc door_write(const char *url, char path[PATH_CAP]) {
    AUTO(buf) html = {0};
    char dir[PATH_CAP], name[40];

    TRY(journal_folder(dir));
    TRY(fs_mkdir(dir, 0700));
    (void)snprintf(name, sizeof name, "open-%ld.html", (long)getpid());
    TRY(fs_join(path, dir, name));
    TRY(buf_printf(&html,
                   "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>capbu</title>"
                   "<meta http-equiv=\"refresh\" content=\"0;url=%s\"><p><a href=\"%s\">capbu</a></p></html>\n",
                   url, url));
    return fs_write(path, buf_span(&html), 0600);
}

static enum exit_status serve(const struct options *o, const struct http *h, struct ui_state *state, const char *url) {
    char door[PATH_CAP] = "";
    AUTO_PTR(ui_guard) guard = NULL; /* above the run: it watches over the end of the drivers, too */
    AUTO(ui_run) r = {0};

    enum rc rc = ui_run_open(o, h, state, &r);
    printf("ui %s\n", url);
    fflush(stdout);
    if (rc == RC_OK && !o->no_browser) {
        rc = door_write(url, door);
        if (rc == RC_OK)
            rc = desktop_browse(door);
        if (rc != RC_OK) /* the address is printed: the person may open it */
            cmd_say_why(o, SAY_NO_BROWSER);
        rc = RC_OK;
    }
    if (rc == RC_OK)
        rc = ui_guard_new(state, door, &guard);
    if (rc == RC_OK)
        rc = ui_serve(&r);
    if (door[0] != '\0')
        (void)fs_remove(door);
    return cmd_fail(o, rc);
}

enum exit_status cmd_ui(const struct options *o, struct http *h) {
    AUTO_PTR(ui_state) state = NULL;
    AUTO_PTR(ui_http) door = NULL;
    char url[UI_URL];

    process_stop_kept();
    enum rc rc = ui_state_new(&state);
    if (rc == RC_OK)
        rc = ui_http_start(state, &door, url);
    return rc == RC_OK ? serve(o, h, state, url) : cmd_fail(o, rc);
}
