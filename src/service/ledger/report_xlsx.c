/* Writes a report as a spreadsheet by libxlsxwriter: the only file that knows it. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "service/ledger/report.h"
#include "service/out_file.h"

struct sheet {
    lxw_worksheet *sheet;
    lxw_format *bold;
    enum lang lang;
    lxw_row_t row;
    lxw_error error; /* the first one */
};

static void keep(struct sheet *s, lxw_error e) {
    if (s->error == LXW_NO_ERROR)
        s->error = e;
}

static void text(struct sheet *s, int column, const char *value, lxw_format *format) {
    keep(s, worksheet_write_string(s->sheet, s->row, (lxw_col_t)column, value, format));
}

static void number(struct sheet *s, int column, double value, lxw_format *format) {
    keep(s, worksheet_write_number(s->sheet, s->row, (lxw_col_t)column, value, format));
}

static void put_line(struct sheet *s, const char *key, const struct report_line *l, lxw_format *format) {
    text(s, 0, key, format);
    for (int c = 0; c < REPORT_COLUMNS; c++)
        number(s, 1 + c, (double)report_cell(l, (enum report_column)c), format);
    s->row++;
}

/* The heading stays in sight. */
static void put_lines(struct sheet *s, const struct report *r) {
    struct report_line sum = report_sum(r);
    text(s, 0, report_title(s->lang, r->by), s->bold);
    for (int c = 0; c < REPORT_COLUMNS; c++)
        text(s, 1 + c, report_column_name(s->lang, (enum report_column)c), s->bold);
    s->row++;
    worksheet_freeze_panes(s->sheet, s->row, 1);
    for (int32_t i = 0; i < r->line_count; i++)
        put_line(s, report_key(s->lang, r, &r->lines[i]), &r->lines[i], NULL);
    put_line(s, report_total_name(s->lang, r->by), &sum, s->bold);
}

static void put_goals(struct sheet *s, const struct campaign *c, const struct report *r) {
    static const char *const names[][2] = {{"Mục tiêu", "Goal"},   {"Hạn", "By"},       {"Cần đạt (%)", "Wanted (%)"},
                                           {"Phải bù", "Owed"},    {"Đã xong", "Done"}, {"Đạt (%)", "Reached (%)"},
                                           {"Đạt mục tiêu", "Met"}};
    static const char *const met[][2] = {{"chưa", "not yet"}, {"có", "yes"}};
    for (int i = 0; i < 7; i++)
        text(s, i, names[i][s->lang], s->bold);
    s->row++;
    for (int32_t i = 0; i < c->goal_count; i++) {
        const struct standing *st = &r->standings[i];
        char by[DAY_TEXT];
        day_read(c->goals[i].by, s->lang, by);
        text(s, 0, c->goals[i].id, NULL);
        text(s, 1, by, NULL);
        number(s, 2, c->goals[i].percent, NULL);
        number(s, 3, (double)st->owed, NULL);
        number(s, 4, (double)st->done, NULL);
        number(s, 5, st->percent_tenths / 10.0, NULL);
        text(s, 6, met[st->met][s->lang], NULL);
        s->row++;
    }
}

static void put_facts(struct sheet *s, const struct campaign *c, const struct report *r) {
    char as_of[INSTANT_READ];
    instant_read(r->now, c->utc_offset, s->lang, as_of);
    text(s, 0, c->title, s->bold);
    s->row++;
    text(s, 0, as_of, NULL);
    s->row++;
}

/* The library writes to names only, and complains on standard error itself: so it gets one that works. */
static enum rc book_write(const struct site *s, const struct report *r, enum lang lang, int memory) {
    static const char *const names[][2] = {{"Tiến độ", "Progress"}, {"Mục tiêu", "Goals"}};
    char name[32];
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", memory);
    lxw_workbook *book = workbook_new(name);
    if (book == NULL)
        FAIL(RC_LIMIT, "out of memory");
    struct sheet progress = {
        .sheet = workbook_add_worksheet(book, names[0][lang]), .bold = workbook_add_format(book), .lang = lang};
    struct sheet goals = {.sheet = workbook_add_worksheet(book, names[1][lang]), .bold = progress.bold, .lang = lang};
    format_set_bold(progress.bold);
    put_facts(&progress, &s->campaign, r);
    put_lines(&progress, r);
    put_goals(&goals, &s->campaign, r);
    keep(&progress, worksheet_set_column(progress.sheet, 0, 0, 36, NULL));
    keep(&progress, worksheet_set_column(progress.sheet, 1, REPORT_COLUMNS, 16, NULL));
    keep(&goals, worksheet_set_column(goals.sheet, 0, 6, 14, NULL));
    keep(&progress, goals.error);
    keep(&progress, workbook_close(book)); /* frees the book, also when it fails */
    if (progress.error != LXW_NO_ERROR)
        FAIL(RC_IO, "%s", lxw_strerror(progress.error));
    return RC_OK;
}

#define MARK "capbuctl report" /* a workbook is a ZIP, all of which begin alike: its comment tells whose it is */

/* The comment's length ends an archive that has none (APPNOTE 4.3.16). */
static enum rc put_mark(int memory) {
    const uint8_t length[] = {sizeof MARK - 1, 0};
    off_t end = lseek(memory, 0, SEEK_END);
    if (end < 22 || pwrite(memory, length, sizeof length, end - 2) != sizeof length ||
        pwrite(memory, MARK, sizeof MARK - 1, end) != sizeof MARK - 1)
        FAIL(RC_IO, "cannot write the report: %s", strerror(errno));
    return RC_OK;
}

static enum rc copy(int memory, struct out_file *out) {
    char part[16384];
    ssize_t got;
    off_t at = 0;
    while ((got = pread(memory, part, sizeof part, at)) > 0) {
        TRY(out_file_add(out, span_of(part, (size_t)got)));
        at += got;
    }
    if (got < 0)
        FAIL(RC_IO, "cannot read the report back: %s", strerror(errno));
    return RC_OK;
}

enum rc report_xlsx(const struct site *s, const struct report *r, enum lang lang, const char *path,
                    const struct out_rules *rules) {
    AUTO(out_file) out = {0};
    AUTO_FD memory = memfd_create("report.xlsx", MFD_CLOEXEC);
    if (memory < 0)
        FAIL(RC_LIMIT, "out of memory");
    TRY(out_file_open(path, (struct out_mark){.holds = MARK}, rules, &out));
    enum rc rc = book_write(s, r, lang, memory);
    if (rc == RC_OK)
        rc = put_mark(memory);
    if (rc == RC_OK)
        rc = copy(memory, &out);
    return rc == RC_OK ? out_file_close(&out) : err_in(rc, "%s", path);
}
