/* Collects the names: what capbud.conf names, wherever it lies, and what SQLite puts beside its database. */
#include "service/site/site_rules.h"

#include <stdio.h>

#include "service/site/campaign_file.h"

static enum rc keep_database(const struct conf *c, struct out_rules *out) {
    static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
    char path[PATH_CAP + 16];
    for (size_t i = 0; db_is_file(c->database) && i < sizeof beside / sizeof beside[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", c->database, beside[i]);
        TRY(out_keep(out, path));
    }
    return RC_OK;
}

enum rc site_rules(const struct site *s, const char *input, bool force, struct out_rules *out) {
    const struct conf *c = &s->conf;
    const char *named;
    char path[PATH_CAP];
    *out = (struct out_rules){.force = force};
    TRY(text_set(out->dir, sizeof out->dir, c->dir));
    TRY(keep_database(c, out));
    for (size_t i = 0; (named = conf_file(c, i)) != NULL; i++)
        TRY(out_keep(out, named));
    TRY(fs_join(path, c->dir, CONF_NAME));
    TRY(out_keep(out, path));
    if (campaign_file_provinces(c->campaign, &s->campaign, path) == RC_OK)
        TRY(out_keep(out, path));
    return input == NULL ? RC_OK : out_keep(out, input);
}
