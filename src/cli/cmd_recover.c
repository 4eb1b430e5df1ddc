/* capbuctl recover and journal: what the signed journal and the database know of each other after one was put back. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/tell.h"
#include "service/ledger/recover_file.h"
#include "service/site/journal_seed.h"

static enum rc find_gaps(struct db *db, void *arg) {
    struct site *s = arg;
    AUTO_PTR(seal) seal = NULL;

    TRY(seal_open(s->conf.seal_key, &seal));
    return gaps_find(s, db, seal, true, &s->gaps);
}

static void say_gap(void *arg, const char *text) {
    char line[TELL_LINE];

    (void)arg;
    tell_glossed(text, line);
    puts(line);
}

static void tell_file(const char *path, const struct recover_counts *c, const char *why) {
    char line[TELL_LINE];

    tell(TELL_RECOVERED, path, (long long)c->taken, (long long)c->read, (long long)c->others, (long long)c->no_record,
         (long long)c->unusable);
    if (c->completed > 0)
        tell(TELL_RECOVER_COMPLETED, (long long)c->completed);
    if (c->entered > 0)
        tell(TELL_RECOVER_ENTERED, (long long)c->entered);
    if (c->held > 0) {
        tell_glossed(why, line);
        tell(TELL_RECOVER_HELD, (long long)c->held, line);
    }
    if (c->blocked > 0)
        tell(TELL_RECOVER_BLOCKED, (long long)c->blocked);
}

static enum rc take_file(struct site *s, const char *path, const struct recover_by *by, struct recover_counts *all,
                         bool json) {
    struct recover_counts c = {0};

    TRY(recover_file(s, path, by, conf_now(&s->conf), &c));
    if (!json)
        tell_file(path, &c, late_why(by->late));
    recover_counts_add(all, &c);
    return RC_OK;
}

/* What is known to be missing, by the journal or by the files. */
static bool whole(const struct site *s, const struct recover_counts *c) {
    return gaps_open(s->gaps) == 0 && c->blocked == 0 && c->held == 0 && c->no_record == 0;
}

static enum rc print_json(const struct site *s, const struct recover_counts *c) {
    AUTO(jsonw) w = {0};

    jsonw_object(&w, NULL);
    jsonw_int(&w, "entries", (int64_t)gaps_entries(s->gaps) + c->entered);
    jsonw_int(&w, "read", c->read);
    jsonw_int(&w, "recovered", c->taken);
    jsonw_int(&w, "completed", c->completed);
    jsonw_int(&w, "blocked", c->blocked);
    jsonw_int(&w, "entered", c->entered);
    jsonw_int(&w, "held", c->held);
    jsonw_int(&w, "missing", (int64_t)gaps_open(s->gaps));
    jsonw_int(&w, "not_in_journal", (int64_t)gaps_unsealed(s->gaps));
    jsonw_array(&w, "old_serials");
    for (size_t i = 0; i < gaps_count(s->gaps); i++)
        if (gaps_is_open(s->gaps, i) && gaps_at(s->gaps, i)->old_id != 0)
            jsonw_str(&w, NULL, gaps_at(s->gaps, i)->serial);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    return out_json(&w);
}

static enum rc print(const struct args *a, const struct site *s, const struct recover_counts *c) {
    if (args_on(a, ARG_JSON))
        return print_json(s, c);
    gaps_say(s->gaps, say_gap, NULL);
    if (gaps_open(s->gaps) > 0)
        tell(TELL_RECOVER_LEFT, (long long)gaps_open(s->gaps));
    else if (!whole(s, c))
        tell(TELL_RECOVER_NOT_ALL);
    else
        tell(TELL_RECOVER_ALL, (long long)gaps_entries(s->gaps) + (long long)c->entered);
    return RC_OK;
}

enum rc cmd_recover(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    AUTO(responder) responder = {0};
    AUTO_PTR(late) late = NULL;
    struct recover_counts all = {0};

    TRY(cmd_site(a, &s));
    TRY(late_new(&s, &late));
    const struct recover_by by = {&responder, cmd_actor(), late};
    TRY(store_read(s.store, find_gaps, &s));
    if (a->count > 1)
        TRY(responder_open(&s.conf, &responder));
    for (int i = 1; i < a->count; i++)
        TRY(take_file(&s, a->words[i], &by, &all, args_on(a, ARG_JSON)));
    *exit_code = whole(&s, &all) ? EXIT_DONE : EXIT_SOME_REFUSED;
    return print(a, &s, &all);
}

static enum rc seeded_print(const struct site *s, const struct seeded *n, bool anew, bool json) {
    AUTO(jsonw) w = {0};

    if (!json) {
        tell(TELL_SEEDED, s->conf.signed_journal, (long long)n->entered, (long long)n->kept, (long long)n->other);
        if (anew && n->entered == 0)
            tell(TELL_SEEDED_NONE);
        return RC_OK;
    }
    jsonw_object(&w, NULL);
    jsonw_str(&w, "journal", s->conf.signed_journal);
    jsonw_int(&w, "entered", n->entered);
    jsonw_int(&w, "kept", n->kept);
    jsonw_int(&w, "differ", n->other);
    jsonw_close(&w, '}');
    return out_json(&w);
}

enum rc cmd_journal(const struct args *a, int *exit_code) {
    AUTO(site) s = {0};
    struct seeded n = {0};
    bool anew = strcmp(a->words[1], "new") == 0;

    if (!anew && strcmp(a->words[1], "add") != 0)
        return tell_fail(RC_USAGE, TELL_TAKES, "journal", "new | add", a->words[1]);
    TRY(cmd_site(a, &s));
    TRY(anew ? journal_seed_new(&s, &n) : journal_seed_add(&s, &n));
    *exit_code = n.other > 0 ? EXIT_SOME_REFUSED : EXIT_DONE;
    return seeded_print(&s, &n, anew, args_on(a, ARG_JSON));
}
