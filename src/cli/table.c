/* Prints the tables of screen and report. */
#include "cli/table.h"

#include <stdio.h>

#include "base/utf8.h"
#include "cli/tell.h"

#define KEY_WIDTH  28
#define LEAST      10
#define COLUMNS(a) ((int)(sizeof(a) / sizeof(a)[0]))

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

void table_report(const struct report *r) {
    static const enum report_column shown[] = {REPORT_OWED, REPORT_DONE, REPORT_ISSUED, REPORT_HELD, REPORT_REFUSED};
    int width[COLUMNS(shown)];

    table_left(report_title(tell_lang(), r->by), KEY_WIDTH);
    for (int c = 0; c < COLUMNS(shown); c++) {
        const char *name = report_column_name(tell_lang(), shown[c]);
        width[c] = width_of(name) > LEAST ? width_of(name) : LEAST;
        printf(" ");
        table_right(name, width[c]);
    }
    puts("");
    for (int32_t i = 0; i < r->line_count; i++) {
        char key[sizeof r->lines[i].key];
        (void)snprintf(key, sizeof key, "%s", report_key(tell_lang(), r, &r->lines[i]));
        utf8_tame(key); /* who helped is named by an import file */
        table_left(key, KEY_WIDTH);
        for (int c = 0; c < COLUMNS(shown); c++)
            printf(" %*lld", width[c], (long long)report_cell(&r->lines[i], shown[c]));
        puts("");
    }
}
