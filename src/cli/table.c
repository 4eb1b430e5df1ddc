/* Prints the tables of screen and report. */
#include "cli/table.h"

#include <stdio.h>

#include "base/utf8.h"
#include "cli/tell.h"

/* 80 columns in all. */
#define KEY_WIDTH 23
#define COLUMNS   6

static int width_of(const char *text) {
    int width = 0;

    for (const char *p = text; *p != '\0'; p++)
        width += (*p & 0xc0) != 0x80; /* a continuation byte of UTF-8 is no character */
    return width;
}

void table_left(const char *text, int width) {
    int blanks = width - width_of(text);

    printf("%s%*s", text, blanks > 0 ? blanks : 0, "");
}

void table_right(const char *text, int width) {
    int blanks = width - width_of(text);

    printf("%*s%s", blanks > 0 ? blanks : 0, "", text);
}

struct column {
    const char *name[2]; /* by enum lang */
    enum report_column what;
    int width;
};

#define SHARE REPORT_COLUMNS /* done of owed, in percent */

static const struct column SHOWN[COLUMNS] = {
    {{"Phải bù", "owed"}, REPORT_OWED, 9},
    {{"Đã xong", "done"}, REPORT_DONE, 8},
    {{"%", "%"}, SHARE, 6},
    {{"Chờ xác nhận", "issued"}, REPORT_ISSUED, 13},
    {{"Chờ xử lý", "held"}, REPORT_HELD, 10},
    {{"Ngoài diện", "refused"}, REPORT_REFUSED, 11},
};

static void cell(const struct report_line *l, const struct column *c) {
    char text[32] = "-";
    int share = report_share(l);

    if (c->what != SHARE)
        (void)snprintf(text, sizeof text, "%lld", (long long)report_cell(l, c->what));
    else if (share >= 0)
        (void)snprintf(text, sizeof text, "%d%c%d", share / 10, tell_lang() == LANG_VI ? ',' : '.', share % 10);
    table_right(text, c->width);
}

/* A key that is too long has a line of its own. */
static void line(const char *key, const struct report_line *l) {
    table_left(key, KEY_WIDTH);
    if (width_of(key) > KEY_WIDTH)
        printf("\n%*s", KEY_WIDTH, "");
    for (int c = 0; c < COLUMNS; c++)
        cell(l, &SHOWN[c]);
    puts("");
}

void table_report(const struct report *r) {
    struct report_line sum = report_sum(r);

    table_left(report_title(tell_lang(), r->by), KEY_WIDTH);
    for (int c = 0; c < COLUMNS; c++)
        table_right(SHOWN[c].name[tell_lang()], SHOWN[c].width);
    puts("");
    for (int32_t i = 0; i < r->line_count; i++) {
        char key[sizeof r->lines[i].key];
        (void)snprintf(key, sizeof key, "%s", report_key(tell_lang(), r, &r->lines[i]));
        utf8_tame(key); /* who helped is named by an import file */
        line(key, &r->lines[i]);
    }
    line(report_total_name(tell_lang(), r->by), &sum);
}
