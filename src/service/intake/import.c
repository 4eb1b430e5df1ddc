/* Imports the operator's CSV by streaming: while one batch of rows is written, the next one is read and checked.

   Where certificates are known already, the file is read twice: first compared with them, because a file that would
   change much of what is known must not change any of it; then what the comparison found new or other is written. So
   nothing is held open and nothing grows with the file; between the two only a byte a record is kept, on disk. One
   transaction over the whole file would do as well, but keep capbud from issuing all that time. Into an empty
   installation the file is read once, as nothing there can be changed. */
#include "service/intake/import_in.h"

#include <stdlib.h>
#include <string.h>

#include "service/intake/import_note.h"

static void import_free(struct import *im) {
    source_free(&im->source);
    cert_row_free(&im->row.row);
    buf_free(&im->scratch);
    seen_close(&im->seen);
    plan_free(&im->plan);
    list_free(&im->refused);
    list_free(&im->warned);
}

static struct import_batch *batch_new(const struct import *im) {
    struct import_batch *b = calloc(1, sizeof *b);
    if (b != NULL) {
        b->site = im->site;
        b->file = im->name;
    }
    return b;
}

static void show_progress(const struct import *im) {
    const struct source *s = &im->source;
    if (im->options->progress == NULL)
        return;
    int64_t half = im->pass == PASS_ONLY ? s->csv.bytes : s->csv.bytes / 2;
    int64_t done = im->pass == PASS_WRITE ? s->text - s->text / 2 + half : half;
    im->options->progress(im->options->arg, done, s->text);
}

static enum rc start(struct import *im, struct import_batch *b) {
    b->added = im->counts.added;
    b->changed = im->counts.changed;
    im->counts.begun |= im->pass != PASS_JUDGE;
    TRY(import_batch_start(b));
    show_progress(im);
    bool asked = im->options->stop != NULL && im->options->stop();
    im->counts.interrupted = asked && !im->at_end; /* what has come to its end needs no stop */
    return RC_OK;
}

/* One is read while the other is written. */
static enum rc rounds(struct import *im, struct import_batch *batch[2]) {
    int reading = 0;
    while (!im->at_end && !im->counts.interrupted) {
        TRY(import_read_batch(im, batch[reading]));
        TRY(import_settle(im, batch[!reading]));
        TRY(start(im, batch[reading]));
        reading = !reading;
    }
    return import_settle(im, batch[!reading]);
}

static enum rc go(struct import *im, enum pass pass) {
    AUTO_PTR(import_batch) first = batch_new(im);
    AUTO_PTR(import_batch) second = batch_new(im);
    if (first == NULL || second == NULL)
        FAIL(RC_LIMIT, "no memory for a batch");
    im->pass = pass;
    im->row.unhashed = pass == PASS_WRITE; /* whom the file named before was seen in the first pass */
    im->at_end = false;
    enum rc rc = rounds(im, (struct import_batch *[2]){first, second});
    if (rc != RC_OK) {
        import_drain(im, first);
        import_drain(im, second);
        return rc;
    }
    return im->counts.interrupted ? RC_OK : source_end(&im->source);
}

static bool too_many(const struct import *im) {
    const struct import_counts *n = &im->counts;
    if (im->options->changes_told)
        return n->touched > im->options->changes;
    return n->touched > IMPORT_HANDFUL && n->touched * 100 > n->known * im->site->campaign.change_guard;
}

/* A slip in a spreadsheet reaches every row: it stops before it has changed one. */
static enum rc guard(struct import *im) {
    const struct import_counts *n = &im->counts;
    if (im->refused.count > 0 && im->refused.file.stream == NULL)
        FAIL(RC_IO, "%s cannot be written and a row is refused, so nothing was imported: say --refused FILE. Line %s",
             im->refused.path, im->first_refused);
    im->counts.too_many = too_many(im);
    if (!n->too_many || im->options->dry_run)
        return RC_OK;
    FAIL(RC_REFUSED,
         "of %lld certificates known, %lld would be changed (%lld of them suspended or revoked) and %lld refused, more "
         "than %lld%s, so nothing was imported: look at the file, and where that is meant say --changes %lld",
         (long long)n->known, (long long)n->changed, (long long)n->stopped, (long long)(n->touched - n->changed),
         im->options->changes_told ? (long long)im->options->changes : (long long)im->site->campaign.change_guard,
         im->options->changes_told ? "" : " %", (long long)n->touched);
}

