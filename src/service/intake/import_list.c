/* Writes the lists, under another name until they are whole. */
#include "service/intake/import_list.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "service/out_guard.h"

#define SHOWN    1000           /* bytes of a record that cannot be split */
#define REPLACED "\xef\xbf\xbd" /* U+FFFD */

void list_free(struct list *l) {
    out_file_free(&l->file);
    buf_free(&l->text);
    buf_free(&l->head);
}

static uint8_t separator(const struct list *l) {
    return l->source->csv.separator;
}

/* What tells one file from the next of its name. */
static uint64_t standing(const char *path) {
    struct stat st;
    if (lstat(path, &st) != 0)
        return 0;
    return (uint64_t)st.st_ino * 31 + (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
}

static enum rc add_cell(struct list *l, struct buf *out, struct span cell) {
    TRY(buf_add_char(out, (char)separator(l)));
    return csv_cell(out, cell, separator(l));
}

enum rc list_make(const char *path, const char *second, const struct source *from, const struct import_header *h,
                  struct list *out) {
    const struct csv *header = &from->csv;
    AUTO(list) l = {.source = from, .ours = h->ours, .stood = standing(path)};
    TRY(text_set(l.path, sizeof l.path, path));
    if (header->bom) /* who reads it there will read the list there too */
        TRY(buf_add_str(&l.head, "\xef\xbb\xbf"));
    TRY(buf_printf(&l.head, "line%c%s", header->separator, second));
    for (size_t i = h->ours; i < h->fields; i++)
        TRY(add_cell(&l, &l.head, header->field[i]));
    TRY(buf_add_char(&l.head, '\n'));
    *out = l;
    l = (struct list){0};
    return RC_OK;
}

/* An earlier list may be of a file with another separator. */
static const char *const begins[] = {"line,reason",   "line;reason", "line\treason", "line,warning", "line;warning",
                                     "line\twarning", NULL};
static const struct out_mark mark = {.one_of = begins, .mended = true};

enum rc list_guard(const struct list *l, const struct out_rules *rules) {
    static const struct out_rules none;
    return out_guard(l->path, mark, rules == NULL ? &none : rules);
}

enum rc list_open(struct list *l, const struct out_rules *rules) {
    l->opened = time(NULL);
    TRY(out_file_open(l->path, mark, rules, &l->file));
    return out_file_add(&l->file, buf_span(&l->head));
}

/* What is refused for its bytes must not spoil the list, and import must not take it unmended: U+FFFD for each. A
   line's end stays, for a certificate may have several. */
static enum rc add_tame(struct list *l, struct span cell) {
    AUTO(buf) tame = {0};
    for (size_t at = 0, step; at < cell.len; at += step) {
        const uint8_t *p = cell.ptr + at;
        step = utf8_char(p, cell.len - at);
        bool fit = *p == '\n' || *p == '\r' || (step > 0 && utf8_printable(span_of(p, step)));
        step = step == 0 ? 1 : step;
        TRY(fit ? buf_add(&tame, p, step) : buf_add_str(&tame, REPLACED));
    }
    return add_cell(l, &l->text, buf_span(&tame));
}

static enum rc add_record(struct list *l, struct buf *record) {
    struct span field[CSV_FIELDS];
    size_t count = 0;
    while (record->len > 0 && (record->data[record->len - 1] == '\n' || record->data[record->len - 1] == '\r'))
        record->data[--record->len] = 0;
    if (csv_split(record->data, record->len, separator(l), field, &count) != RC_OK)
        return add_tame(l, span_of(record->data, record->len < SHOWN ? record->len : SHOWN));
    for (size_t i = l->ours; i < count; i++)
        TRY(add_tame(l, l->ours > 0 ? csv_unguarded(field[i]) : field[i]));
    return RC_OK;
}

enum rc list_add(struct list *l, long line, const char *why, long long start, long long end) {
    AUTO(buf) record = {0};
    l->count++;
    if (l->file.stream == NULL) /* nowhere to put it: it is counted */
        return RC_OK;
    TRY(source_part(l->source, start, end - start, CSV_RECORD_LIMIT, &record));
    buf_clear(&l->text);
    TRY(buf_printf(&l->text, "%ld", line));
    TRY(add_cell(l, &l->text, span_str(why)));
    TRY(add_record(l, &record));
    TRY(buf_add_char(&l->text, '\n'));
    return out_file_add(&l->file, buf_span(&l->text));
}

static bool is_ours(const char *path) {
    static const struct out_rules none;
    return out_guard(path, mark, &none) == RC_OK;
}

/* Nothing, or a list of an earlier run that nobody has mended. */
static bool is_free(const struct list *l, const char *path) {
    struct stat st;
    return lstat(path, &st) != 0 || (st.st_mtim.tv_sec + 1 < l->opened && is_ours(path));
}

/* FILE.refused.csv, FILE.refused-2.csv … */
static enum rc take_free_name(struct list *l) {
    char stem[PATH_CAP], path[PATH_CAP];
    TRY(text_set(stem, sizeof stem, l->path));
    char *end = strrchr(stem, '.');
    if (end != NULL && strcmp(end, ".csv") == 0)
        *end = '\0';
    for (int n = 2; n < 100; n++) {
        int len = snprintf(path, sizeof path, "%s-%d.csv", stem, n);
        if (len < 0 || (size_t)len >= sizeof path)
            FAIL(RC_LIMIT, "the file's name is too long");
        if (!is_free(l, path))
            continue;
        TRY(text_set(l->path, sizeof l->path, path));
        return text_set(l->file.path, sizeof l->file.path, path);
    }
    FAIL(RC_EXISTS, "%s: too many lists are there already: remove some", l->path);
}

/* Of an earlier run, unless it is another import's, nobody's list, or one that somebody mends. */
static void remove_older(const struct list *l) {
    if (l->stood != 0 && standing(l->path) == l->stood && is_ours(l->path))
        (void)unlink(l->path);
}

enum rc list_end(struct list *l) {
    bool a_file = l->file.stream == NULL || l->file.temporary[0] != '\0';
    if (l->count == 0 && a_file) {
        out_file_free(&l->file);
        remove_older(l);
        return RC_OK;
    }
    if (l->file.stream == NULL)
        return RC_OK;
    if (a_file && standing(l->path) != l->stood)
        TRY(take_free_name(l));
    return out_file_close(&l->file);
}
