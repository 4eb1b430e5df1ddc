/* Writes a report as a spreadsheet by libxlsxwriter: the only file that knows it. */
#include <xlsxwriter.h>

#include "service/cells.h"
#include "service/report.h"

struct sheet {
    lxw_worksheet *sheet;
    lxw_format *bold;
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

static void heads(struct sheet *s, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        text(s, i, names[i], s->bold);
    s->row++;
}

static void put_lines(struct sheet *s, const struct report *r) {
    static const char *const names[] = {"",         "Phải bù",         "Đã xong",          "Đã cấp, chờ xác nhận",
                                        "Giữ lại",  "Tự thực hiện",    "Không thuộc diện", "Đã báo: thuế",
                                        "Hải quan", "Bảo hiểm xã hội", "Hóa đơn điện tử",  "Ngân hàng",
                                        "Đấu thầu"};
    heads(s, names, 7 + MARK_COUNT);
    for (int32_t i = 0; i < r->line_count; i++) {
        const struct report_line *l = &r->lines[i];
        const int64_t counts[] = {l->tally.owed, l->tally.done,      l->tally.issued,
                                  l->tally.held, l->tally.done_self, l->refused};
        text(s, 0, l->key, NULL);
        for (int c = 0; c < 6; c++)
            number(s, c + 1, (double)counts[c]);
        for (int m = 0; m < MARK_COUNT; m++)
            number(s, 7 + m, (double)l->told[m]);
        s->row++;
    }
}

static void put_goals(struct sheet *s, const struct campaign *c, const struct report *r) {
    static const char *const names[] = {"Mục tiêu", "Hạn",     "Cần đạt (%)", "Phải bù",
                                        "Đã xong",  "Đạt (%)", "Đạt mục tiêu"};
    heads(s, names, 7);
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
        text(s, 6, st->met ? "có" : "chưa", NULL);
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

enum rc report_xlsx(const struct site *s, const struct report *r, const char *path) {
    lxw_workbook *book = workbook_new(path);
    if (book == NULL)
        FAIL(RC_IO, "%s: a spreadsheet cannot be made there", path);
    struct sheet progress = {.sheet = workbook_add_worksheet(book, "Tiến độ"), .bold = workbook_add_format(book)};
    struct sheet goals = {.sheet = workbook_add_worksheet(book, "Mục tiêu"), .bold = progress.bold};
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