static enum rc write_planned(struct import *im) {
    im->counts.added = im->counts.changed = 0;
    TRY(plan_read(&im->plan));
    TRY(source_again(&im->source));
    bool more = false;
    TRY(csv_next(&im->source.csv, &more)); /* the header */
    return go(im, PASS_WRITE);
}

static enum rc run(struct import *im) {
    bool listed = im->refused.file.stream != NULL;
    if (im->counts.known == 0 && listed && !im->options->dry_run) {
        TRY(go(im, PASS_ONLY));
    } else {
        TRY(plan_open(im->site->conf.dir, &im->plan));
        TRY(go(im, PASS_JUDGE));
        if (im->counts.interrupted)
            return RC_OK;
        TRY(guard(im));
        if (!im->options->dry_run)
            TRY(write_planned(im));
    }
    if (im->counts.rows == 0 && !im->counts.interrupted)
        FAIL(RC_INPUT, "%s: a header and no record: the export came out empty", im->path);
    if (im->counts.interrupted)
        return RC_OK;
    TRY(list_end(&im->refused));
    return list_end(&im->warned);
}

static enum rc take_known(struct db *db, void *arg) {
    return certs_max_id(db, arg); /* none is ever removed */
}

/* The list of refusals is open before the first row is taken, where it was told to be; beside the file it may turn out
   that it is not needed. */
static enum rc open_lists(struct import *im) {
    char path[PATH_CAP];
    const char *told = im->options->refused;
    int n = told != NULL ? snprintf(path, sizeof path, "%s", told)
                         : snprintf(path, sizeof path, "%s.refused.csv", im->path);
    if (n < 0 || (size_t)n >= sizeof path - sizeof ".warnings.csv")
        FAIL(RC_LIMIT, "the file's name is too long");
    TRY(list_make(path, "reason", &im->source, &im->header, &im->refused));
    enum rc rc = list_open(&im->refused, im->options->rules);
    if (rc != RC_OK && (told != NULL || rc != RC_IO))
        return rc;
    bool beside = told == NULL || fs_is_stdout(told) || im->refused.file.temporary[0] == '\0';
    (void)snprintf(path, sizeof path, "%.*s.warnings.csv", (int)(sizeof path - sizeof ".warnings.csv"),
                   beside ? im->path : told);
    TRY(list_make(path, "warning", &im->source, &im->header, &im->warned));
    rc = list_guard(&im->warned, im->options->rules); /* one that somebody mends is seen before a row is taken */
    return rc == RC_REFUSED ? rc : RC_OK;
}

static enum rc prepare(struct import *im) {
    const struct site *s = im->site;
    const struct csv *csv = &im->source.csv;
    TRY(source_open(im->path, s->conf.dir, &im->source));
    TRY(import_read_header(im));
    im->counts.utf16 = im->source.utf16;
    im->counts.tabs = csv->separator == '\t';
    im->counts.cr = csv->line_end == '\r';
    im->counts.sep = csv->separator_told;
    TRY(open_lists(im));
    TRY(seen_open(s->conf.dir, im->source.text, &im->seen));
    return store_read(s->store, take_known, &im->counts.known);
}

/* However it ends, the audit has it whole. */
static enum rc note_end(struct import *im, enum rc rc) {
    char why[ERR_TEXT];
    bool ended = rc == RC_OK && !im->counts.interrupted;
    (void)snprintf(why, sizeof why, "%s", rc == RC_OK ? "interrupted" : err_text());
    if (im->options->dry_run)
        return rc;
    if (!im->counts.begun) /* what would be was counted, and nothing is in */
        im->counts.added = im->counts.changed = 0;
    enum rc noted = import_note_end(im->site, im->name, &im->source, &im->counts, ended ? NULL : why);
    return rc == RC_OK ? noted : err_set(rc, "%s", why);
}

enum rc import_file(struct site *s, const char *path, const struct import_options *o, struct import_counts *counts) {
    AUTO(import)
    im = {.site = s,
          .row.provinces = &s->provinces,
          .row.today = day_of(conf_now(&s->conf), s->campaign.utc_offset),
          .path = path,
          .name = fs_base_name(path),
          .options = o};
    TRY(prepare(&im));
    if (!o->dry_run) /* rows of an import that is cut off have their cause recorded too */
        TRY(import_note_start(s, im.name, &im.source));
    enum rc rc = note_end(&im, run(&im));
    if (im.refused.count > 0)
        memcpy(im.counts.refused_list, im.refused.path, PATH_CAP);
    if (im.warned.count > 0)
        memcpy(im.counts.warned_list, im.warned.path, PATH_CAP);
    *counts = im.counts;
    return rc;
}
