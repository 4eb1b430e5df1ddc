/* The import file's header: any order, a byte order mark or none, but nothing missing, nothing twice, nothing unknown.
 */
#include <string.h>
#include <strings.h>

#include "service/intake/import_row.h"

static const char *const names[IMPORT_COLUMNS] = {
    [COLUMN_CONTRACT] = "contract",
    [COLUMN_TAX_CODE] = "tax_code",
    [COLUMN_NAME] = "name",
    [COLUMN_PROVINCE] = "province",
    [COLUMN_DEVICE] = "device",
    [COLUMN_CONTRACT_TO] = "contract_to",
    [COLUMN_STATUS] = "status",
    [COLUMN_CERTIFICATE] = "certificate",
    [COLUMN_CONTRACT_FROM] = "contract_from",
    [COLUMN_TOKEN_SERIAL] = "token_serial",
    [COLUMN_EMAIL] = "email",
    [COLUMN_PHONE] = "phone",
    [COLUMN_AM] = "am",
    [COLUMN_AGENT] = "agent",
    [COLUMN_STATUS_AT] = "status_at",
};

static const uint32_t untold[IMPORT_COLUMNS] = {
    [COLUMN_CONTRACT_FROM] = CERT_CONTRACT_FROM,
    [COLUMN_TOKEN_SERIAL] = CERT_TOKEN_SERIAL,
    [COLUMN_EMAIL] = CERT_EMAIL,
    [COLUMN_PHONE] = CERT_PHONE,
    [COLUMN_AM] = CERT_AM,
    [COLUMN_AGENT] = CERT_AGENT,
    [COLUMN_STATUS_AT] = CERT_STATUS_AT,
};

const char *import_column_name(enum import_column column) {
    return names[column];
}

#define NO_BREAK "\xc2\xa0" /* what comes from a web page or a word processor instead of a blank */

static size_t blank_at(struct span s) {
    if (s.len > 0 && s.ptr[0] == ' ')
        return 1;
    return s.len > 1 && memcmp(s.ptr, NO_BREAK, 2) == 0 ? 2 : 0;
}

static size_t blank_before(struct span s) {
    if (s.len > 0 && s.ptr[s.len - 1] == ' ')
        return 1;
    return s.len > 1 && memcmp(s.ptr + s.len - 2, NO_BREAK, 2) == 0 ? 2 : 0;
}

static struct span trim(struct span s) {
    for (size_t n; (n = blank_at(s)) > 0;)
        s = span_of(s.ptr + n, s.len - n);
    for (size_t n; (n = blank_before(s)) > 0;)
        s.len -= n;
    return s;
}

static bool is_called(struct span name, const char *word) {
    return name.len == strlen(word) && strncasecmp((const char *)name.ptr, word, name.len) == 0;
}

static int find(struct span name) {
    for (int i = 0; i < IMPORT_COLUMNS; i++)
        if (is_called(name, names[i]))
            return i;
    return -1;
}

/* Our own list of refusals, mended, is a file too: its first two columns are ours. */
static size_t ours_in(const struct csv *header) {
    return header->fields > 2 && is_called(trim(header->field[0]), "line") &&
                   (is_called(trim(header->field[1]), "reason") || is_called(trim(header->field[1]), "warning"))
               ? 2
               : 0;
}

static int shown(struct span s) { /* enough of a name to recognise it */
    return s.len < 40 ? (int)s.len : 40;
}

static enum rc place(struct span name, int at, bool ignore, struct import_header *h) {
    int column = find(name);
    if (column < 0 && ignore)
        return RC_OK;
    if (column < 0)
        FAIL(RC_INPUT, "unknown column \"%.*s\": correct its name, remove it, or say --ignore-columns", shown(name),
             (const char *)name.ptr);
    if (h->place[column] >= 0)
        FAIL(RC_INPUT, "column %s stands in the header twice: remove one", names[column]);
    h->place[column] = at;
    return RC_OK;
}

enum rc import_header_read(const struct csv *header, bool ignore, struct import_header *out) {
    struct import_header h = {.fields = header->fields, .ours = ours_in(header), .ignore = ignore};
    while (h.fields > 0 && trim(header->field[h.fields - 1]).len == 0)
        h.fields--; /* columns that a spreadsheet once had */
    for (int i = 0; i < IMPORT_COLUMNS; i++)
        h.place[i] = -1;
    for (size_t i = h.ours; i < h.fields; i++)
        TRY(place(trim(header->field[i]), (int)i, ignore, &h));
    for (int i = 0; i <= COLUMN_CERTIFICATE; i++)
        if (h.place[i] < 0)
            FAIL(RC_INPUT, "the header has no column %s: the first line must name the columns", names[i]);
    for (int i = COLUMN_CERTIFICATE + 1; i < IMPORT_COLUMNS; i++)
        h.untold |= h.place[i] < 0 ? untold[i] : 0;
    *out = h;
    return RC_OK;
}

bool import_is_blank(const struct csv *record) {
    for (size_t i = 0; i < record->fields; i++)
        if (trim(record->field[i]).len > 0)
            return false;
    return true;
}

bool import_fits(const struct import_header *h, const struct csv *record) {
    if (record->fields < h->fields)
        return false;
    for (size_t i = h->fields; i < record->fields && !h->ignore; i++)
        if (trim(record->field[i]).len > 0)
            return false;
    return true;
}

struct span import_cell(const struct import_header *h, const struct csv *record, enum import_column column) {
    int at = h->place[column];
    if (at < 0 || (size_t)at >= record->fields)
        return (struct span){0};
    return trim(h->ours > 0 ? csv_unguarded(record->field[at]) : record->field[at]);
}
