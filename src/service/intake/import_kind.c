/* Knows the kinds by their first bytes; of what is packed as ZIP, by the names of its parts. */
#include "service/intake/import_kind.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD 4096
#define TAIL 65536 /* of a ZIP: its parts are named there once more, many of them */

struct look {
    char bytes[TAIL];
    size_t len;
};

static void look_at(int fd, off_t at, size_t most, struct look *out) {
    ssize_t got = pread(fd, out->bytes, most, at);
    out->len = got < 0 ? 0 : (size_t)got;
}

static bool begins(const struct look *l, const char *with, size_t len) {
    return l->len >= len && memcmp(l->bytes, with, len) == 0;
}

static bool has(const struct look *l, const char *word) {
    return memmem(l->bytes, l->len, word, strlen(word)) != NULL;
}

static enum rc refuse_zip(int fd, struct look *l) {
    struct stat st;
    if (has(l, "opendocument.spreadsheet"))
        FAIL(RC_INPUT, "a spreadsheet of LibreOffice (.ods), no CSV: open it, choose File, Save As, Text CSV with "
                       "character set Unicode (UTF-8), and import that file");
    bool xlsx = has(l, "xl/workbook.");
    off_t size = fstat(fd, &st) == 0 ? st.st_size : 0;
    look_at(fd, size > TAIL ? size - TAIL : 0, TAIL, l);
    if (xlsx || has(l, "xl/workbook."))
        FAIL(RC_INPUT, "a workbook of Excel (.xlsx), no CSV: open it, choose File, Save As, type CSV UTF-8 (Comma "
                       "delimited), and import that file");
    FAIL(RC_INPUT, "packed as ZIP, no CSV: unpack it, and import the CSV file inside");
}

/* A report that some program calls .xls. */
static bool is_page(const struct look *l) {
    static const char *const tags[] = {"<html", "<!doctype", "<?xml", "<table"};
    size_t at = begins(l, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < l->len && strchr(" \t\r\n", l->bytes[at]) != NULL)
        at++;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (l->len - at >= strlen(tags[i]) && strncasecmp(l->bytes + at, tags[i], strlen(tags[i])) == 0)
            return true;
    return false;
}

enum rc kind_check(int fd) {
    struct look l;
    look_at(fd, 0, HEAD, &l);
    if (begins(&l, "PK\3\4", 4) || begins(&l, "PK\5\6", 4))
        return refuse_zip(fd, &l);
    if (begins(&l, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
        FAIL(RC_INPUT, "a workbook of Excel 97 (.xls) or one with a password, no CSV: open it, choose File, Save As, "
                       "type CSV UTF-8 (Comma delimited), and import that file");
    if (begins(&l, "%PDF-", 5))
        FAIL(RC_INPUT, "a PDF, no CSV: it is for reading; export the data as CSV UTF-8 where they come from");
    if (begins(&l, "\x1f\x8b", 2))
        FAIL(RC_INPUT, "packed by gzip (.gz), no CSV: unpack it with gunzip, and import the CSV file inside");
    if (is_page(&l))
        FAIL(RC_INPUT, "a web page or XML, no CSV, even if it is called .xls: open it in a spreadsheet, choose File, "
                       "Save As, type CSV UTF-8 (Comma delimited), and import that file");
    return RC_OK;
}
