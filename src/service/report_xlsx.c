/* Writes a report as a spreadsheet by libxlsxwriter: the only file that knows it. */
#include <xlsxwriter.h>

#include "service/cells.h"
#include "service/report.h"

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

static void number(struct sheet *s, int column, double value) {
    keep(s, worksheet_write_number(s->sheet, s->row, (lxw_col_t)column, value, NULL));
}

static void put_lines(struct sheet *s, const struct report *r) {
    text(s, 0, report_title(s->lang, r->by), s->bold);
    for (int c = 0; c < REPORT_COLUMNS; c++)
        text(s, 1 + c, report_column_name(s->lang, (enum report_column)c), s->bold);
    s->row++;
    for (int32_t i = 0; i < r->line_count; i++) {
        text(s, 0, r->lines[i].key, NULL);
        for (int c = 0; c < REPORT_COLUMNS; c++)
            number(s, 1 + c, (double)report_cell(&r->lines[i], (enum report_column)c));
        s->row++;
    }
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
        day_format(c->goals[i].by, by);
        text(s, 0, c->goals[i].id, NULL);
        text(s, 1, by, NULL);
        number(s, 2, c->goals[i].percent);
        number(s, 3, (double)st->owed);
        number(s, 4, (double)st->done);
        number(s, 5, st->percent_tenths / 10.0);
        text(s, 6, met[st->met][s->lang], NULL);
        s->row++;
    }
}

static void put_facts(struct sheet *s, const struct campaign *c, const struct report *r) {
    char as_of[INSTANT_TEXT];
    cell_instant(r->now, as_of);
    text(s, 0, c->title, s->bold);
    s->row++;
    text(s, 0, as_of, NULL);
    s->row++;
}

enum rc report_xlsx(const struct site *s, const struct report *r, enum lang lang, const char *path) {
    static const char *const names[][2] = {{"Tiến độ", "Progress"}, {"Mục tiêu", "Goals"}};
    lxw_workbook *book = workbook_new(path);
    if (book == NULL)
        FAIL(RC_IO, "%s: a spreadsheet cannot be made there", path);
    struct sheet progress = {
        .sheet = workbook_add_worksheet(book, names[0][lang]), .bold = workbook_add_format(book), .lang = lang};
    struct sheet goals = {.sheet = workbook_add_worksheet(book, names[1][lang]), .bold = progress.bold, .lang = lang};
    format_set_bold(progress.bold);
    put_facts(&progress, &s->campaign, r);
    put_lines(&progress, r);
    put_goals(&goals, &s->campaign, r);
    keep(&progress, worksheet_set_column(progress.sheet, 0, 0, 36, NULL));
    keep(&progress, goals.error);
    keep(&progress, workbook_close(book)); /* frees the book, also when it fails */
    if (progress.error != LXW_NO_ERROR)
        FAIL(RC_IO, "%s: %s", path, lxw_strerror(progress.error));
    return RC_OK;
}
